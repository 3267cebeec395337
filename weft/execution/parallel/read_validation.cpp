// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/read_validation.hpp"

#include <algorithm>

namespace weft::execution::parallel {

namespace {

using state::Account;
using state::AccountEntry;

bool account_holds(const AccountEntry& read, const std::optional<Account>& now) noexcept {
    const Account& before = read.original;
    const Account current = now.value_or(Account{});
    const auto observed = [&](state::Observed aspect) { return (read.observed & aspect) != 0; };
    if (observed(state::kObservedExistence) && read.existed != now.has_value()) return false;
    if (observed(state::kObservedEmptiness) && before.is_empty() != current.is_empty()) return false;
    if (observed(state::kObservedNonce) && before.nonce != current.nonce) return false;
    if (observed(state::kObservedBalance) && before.balance != current.balance) return false;
    if (observed(state::kObservedCode) && before.code_hash != current.code_hash) return false;
    return !observed(state::kObservedHasStorage) || before.has_storage == current.has_storage;
}

}  // namespace

bool reads_hold(const state::State& execution, state::StateView& now) {
    const auto& accounts = execution.accounts();
    for (uint32_t i = 0; i < accounts.size(); ++i) {
        const AccountEntry& read = accounts[i];
        if (!read.loaded || read.observed == 0) continue;
        const auto answer = now.account(read.addr);
        if (!answer || !account_holds(read, *answer)) return false;
    }
    const auto& slots = execution.slots();
    for (uint32_t i = 0; i < slots.size(); ++i) {
        const state::SlotEntry& read = slots[i];
        if (!read.read) continue;
        const auto answer = now.storage(accounts[read.account].addr, read.key);
        if (!answer || *answer != read.original) return false;
    }
    return true;
}

bool wipes_hold(const state::State& execution, const VersionedView& view, const CommittedWipes& committed) {
    for (const VersionedView::WipedRead& read : view.wiped_reads()) {
        const auto last = committed.find(read.addr);
        if (last == committed.end() || last->second != read.wiped_by) return false;
    }
    if (committed.empty()) return true;
    // What was read under no wipe must still be under none.
    const auto& slots = execution.slots();
    for (uint32_t i = 0; i < slots.size(); ++i) {
        if (!slots[i].read) continue;
        const address& addr = execution.accounts()[slots[i].account].addr;
        if (!committed.contains(addr)) continue;
        const bool under_it = std::ranges::any_of(view.wiped_reads(), [&](const VersionedView::WipedRead& r) { return r.addr == addr; });
        if (!under_it) return false;
    }
    return true;
}

}  // namespace weft::execution::parallel
