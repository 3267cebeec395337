// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/versioned_view.hpp"

#include "weft/base/optimisation.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weft::execution::parallel {

using state::ReadError;
using state::ReadResult;

namespace {

/// Whether both call the same function of the same contract.
bool is_call_like(const types::Transaction& a, const types::Transaction& b) noexcept {
    const auto selector_of = [](const types::Transaction& call) {
        return bytes_view(call.data).first(std::min<size_t>(call.data.size(), 4));
    };
    return a.to == b.to && std::ranges::equal(selector_of(a), selector_of(b));
}

}  // namespace

void VersionedView::begin(Position reader, MultiVersionMemory& memory, state::StateView& base, const sync::Atomic<bool>& given_up) {
    reader_ = reader;
    blocker_ = kNobody;
    memory_ = &memory;
    base_ = &base;
    given_up_ = &given_up;
    block_ = {};
    all_below_is_final_ = false;
    watched_.clear();
    gas_at_early_store_.reset();
    offered_ = Offered::nothing;
    parties_ = {};
    last_account_ = nullptr;
    accounts_read_.clear();
    slots_read_.clear();
    may_lack_credits_ = may_lack_additions_ = false;
    has_foretold_ = false;
}

bool VersionedView::is_given_up() const noexcept {
    // Relaxed: seeing it late costs time only.
    return given_up_->load(sync::kRelaxed);
}

ReadError VersionedView::blocked_by(Position writer, MultiVersionMemory::SlotCell* slot) noexcept {
    blocker_ = writer;
    // Where he has written the slot, something else is in the way.
    blocked_at_ = slot == nullptr || MultiVersionMemory::is_written(*slot, writer, reader_) ? nullptr : slot;
    return {.kind = ReadError::Kind::blocked, .detail = writer};
}

/// Of who wrote there, if that was a transaction.
std::optional<uint32_t> VersionedView::task_at(Position position) const noexcept {
    if (position >= MultiVersionMemory::kSomebody || position < block_.first) return std::nullopt;
    return block_.scheduler->task_of(position - block_.first);
}

const types::Transaction& VersionedView::transaction_of(uint32_t task) const noexcept {
    return block_.transactions[block_.scheduler->transactions_of(task).begin];
}

/// What a counter will be when all before the reader that call the same function of the same contract have finished; nullopt: that cannot
/// be told.
std::optional<VersionedView::Foretold> VersionedView::foretell(MultiVersionMemory::SlotCell& cell) {
    if (!optimisation::kForetoldCounters || !may_wait() || !MultiVersionMemory::is_contended(cell)) return std::nullopt;
    auto count = memory_->count_of(cell, reader_);
    if (!count) return std::nullopt;
    const auto begin_of_unwritten = [&] {
        const auto writer = task_at(count->writer);
        return writer ? *writer + 1 : 0;
    };
    const uint32_t begin = begin_of_unwritten();
    const uint32_t reader = block_.scheduler->task_of(reader_ - block_.first);
    const types::Transaction& call = transaction_of(reader);
    if (begin != 0 && !is_call_like(transaction_of(begin - 1), call)) return std::nullopt;
    unfinished_.clear();
    for (uint32_t task = std::max(begin, block_.scheduler->frontier()); task < reader; ++task)
        if (!block_.scheduler->is_seen_executed(task) && is_call_like(transaction_of(task), call)) unfinished_.push_back(task);
    // Who has written in between is counted, and in the count too, if that is looked at first.
    count = memory_->count_of(cell, reader_);
    if (!count || begin_of_unwritten() < begin) return std::nullopt;
    const auto missing = unfinished_.end() - std::ranges::lower_bound(unfinished_, begin_of_unwritten());
    return Foretold{.value = count->value + count->step * static_cast<uint64_t>(missing), .is_written = missing == 0};
}

