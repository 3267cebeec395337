// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/block_state.hpp"

#include "weft/base/optimisation.hpp"
#include "weft/state/key_order.hpp"

#include <utility>

namespace weft::state {

namespace {

uint64_t hash_of_slot(uint32_t account, const uint256& key) noexcept { return mix64(hash_value(key) ^ account, 0x9e3779b97f4a7c15); }

}  // namespace

void BlockState::begin(StateView& base) {
    base_ = &base;
    accounts_.clear();
    slots_.clear();
    account_index_.clear();
    slot_index_.clear();
    codes_.clear();
    last_account_ = kNone;
}

// ---- Reading ----

ReadResult<uint32_t> BlockState::number_of(const address& addr) {
    const uint64_t hash = hash_value(addr);
    const uint32_t known = account_index_.find(hash, [&](uint32_t i) { return accounts_[i].addr == addr; });
    if (known != EpochIndex::kAbsent) return known;
    const auto answer = base_->account(addr);
    if (!answer) return std::unexpected(answer.error());
    const auto number = static_cast<uint32_t>(accounts_.size());
    KnownAccount& account = accounts_.emplace_back();
    account.addr = addr;
    account.original = account.current = *answer;
    account_index_.insert(hash, number);
    return number;
}

ReadResult<std::optional<Account>> BlockState::account(const address& addr) {
    const auto number = number_of(addr);
    if (!number) return std::unexpected(number.error());
    return accounts_[*number].current;
}

uint32_t BlockState::find_slot(uint32_t account, const uint256& key) const noexcept {
    return slot_index_.find(hash_of_slot(account, key), [&](uint32_t i) { return slots_[i].key == key && slots_[i].account == account; });
}

BlockState::KnownSlot& BlockState::add_slot(uint32_t account, const uint256& key) {
    const auto number = static_cast<uint32_t>(slots_.size());
    slot_index_.insert(hash_of_slot(account, key), number);
    const uint32_t next = std::exchange(accounts_[account].last_slot, number);
    return slots_.emplace_back(
        KnownSlot{.key = key, .original = {}, .current = {}, .has_original = false, .account = account, .next = next});
}

ReadResult<uint256> BlockState::storage(const address& addr, const uint256& slot) {
    if (!optimisation::kNearAccounts || last_account_ == kNone || accounts_[last_account_].addr != addr) {
        const auto number = number_of(addr);
        if (!number) return std::unexpected(number.error());
        last_account_ = *number;
    }
    if (const uint32_t known = find_slot(last_account_, slot); known != EpochIndex::kAbsent) return slots_[known].current;
    if (accounts_[last_account_].storage_wiped) return uint256{};
    const auto answer = base_->storage(addr, slot);
    if (!answer) return answer;
    KnownSlot& added = add_slot(last_account_, slot);
    added.original = added.current = *answer;
    added.has_original = true;
    return answer;
}

ReadResult<const Code*> BlockState::code(const hash32& code_hash) {
    if (!codes_.empty())
        if (const auto found = codes_.find(code_hash); found != codes_.end()) return found->second.get();
    return base_->code(code_hash);
}

// ---- Changing ----

void BlockState::wipe_storage(KnownAccount& account) {
    account.storage_wiped = true;
    for (uint32_t i = account.last_slot; i != kNone; i = slots_[i].next) slots_[i].current = 0;
    if (account.current) account.current->has_storage = false;
}

void BlockState::merge(uint32_t number, const AccountChange& change) {
    KnownAccount& account = accounts_[number];
    account.changed = true;
    if (change.storage_wiped) wipe_storage(account);
    if (change.removed) {
        account.current.reset();
        return;
    }
    if (change.comes_to_exist && !account.current) account.current.emplace();
    bool stores = false;
    for (const SlotValue& slot : change.slots) {
        const uint32_t known = find_slot(number, slot.slot);
        KnownSlot& changed = known != EpochIndex::kAbsent ? slots_[known] : add_slot(number, slot.slot);
        changed.current = slot.value;
        stores = stores || !slot.value.is_zero();
    }
    if (!account.current) return;
    Account& now = *account.current;
    if (change.balance_change == AccountChange::Balance::set) now.balance = change.balance;
    if (change.balance_change == AccountChange::Balance::credit) now.balance += change.balance;
    if (change.nonce_changed) now.nonce = change.nonce;
    if (change.code_changed) now.code_hash = change.code_hash;
    now.has_storage = now.has_storage || stores;
}

ReadResult<void> BlockState::apply(const TransactionChanges& changes, StateDiff* effect) {
    // All reads come first, so that one without an answer leaves nothing half applied.
    numbers_.clear();
    for (const AccountChange& change : changes) {
        const auto number = number_of(change.addr);
        if (!number) return std::unexpected(number.error());
        numbers_.push_back(*number);
    }
    for (size_t i = 0; i < changes.size(); ++i) {
        const AccountChange& change = changes[i];
        merge(numbers_[i], change);
        if (change.code) codes_.try_emplace(change.code_hash, change.code);
        if (effect != nullptr) effect->accounts[change.addr] = effect_of(change, accounts_[numbers_[i]].current);
    }
    return {};
}

// ---- The outcome ----

ReadResult<std::optional<AccountDiff>> BlockState::diff_of(const KnownAccount& account) {
    std::vector<SlotValue> slots;
    for (uint32_t i = account.last_slot; i != kNone; i = slots_[i].next) {
        KnownSlot& slot = slots_[i];
        if (!slot.has_original && !account.storage_wiped) {
            const auto answer = base_->storage(account.addr, slot.key);
            if (!answer) return std::unexpected(answer.error());
            slot.original = *answer;
            slot.has_original = true;
        }
        const uint256 before = account.storage_wiped ? uint256{} : slot.original;
        if (slot.current != before) slots.push_back({slot.key, slot.current});
    }
    sort_by_slot(slots);
    return difference(account.original, account.current, account.storage_wiped, std::move(slots));
}

ReadResult<StateDiff> BlockState::diff() {
    std::vector<const KnownAccount*> accounts;
    std::vector<const address*> addresses;
    accounts.reserve(accounts_.size());
    addresses.reserve(accounts_.size());
    for (const KnownAccount& account : accounts_) {
        if (!account.changed) continue;
        accounts.push_back(&account);
        addresses.push_back(&account.addr);
    }
    StateDiff result;
    AccountDiffs::sequence_type sequence;
    sequence.reserve(accounts.size());
    for (const uint32_t number : order_of(addresses)) {
        const KnownAccount& account = *accounts[number];
        auto changed = diff_of(account);
        if (!changed) return std::unexpected(changed.error());
        if (!*changed) continue;
        if (const auto& now = account.current; now && now->code_hash != account.original.value_or(Account{}).code_hash)
            if (const auto code = codes_.find(now->code_hash); code != codes_.end()) result.codes.insert(*code);
        sequence.emplace_back(account.addr, *std::move(*changed));
    }
    result.accounts.adopt_sequence(boost::container::ordered_unique_range, std::move(sequence));
    return result;
}

}  // namespace weft::state
