// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/read_set.hpp"

#include "weft/base/planted_fault.hpp"

#include <algorithm>

namespace weft::execution::parallel {

namespace {

bool is_answered(const MultiVersionMemory::Reading& reading) noexcept { return reading.blocker == kNobody && !reading.needs_base; }

}  // namespace

bool AccountObservation::holds(const std::optional<state::Account>& now) const noexcept {
    const state::Account current = now.value_or(state::Account{});
    const auto has_observed = [this](state::Observed aspect) { return (observed & aspect) != 0; };
    if (has_observed(state::kObservedExistence) && existed != now.has_value()) return false;
    if (has_observed(state::kObservedEmptiness) && value.is_empty() != current.is_empty()) return false;
    if (has_observed(state::kObservedNonce) && value.nonce != current.nonce) return false;
    if (has_observed(state::kObservedBalance) && value.balance != current.balance) return false;
    if (has_observed(state::kObservedFunds) && (current.balance < least_funds || most_funds < current.balance)) return false;
    if (has_observed(state::kObservedCode) && value.code_hash != current.code_hash) return false;
    return !has_observed(state::kObservedHasStorage) || value.has_storage == current.has_storage;
}

uint8_t AccountObservation::changed_aspects(const std::optional<state::Account>& now) const noexcept {
    uint8_t changed = 0;
    for (uint32_t aspect = 1; aspect <= observed; aspect <<= 1) {
        AccountObservation single = *this;
        single.observed = static_cast<uint8_t>(observed & aspect);
        if (!single.holds(now)) changed |= single.observed;
    }
    return changed;
}

bool AccountObservation::depends_on_balance() const noexcept {
    if ((observed & (state::kObservedBalance | state::kObservedFunds)) != 0) return true;
    return (observed & (state::kObservedEmptiness | state::kObservedExistence)) != 0 && (!existed || value.is_empty());
}

bool ReadSet::lacks_credits(const state::State& execution, const VersionedView& view) {
    if (!view.may_lack_credits()) return false;
    const MultiVersionMemory::Reads reads = view.reads();
    const auto& accounts = execution.accounts();
    for (uint32_t i = 0; i < accounts.size(); ++i) {
        const state::AccountEntry& account = accounts[i];
        if (account.loaded && MultiVersionMemory::may_lack_credits(*reads.accounts[account.answer].cell) &&
            AccountObservation::of(account).depends_on_balance())
            return true;
    }
    return false;
}

void ReadSet::assign(const state::State& execution, const VersionedView& view) {
    const MultiVersionMemory::Reads reads = view.reads();
    accounts_.assign(reads.accounts.begin(), reads.accounts.end());
    slots_.assign(reads.slots.begin(), reads.slots.end());
    note_observations(execution);
    note_relative_slots(execution);
}

void ReadSet::take_over(const state::State& execution, VersionedView& view) {
    view.exchange_reads(accounts_, slots_);
    note_observations(execution);
    note_relative_slots(execution);
}

void ReadSet::note_observations(const state::State& execution) {
    observations_.clear();
    const auto& accounts = execution.accounts();
    for (uint32_t i = 0; i < accounts.size(); ++i) {
        const state::AccountEntry& account = accounts[i];
        if (!account.loaded || account.observed == 0) continue;
        Observation& observation = observations_.emplace_back();
        observation.read = account.answer;
        observation.what = AccountObservation::of(account);
        if (observation.what.depends_on_balance()) MultiVersionMemory::balance_is_observed(*accounts_[account.answer].cell);
    }
}

void ReadSet::note_relative_slots(const state::State& execution) {
    relative_slots_.clear();
    for (const state::RelativeSlot& relative : execution.relative_slots())
        if (!relative.tolerance.is_none()) relative_slots_.push_back(relative);
}

void ReadSet::presume(const MultiVersionMemory::AccountRead& read, const AccountObservation& presumed) {
    observations_.push_back({.read = static_cast<uint32_t>(accounts_.size()), .what = presumed});
    accounts_.push_back(read);
    if (presumed.depends_on_balance()) MultiVersionMemory::balance_is_observed(*read.cell);
}

void ReadSet::note_relative_uses(const state::State& execution, const VersionedView& view) {
    for (const state::RelativeSlot& relative : execution.relative_slots()) {
        MultiVersionMemory::SlotCell& cell = *view.reads().slots[relative.ticket].cell;
        const bool is_tolerant = !relative.tolerance.is_none();
        MultiVersionMemory::relative_uses_of(cell).note_end(is_tolerant);
        if (!is_tolerant) MultiVersionMemory::value_is_observed(cell);
    }
}

bool ReadSet::still_holds(const Observation& observation, MultiVersionMemory& memory, Position reader) const {
    const MultiVersionMemory::AccountRead& read = accounts_[observation.read];
    if (memory.is_unchanged(read)) return true;
    std::optional<state::Account> now;
    return is_answered(memory.read(*read.cell, reader, now)) && observation.what.holds(now);
}

bool ReadSet::still_holds(const MultiVersionMemory::SlotRead& read, MultiVersionMemory& memory, Position reader) const {
    if (memory.is_unchanged(read) || (is_planted(Fault::trusted_counter) && read.is_foretold())) return true;
    uint256 now;
    const auto reading = memory.read(*read.cell, reader, now);
    if (is_answered(reading) && (now == read.value || tolerates(read, now)) && reading.wiped_by == read.wiped_by) return true;
    const Position writer = is_answered(reading) ? MultiVersionMemory::last_writer(*read.cell, reader) : reading.blocker;
    MultiVersionMemory::contend(*read.cell, writer != kNobody ? writer : MultiVersionMemory::kSomebody);
    if (read.is_foretold() && is_answered(reading)) MultiVersionMemory::note_error(*read.cell);
    return false;
}

bool ReadSet::tolerates(const MultiVersionMemory::SlotRead& read, const uint256& now) const {
    const auto ticket = static_cast<uint64_t>(&read - slots_.data());
    const auto relative = std::ranges::find(relative_slots_, ticket, &state::RelativeSlot::ticket);
    if (relative == relative_slots_.end()) return false;
    if (is_planted(Fault::boundless_repair) || relative->tolerance.allows(read.value, now)) return true;
    MultiVersionMemory::relative_uses_of(*read.cell).note_conflict();
    return false;
}

/// By how much more the slot has now; nullopt: it is not there to be read.
std::optional<uint256> ReadSet::difference_now(const MultiVersionMemory::SlotRead& read, MultiVersionMemory& memory, Position reader) {
    uint256 now = read.value;
    if (!memory.is_unchanged(read)) {
        if (!is_answered(memory.read(*read.cell, reader, now))) return std::nullopt;
    }
    return now + memory.addition_to(*read.cell) - read.value;
}

/// What the reader has made of the slot, if it has changed it and left the account there. Whether it has.
bool ReadSet::move_change(const MultiVersionMemory::SlotRead& read, const uint256& difference, state::TransactionChanges& changes) {
    const Timeline::Location location = MultiVersionMemory::location_of(*read.cell);
    uint256* changed = state::find_changed_slot(changes, location.account, *location.slot);
    if (changed == nullptr) return false;
    *changed += difference;
    return true;
}

bool ReadSet::holds(MultiVersionMemory& memory, Position reader) const {
    const auto holds_now = [&](const auto& read) { return still_holds(read, memory, reader); };
    return std::ranges::all_of(observations_, holds_now) && std::ranges::all_of(slots_, holds_now);
}

bool ReadSet::may_hold(MultiVersionMemory& memory, Position reader) const {
    const auto holds_now = [&](const auto& read) { return still_holds(read, memory, reader); };
    const auto may_hold = [&](const MultiVersionMemory::SlotRead& read) { return read.is_foretold() || holds_now(read); };
    return std::ranges::all_of(observations_, holds_now) && std::ranges::all_of(slots_, may_hold);
}

// ---- What did not hold ----

Conflict ReadSet::conflict_of(const Observation& observation, MultiVersionMemory& memory, Position reader) const {
    MultiVersionMemory::AccountCell& cell = *accounts_[observation.read].cell;
    std::optional<state::Account> now;
    const auto reading = memory.read(cell, reader, now);
    Conflict conflict{.location = {.account = MultiVersionMemory::address_of(cell), .slot = {}}, .writer = reading.blocker};
    if (!is_answered(reading)) return conflict;
    conflict.location.aspects = observation.what.changed_aspects(now);
    conflict.writer = MultiVersionMemory::last_writer(cell, reader, conflict.location.aspects);
    return conflict;
}

Conflict ReadSet::conflict_of(const MultiVersionMemory::SlotRead& read, MultiVersionMemory& memory, Position reader) {
    uint256 now;
    const auto reading = memory.read(*read.cell, reader, now);
    Conflict conflict{.location = MultiVersionMemory::location_of(*read.cell), .writer = reading.blocker};
    if (!is_answered(reading)) return conflict;
    const Position writer = MultiVersionMemory::last_writer(*read.cell, reader);
    const bool is_wiped = reading.wiped_by != kNobody && (writer == kNobody || writer < reading.wiped_by);
    conflict.writer = is_wiped ? reading.wiped_by : writer;
    return conflict;
}

std::optional<Conflict> ReadSet::first_conflict(MultiVersionMemory& memory, Position reader) const {
    for (const Observation& observation : observations_)
        if (!still_holds(observation, memory, reader)) return conflict_of(observation, memory, reader);
    for (const MultiVersionMemory::SlotRead& read : slots_)
        if (!still_holds(read, memory, reader)) return conflict_of(read, memory, reader);
    return std::nullopt;
}

}  // namespace weft::execution::parallel
