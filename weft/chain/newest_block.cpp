// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/newest_block.hpp"

#include "weft/trie/roots.hpp"

#include <algorithm>

namespace weft::chain {

const state::AccountDiff* NewestState::change_of(const address& addr) const {
    if (!newest_) return nullptr;
    const auto found = newest_->diff.accounts.find(addr);
    return found == newest_->diff.accounts.end() ? nullptr : &found->second;
}

std::optional<state::Account> NewestState::changed_account(const address& addr, const state::AccountDiff& change) const {
    if (!change.account) return std::nullopt;
    state::Account account = *change.account;
    // The difference does not say whether storage is left; the root of its trie does.
    const auto& roots = newest_->commitment.storage_roots;
    const auto root = std::ranges::lower_bound(roots, addr, {}, &std::pair<address, hash32>::first);
    account.has_storage = root->second != trie::kEmptyRoot;
    return account;
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

state::ReadResult<std::optional<state::Account>> NewestState::account(const address& addr) {
    if (const state::AccountDiff* const change = change_of(addr)) return changed_account(addr, *change);
    return below_->account(addr);
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
    if (const state::AccountDiff* const change = change_of(addr)) return changed_account(addr, *change);
    return below_->account_at_hand(addr);
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
    if (newest_ && number == newest_->stored.block.header.number) return newest_->stored.hash;
    return below_->block_hash(number);
}

NewestNodes::NewestNodes(trie::NodeReader& below, std::shared_ptr<const NewestBlock> newest) : below_(below), newest_(std::move(newest)) {
    if (!newest_) return;
    const std::vector<trie::NodeChange>& changes = newest_->commitment.nodes.changes;
    changes_.reserve(changes.size());
    // Each place once.
    for (const trie::NodeChange& change : changes) changes_.insert(&change);
}

std::expected<bytes_view, trie::NodeReadError> NewestNodes::node(const hash32& owner, trie::nibbles_view path, trie::NodeMemory& memory) {
    if (!newest_) return below_.node(owner, path, memory);
    const auto found = changes_.find(Place{owner, path});
    if (found != changes_.end()) return bytes_view{(*found)->encoded};
    const std::vector<hash32>& wiped = newest_->commitment.nodes.wiped_owners;
    if (std::ranges::find(wiped, owner) != wiped.end()) return bytes_view{};
    return below_.node(owner, path, memory);
}

std::expected<bytes_view, trie::NodeReadError> ChangedNodes::node(const hash32& owner, trie::nibbles_view path, trie::NodeMemory& memory) {
    const auto trie = tries_.find(owner);
    if (trie == tries_.end()) return below_.node(owner, path, memory);
    const auto found = trie->second.nodes.find(path);
    if (found != trie->second.nodes.end()) return found->second;
    if (trie->second.is_wiped) return bytes_view{};
    return below_.node(owner, path, memory);
}

void ChangedNodes::apply(const trie::NodeChanges& changes) {
    for (const hash32& owner : changes.wiped_owners) tries_[owner] = Trie{.is_wiped = true, .nodes = {}};
    for (const trie::NodeChange& change : changes.changes) tries_[change.owner].nodes.insert_or_assign(change.path, change.encoded);
}

}  // namespace weft::chain