/// The unfinished transaction that will probably write a slot which somebody has read too early; kNobody: none.
Position VersionedView::worth_waiting_for(const MultiVersionMemory::SlotCell& cell) const noexcept {
    if (!may_wait() || !MultiVersionMemory::is_contended(cell)) return kNobody;
    const uint32_t reader = block_.scheduler->task_of(reader_ - block_.first);
    if (!block_.scheduler->is_dear(reader) && !MultiVersionMemory::knows_last_store(cell)) return kNobody;
    const auto [first, last] = MultiVersionMemory::contention_of(cell);
    const auto unfinished = block_.scheduler->unfinished_writer(reader, task_at(first), task_at(last));
    return unfinished ? block_.first + block_.scheduler->transactions_of(*unfinished).begin : kNobody;
}

MultiVersionMemory::AccountCell& VersionedView::account_cell(const address& addr) {
    const auto is_it = [&](const MultiVersionMemory::AccountCell* cell) {
        return cell != nullptr && MultiVersionMemory::address_of(*cell) == addr;
    };
    if (is_it(last_account_)) return *last_account_;
    if (is_it(parties_.sender)) return *(last_account_ = parties_.sender);
    if (is_it(parties_.recipient)) return *(last_account_ = parties_.recipient);
    return *(last_account_ = &memory_->cell_of(addr, *pool_));
}

ReadResult<std::optional<state::Account>> VersionedView::account(const address& addr) {
    blocker_ = kNobody;
    if (is_given_up()) return std::unexpected(ReadError{.kind = ReadError::Kind::failed, .detail = kGivenUp});
    MultiVersionMemory::AccountCell& cell = account_cell(addr);
    std::optional<state::Account> value;
    auto reading = memory_->read(cell, reader_, value);
    if (reading.needs_base) {
        const auto base = base_->account(addr);
        if (!base) return base;
        memory_->set_base(cell, *base);
        reading = memory_->read(cell, reader_, value);
    }
    if (reading.blocker != kNobody) return std::unexpected(blocked_by(reading.blocker, nullptr));
    accounts_read_.push_back({.cell = &cell, .changes = reading.changes});
    may_lack_credits_ = may_lack_credits_ || MultiVersionMemory::may_lack_credits(cell);
    return value;
}

ReadResult<MultiVersionMemory::Reading> VersionedView::read(MultiVersionMemory::SlotCell& cell, MultiVersionMemory::Estimates estimates,
                                                            uint256& value) {
    auto reading = memory_->read(cell, reader_, value, estimates);
    if (reading.needs_base) {
        const auto [account, slot, aspects] = MultiVersionMemory::location_of(cell);
        const auto base = base_->storage(account, *slot);
        if (!base) return std::unexpected(base.error());
        memory_->set_base(cell, *base);
        reading = memory_->read(cell, reader_, value, estimates);
    }
    if (reading.blocker != kNobody) return std::unexpected(blocked_by(reading.blocker, &cell));
    return reading;
}

bool VersionedView::is_offered(const MultiVersionMemory::SlotCell& cell) const noexcept {
    switch (offered_) {
        case Offered::nothing:
            return false;
        case Offered::deferred_slots:
            return MultiVersionMemory::defers_additions(cell);
        case Offered::hot_slots:
            return memory_->is_hot(cell);
    }
    std::unreachable();
}

/// The reader will know the slot's value. Who commits has what was added to it published anyway.
void VersionedView::observe_value(MultiVersionMemory::SlotCell& cell) noexcept {
    if (!MultiVersionMemory::may_lack_additions(cell)) return;
    may_lack_additions_ = true;
    if (block_.scheduler != nullptr) MultiVersionMemory::value_is_observed(cell);
}

