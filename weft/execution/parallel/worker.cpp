// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/worker.hpp"

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

Attempt& Worker::take_attempt() {
    if (free_attempts_.empty()) {
        attempts_.push_back(std::make_unique<Attempt>());
        free_attempts_.push_back(attempts_.back().get());
    }
    Attempt& attempt = *free_attempts_.back();
    free_attempts_.pop_back();
    return attempt;
}

void Worker::recycle(Attempt& attempt) {
    attempt.writes.clear();
    attempt.has_result = false;
    if (attempt.result) trim(*attempt.result);
    attempt.gas_ahead = UINT64_MAX;
    attempt.repetitions = 0;
    attempt.held_after = kNever;
    free_attempts_.push_back(&attempt);
}

void Worker::look_up_parties(const BlockInput& block, uint32_t begin, uint32_t end, MultiVersionMemory& memory, state::StateView& base) {
    first_known_ = begin;
    known_.clear();
    for (uint32_t i = begin; i < end; ++i) {
        const auto& sender = block.senders[i];
        const auto& recipient = block.transactions[i].to;
        known_.push_back({.sender = sender ? &memory.cell_of(*sender, *cells) : nullptr,
                          .recipient = recipient ? &memory.cell_of(*recipient, *cells) : nullptr});
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
