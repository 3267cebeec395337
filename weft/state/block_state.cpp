// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/block_state.hpp"

#include <algorithm>

namespace weft::state {

ReadResult<std::optional<Account>> BlockState::account(const address& addr) {
    const auto found = accounts_.find(addr);
    return found == accounts_.end() ? base_.account(addr) : found->second.current;
}

ReadResult<uint256> BlockState::storage(const address& addr, const uint256& slot) {
    const auto found = accounts_.find(addr);
    if (found == accounts_.end()) return base_.storage(addr, slot);
    const OverlaidAccount& account = found->second;
    if (const auto changed = account.slots.find(slot); changed != account.slots.end()) return changed->second;
    if (account.storage_wiped) return uint256{};
    return base_.storage(addr, slot);
}

ReadResult<const Code*> BlockState::code(const hash32& code_hash) {
    if (const auto found = codes_.find(code_hash); found != codes_.end()) return found->second.get();
    return base_.code(code_hash);
}

ReadResult<void> BlockState::overlay(const address& addr) {
    if (accounts_.contains(addr)) return {};
    auto answer = base_.account(addr);
    if (!answer) return std::unexpected(answer.error());
    OverlaidAccount account;
    account.original = account.current = *answer;
    accounts_.emplace(addr, std::move(account));
    return {};
}

void BlockState::merge(OverlaidAccount& account, const AccountChange& change) {
    if (change.storage_wiped) {
        account.storage_wiped = true;
        account.slots.clear();
        if (account.current) account.current->has_storage = false;
    }
    if (change.removed) {
        account.current.reset();
        return;
    }
    if (change.comes_to_exist && !account.current) account.current.emplace();
    for (const SlotValue& slot : change.slots) account.slots.insert_or_assign(slot.slot, slot.value);
    if (!account.current) return;
    Account& now = *account.current;
    if (change.balance_change == AccountChange::Balance::set) now.balance = change.balance;
    if (change.balance_change == AccountChange::Balance::credit) now.balance += change.balance;
    if (change.nonce_changed) now.nonce = change.nonce;
    if (change.code_changed) now.code_hash = change.code_hash;
    now.has_storage = now.has_storage || std::ranges::any_of(change.slots, [](const SlotValue& s) { return !s.value.is_zero(); });
}

void BlockState::add_effect(const AccountChange& change, StateDiff& effect) const {
    AccountDiff& entry = effect.accounts[change.addr];
    entry.account = accounts_.at(change.addr).current;
    if (entry.account) entry.account->has_storage = false;
    entry.storage_wiped = change.storage_wiped;
    entry.slots = change.slots;
}

ReadResult<void> BlockState::apply(const TransactionChanges& changes, StateDiff* effect) {
    // All reads come first, so that one without an answer leaves nothing half applied.
    for (const AccountChange& change : changes)
        if (const auto known = overlay(change.addr); !known) return known;
    for (const AccountChange& change : changes) {
        merge(accounts_.at(change.addr), change);
        if (change.code) codes_.try_emplace(change.code_hash, change.code);
        if (effect != nullptr) add_effect(change, *effect);
    }
    return {};
}

ReadResult<std::optional<AccountDiff>> BlockState::diff_of(const address& addr, const OverlaidAccount& account) {
    std::vector<SlotValue> slots;
    for (const auto& [slot, value] : account.slots) {
        uint256 before;
        if (!account.storage_wiped) {
            const auto answer = base_.storage(addr, slot);
            if (!answer) return std::unexpected(answer.error());
            before = *answer;
        }
        if (value != before) slots.push_back({slot, value});
    }
    return difference(account.original, account.current, account.storage_wiped, std::move(slots));
}

ReadResult<StateDiff> BlockState::diff() {
    StateDiff result;
    std::vector<std::pair<address, AccountDiff>> changes;
    changes.reserve(accounts_.size());
    for (const auto& [addr, account] : accounts_) {
        auto changed = diff_of(addr, account);
        if (!changed) return std::unexpected(changed.error());
        if (!*changed) continue;
        if (const auto& now = account.current; now && now->code_hash != account.original.value_or(Account{}).code_hash)
            if (const auto code = codes_.find(now->code_hash); code != codes_.end()) result.codes.insert(*code);
        changes.emplace_back(addr, *std::move(*changed));
    }
    result.accounts = sorted_by_address(std::move(changes));
    return result;
}

}  // namespace weft::state