ReadResult<uint256> VersionedView::storage(const address& addr, const uint256& slot) {
    using Estimates = MultiVersionMemory::Estimates;
    using Verdict = RelativeUses::Verdict;
    blocker_ = kNobody;
    if (is_given_up()) return std::unexpected(ReadError{.kind = ReadError::Kind::failed, .detail = kGivenUp});
    MultiVersionMemory::SlotCell& cell = memory_->cell_of(account_cell(addr), slot, *base_, *pool_);
    if (const uint256* base = memory_->base_of_untouched(cell)) {
        slots_read_.push_back({.cell = &cell, .changes = 0, .wiped_by = kNobody, .value = *base});
        return *base;
    }
    const Verdict verdict = is_offered(cell) ? MultiVersionMemory::relative_uses_of(cell).verdict() : Verdict::in_vain;
    const auto foretold = verdict == Verdict::good ? std::nullopt : foretell(cell);
    if (verdict == Verdict::in_vain || (foretold && !foretold->is_written)) observe_value(cell);
    if (foretold && !foretold->is_written) {
        has_foretold_ = true;
        constexpr uint32_t kChanges = MultiVersionMemory::kNotRead;
        slots_read_.push_back({.cell = &cell, .changes = kChanges, .wiped_by = kNobody, .value = foretold->value});
        return foretold->value;
    }
    const bool need_not_wait = verdict == Verdict::good || foretold;
    if (!need_not_wait)
        if (const Position writer = worth_waiting_for(cell); writer != kNobody && !MultiVersionMemory::is_written(cell, writer, reader_))
            return std::unexpected(blocked_by(writer, &cell));
    uint256 value;
    const auto reading = read(cell, need_not_wait ? Estimates::passed_over : Estimates::waited_for, value);
    if (!reading) return std::unexpected(reading.error());
    slots_read_.push_back({.cell = &cell, .changes = reading->changes, .wiped_by = reading->wiped_by, .value = value});
    if (verdict != Verdict::in_vain) return std::unexpected(ReadError{.kind = ReadError::Kind::relative, .detail = slots_read_.size() - 1});
    if (optimisation::kEarlyStores && block_.scheduler != nullptr && MultiVersionMemory::is_contended(cell)) {
        watched_.push_back({.read = slots_read_.size() - 1});
        return std::unexpected(ReadError{.kind = ReadError::Kind::watched, .detail = watched_.size() - 1});
    }
    return value;
}

void VersionedView::stored(uint64_t ticket, const uint256& value) {
    Watched& watched = watched_[ticket];
    MultiVersionMemory::SlotRead& read = slots_read_[watched.read];
    if (!MultiVersionMemory::is_last_store(*read.cell, ++watched.stores) || watched.early == kMostEarly) return;
    ++watched.early;
    gas_at_early_store_ = execution_->gas_spent();
    memory_->publish_early(reader_, *writes_, read, value, *pool_);
    block_.scheduler->written(block_.scheduler->task_of(reader_ - block_.first), read.cell);
}

void VersionedView::note_stores() const noexcept {
    for (const Watched& watched : watched_) MultiVersionMemory::note_stores(*slots_read_[watched.read].cell, watched.stores);
}

bool VersionedView::await_store() const {
    constexpr unsigned kLooks = sync::limit(200U, 1U);
    if (blocked_at_ == nullptr || !MultiVersionMemory::knows_last_store(*blocked_at_)) return false;
    const unsigned pauses_between = sync::pauses_in(std::chrono::nanoseconds(150));
    const uint32_t writer = block_.scheduler->task_of(blocker_ - block_.first);
    for (unsigned i = 0; i < kLooks && block_.scheduler->is_seen_executing(writer); ++i) {
        for (unsigned j = 0; j < pauses_between; ++j) sync::pause();
        if (MultiVersionMemory::is_written(*blocked_at_, blocker_, reader_)) return true;
    }
    return false;
}

ReadResult<const state::Code*> VersionedView::code(const hash32& code_hash) {
    blocker_ = kNobody;
    if (const state::Code* deployed = memory_->code(code_hash)) return deployed;
    return base_->code(code_hash);
}

ReadResult<hash32> VersionedView::block_hash(uint64_t number) {
    blocker_ = kNobody;
    return base_->block_hash(number);
}

}  // namespace weft::execution::parallel
