// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/read_set.hpp"

#include <algorithm>

namespace weft::execution::parallel {

bool ReadSet::AccountRead::holds(const std::optional<state::Account>& now) const noexcept {
    const state::Account current = now.value_or(state::Account{});
    const auto has_observed = [this](state::Observed aspect) { return (observed & aspect) != 0; };
    if (has_observed(state::kObservedExistence) && existed != now.has_value()) return false;
    if (has_observed(state::kObservedEmptiness) && value.is_empty() != current.is_empty()) return false;
    if (has_observed(state::kObservedNonce) && value.nonce != current.nonce) return false;
    if (has_observed(state::kObservedBalance) && value.balance != current.balance) return false;
    if (has_observed(state::kObservedCode) && value.code_hash != current.code_hash) return false;
    return !has_observed(state::kObservedHasStorage) || value.has_storage == current.has_storage;
}

void ReadSet::assign(const state::State& execution, std::span<const VersionedView::WipedRead> wiped_reads) {
    accounts_.clear();
    const auto& accounts = execution.accounts();
    for (uint32_t i = 0; i < accounts.size(); ++i) {
        const state::AccountEntry& read = accounts[i];
        if (read.loaded && read.observed != 0)
            accounts_.push_back({.addr = read.addr, .observed = read.observed, .existed = read.existed, .value = read.original});
    }
    slots_.clear();
    const auto& slots = execution.slots();
    for (uint32_t i = 0; i < slots.size(); ++i) {
        const state::SlotEntry& read = slots[i];
        if (read.read) slots_.push_back({.addr = accounts[read.account].addr, .slot = read.key, .value = read.original});
    }
    wiped_reads_.assign(wiped_reads.begin(), wiped_reads.end());
}

bool ReadSet::holds(state::StateView& now) const {
    for (const AccountRead& read : accounts_) {
        const auto answer = now.account(read.addr);
        if (!answer || !read.holds(*answer)) return false;
    }
    for (const SlotRead& read : slots_) {
        const auto answer = now.storage(read.addr, read.slot);
        if (!answer || *answer != read.value) return false;
    }
    return true;
}

bool ReadSet::wipes_hold(const CommittedWipes& committed) const {
    for (const VersionedView::WipedRead& read : wiped_reads_) {
        const auto last = committed.find(read.addr);
        if (last == committed.end() || last->second != read.wiped_by) return false;
    }
    if (committed.empty()) return true;
    // What was read under no wipe must still be under none.
    return std::ranges::all_of(slots_, [&](const SlotRead& read) {
        return !committed.contains(read.addr) ||
               std::ranges::any_of(wiped_reads_, [&](const VersionedView::WipedRead& wiped) { return wiped.addr == read.addr; });
    });
}

}  // namespace weft::execution::parallel
