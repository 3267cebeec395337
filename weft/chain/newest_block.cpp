// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/newest_block.hpp"

#include "weft/trie/roots.hpp"

#include <algorithm>

namespace weft::chain {

void AwaitedCommitment::set(std::optional<state::StateCommitment> commitment) {
    {
        const sync::LockGuard lock(mutex_);
        commitment_ = std::move(commitment);
        is_decided_ = true;
    }
    changed_.notify_all();
}

const state::StateCommitment* AwaitedCommitment::await() const {
    sync::UniqueLock lock(mutex_);
    changed_.wait(lock, [&] { return is_decided_; });
    return commitment_ ? &*commitment_ : nullptr;
}

const state::AccountDiff* NewestState::change_of(const address& addr) const {
    if (!newest_) return nullptr;
    const auto found = newest_->diff.accounts.find(addr);
    return found == newest_->diff.accounts.end() ? nullptr : &found->second;
}

std::optional<bool> NewestState::storage_left_by(const state::AccountDiff& change) {
    if (std::ranges::any_of(change.slots, [](const state::SlotValue& slot) { return !slot.value.is_zero(); })) return true;
    if (change.storage_wiped) return false;
    // Who has emptied slots has storage until the root says otherwise. It is worth waiting for where something depends on it.
    const bool is_asked_for = change.account->nonce == 0 && change.account->code_hash == state::kEmptyCodeHash;
    return change.slots.empty() || is_asked_for ? std::nullopt : std::optional(true);
}

state::ReadResult<bool> NewestState::has_storage(const address& addr, const state::AccountDiff& change) {
    if (const auto known = storage_left_by(change)) return *known;
    if (change.slots.empty()) {
        const auto before = below_->account(addr);
        if (!before) return std::unexpected(before.error());
        return *before && (*before)->has_storage;
    }
    const state::StateCommitment* const commitment = newest_->commitment.await();
    if (commitment == nullptr) return true;  // of a block that is no part of the chain
    const auto& roots = commitment->storage_roots;
    return std::ranges::lower_bound(roots, addr, {}, &std::pair<address, hash32>::first)->second != trie::kEmptyRoot;
}

std::optional<bool> NewestState::has_storage_at_hand(const address& addr, const state::AccountDiff& change) {
    if (const auto known = storage_left_by(change)) return known;
    if (!change.slots.empty()) return std::nullopt;
    const auto before = below_->account_at_hand(addr);
    return before ? std::optional(*before && (*before)->has_storage) : std::nullopt;
}

std::optional<uint256> NewestState::changed_slot(const state::AccountDiff& change, const uint256& slot) {
    if (!change.account) return uint256{};
    const auto found = std::ranges::lower_bound(change.slots, slot, {}, &state::SlotValue::slot);
    if (found != change.slots.end() && found->slot == slot) return found->value;
    return change.storage_wiped ? std::optional(uint256{}) : std::nullopt;
}

const state::Code* NewestState::new_code(const hash32& code_hash) const {
    if (!newest_) return nullptr;
    const auto found = newest_->diff.codes.find(code_hash);
    return found == newest_->diff.codes.end() ? nullptr : found->second.get();
}

state::Account NewestState::changed_account(const state::AccountDiff& change, bool has_storage) {
    state::Account account = *change.account;
    account.has_storage = has_storage;
    return account;
}

state::ReadResult<std::optional<state::Account>> NewestState::account(const address& addr) {
    const state::AccountDiff* const change = change_of(addr);
    if (change == nullptr) return below_->account(addr);
    if (!change->account) return std::nullopt;
    const auto stores = has_storage(addr, *change);
    if (!stores) return std::unexpected(stores.error());
    return changed_account(*change, *stores);
}

state::ReadResult<uint256> NewestState::storage(const address& addr, const uint256& slot) {
    if (const state::AccountDiff* const change = change_of(addr))
        if (const auto value = changed_slot(*change, slot)) return *value;
    return below_->storage(addr, slot);
}

state::ReadResult<const state::Code*> NewestState::code(const hash32& code_hash) {
    if (const state::Code* const code = new_code(code_hash)) return code;
    return below_->code(code_hash);
}

std::optional<std::optional<state::Account>> NewestState::account_at_hand(const address& addr) {
    const state::AccountDiff* const change = change_of(addr);
    if (change == nullptr) return below_->account_at_hand(addr);
    if (!change->account) return std::optional<state::Account>();
    const auto stores = has_storage_at_hand(addr, *change);
    if (!stores) return std::nullopt;
    return changed_account(*change, *stores);
}

std::optional<uint256> NewestState::storage_at_hand(const address& addr, const uint256& slot) {
    if (const state::AccountDiff* const change = change_of(addr))
        if (const auto value = changed_slot(*change, slot)) return value;
    return below_->storage_at_hand(addr, slot);
}

const state::Code* NewestState::code_at_hand(const hash32& code_hash) {
    const state::Code* const code = new_code(code_hash);
    return code != nullptr ? code : below_->code_at_hand(code_hash);
}

state::ReadResult<hash32> NewestState::block_hash(uint64_t number) {
    if (newest_ && number == newest_->stored.block->header.number) return newest_->stored.hash;
    return below_->block_hash(number);
}

NewestNodes::NewestNodes(trie::NodeReader& below, std::shared_ptr<const NewestBlock> newest) : below_(below), newest_(std::move(newest)) {
    if (!newest_) return;
    changed_nodes_ = &newest_->commitment.await()->nodes;
    const std::vector<trie::NodeChange>& changes = changed_nodes_->changes;
    changes_.reserve(changes.size());
    // Each place once.
    for (const trie::NodeChange& change : changes) changes_.insert(&change);
}

std::expected<bytes_view, trie::NodeReadError> NewestNodes::node(const hash32& owner, trie::nibbles_view path, trie::NodeMemory& memory) {
    if (changed_nodes_ == nullptr) return below_.node(owner, path, memory);
    const auto found = changes_.find(Place{owner, path});
    if (found != changes_.end()) return (*found)->encoded;
    const std::vector<hash32>& wiped = changed_nodes_->wiped_owners;
    if (std::ranges::find(wiped, owner) != wiped.end()) return bytes_view{};
    return below_.node(owner, path, memory);
}

}  // namespace weft::chain
