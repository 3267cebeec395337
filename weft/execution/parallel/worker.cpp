// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/worker.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/prefetch.hpp"

#include <algorithm>
#include <utility>

namespace weft::execution::parallel {

namespace {

void trim(TransactionResult& result) noexcept {
    constexpr size_t kKeptChanges = 16;
    constexpr size_t kKeptOutput = 4096;
    result.changes.clear();
    if (result.changes.capacity() > kKeptChanges) result.changes = {};
    if (result.output.capacity() > kKeptOutput) result.output = {};
}

}  // namespace

void Attempt::account_for_waits(std::optional<uint64_t> gas_at_store) noexcept {
    // What the lines of memory take that go from core to core, in the time that gas takes.
    constexpr uint64_t kGasOfWait = 15'000;
    if (gas_at_store) gas_ahead += gas_used - std::min(std::max(*gas_at_store, gas_ahead), gas_used);
    const uint64_t cost = waits * kGasOfWait;
    // Nothing at all would be a repetition.
    gas_ahead = gas_ahead > cost ? gas_ahead - cost : std::min<uint64_t>(gas_ahead, 1);
}

void AttemptPool::fetch(std::vector<Attempt*>& at_hand) {
    constexpr size_t kAtOnce = 16;
    {
        const sync::LockGuard<sync::SpinLock> lock(lock_);
        if (!free_.empty()) {
            const auto begin = free_.end() - static_cast<ptrdiff_t>(std::min(free_.size(), kAtOnce));
            at_hand.insert(at_hand.end(), begin, free_.end());
            free_.erase(begin, free_.end());
            return;
        }
    }
    auto fresh = std::make_unique<Attempt>();
    const sync::LockGuard<sync::SpinLock> lock(lock_);
    free_.reserve(all_.size() + 1);
    at_hand.push_back(all_.emplace_back(std::move(fresh)).get());
}

void AttemptPool::give_back(std::span<Attempt* const> attempts) noexcept {
    const sync::LockGuard<sync::SpinLock> lock(lock_);
    free_.insert(free_.end(), attempts.begin(), attempts.end());
}

void Worker::join(uint32_t its_number, AttemptPool& its_attempts, MultiVersionMemory::CellPool& its_cells) {
    number = its_number;
    attempts = &its_attempts;
    cells = &its_cells;
    at_hand_.reserve(kMostAtHand);
}

Attempt& Worker::take_attempt() {
    if (at_hand_.empty()) attempts->fetch(at_hand_);
    Attempt& attempt = *at_hand_.back();
    at_hand_.pop_back();
    return attempt;
}

void Worker::recycle(Attempt& attempt) noexcept {
    WEFT_ASSERT(attempt.context == nullptr);
    attempt.writes.clear();
    attempt.has_result = false;
    if (attempt.result) trim(*attempt.result);
    attempt.gas_ahead = Attempt::kAll;
    attempt.repetitions = 0;
    attempt.is_of_payments = false;
    attempt.has_relative_slots = attempt.has_foretold_slots = false;
    attempt.held_after = kNever;
    if (at_hand_.size() == kMostAtHand) {
        constexpr size_t kKept = kMostAtHand / 2;
        attempts->give_back(std::span{at_hand_}.subspan(kKept));
        at_hand_.resize(kKept);
    }
    at_hand_.push_back(&attempt);
}

void Worker::look_up_parties(const BlockInput& block, uint32_t begin, uint32_t end, MultiVersionMemory& memory, state::StateView& base) {
    first_known_ = begin;
    known_.clear();
    for (uint32_t i = begin; i < end; ++i) prefetch(block.transactions[i]);
    for (uint32_t i = begin; i < end; ++i) {
        const auto& sender = block.senders[i];
        const auto& recipient = block.transactions[i].to;
        known_.push_back({.sender = sender ? &memory.cell_of(*sender, *cells) : nullptr,
                          .recipient = recipient ? &memory.cell_of(*recipient, *cells) : nullptr});
        prefetch_beginning(block.transactions[i].data);
    }
    const auto knows_base = [&](MultiVersionMemory::AccountCell* cell) {
        if (cell == nullptr || MultiVersionMemory::has_base(*cell)) return true;
        const auto answer = base.account(MultiVersionMemory::address_of(*cell));
        if (answer) memory.set_base(*cell, *answer);
        return answer.has_value();
    };
    // Without an answer, whoever executes asks again.
    for (const auto& [sender, recipient] : known_)
        if (!knows_base(sender) || !knows_base(recipient)) return;
}

}  // namespace weft::execution::parallel
