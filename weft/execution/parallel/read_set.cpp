// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/read_set.hpp"

namespace weft::execution::parallel {

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
    accounts_.clear();
    const auto& accounts = execution.accounts();
    for (uint32_t i = 0; i < accounts.size(); ++i) {
        const state::AccountEntry& account = accounts[i];
        if (!account.loaded || account.observed == 0) continue;
        const ObservedRead& entry = accounts_.emplace_back(reads.accounts[account.answer], AccountObservation::of(account));
        if (entry.observation.depends_on_balance()) MultiVersionMemory::balance_is_observed(*entry.read.cell);
    }
    slots_.assign(reads.slots.begin(), reads.slots.end());
}

bool ReadSet::holds(MultiVersionMemory& memory, Position reader) const {
    const auto is_answered = [](const MultiVersionMemory::Reading& reading) { return reading.blocker == kNobody && !reading.needs_base; };
    for (const auto& [read, observation] : accounts_) {
        if (memory.is_unchanged(read)) continue;
        std::optional<state::Account> now;
        if (!is_answered(memory.read(*read.cell, reader, now)) || !observation.holds(now)) return false;
    }
    for (const MultiVersionMemory::SlotRead& read : slots_) {
        if (memory.is_unchanged(read)) continue;
        uint256 now;
        const auto reading = memory.read(*read.cell, reader, now);
        if (!is_answered(reading) || now != read.value || reading.wiped_by != read.wiped_by) return false;
    }
    return true;
}

}  // namespace weft::execution::parallel
