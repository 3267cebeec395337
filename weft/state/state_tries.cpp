// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state_tries.hpp"

#include "weft/base/bytes.hpp"
#include "weft/crypto/keccak.hpp"

#include <array>
#include <utility>
#include <vector>

namespace weft::state {
namespace {

using trie::Trie;
using trie::TrieError;
using trie::TrieResult;

/// What a trie holds under a key is no account or no word.
std::unexpected<TrieError> malformed_leaf() { return std::unexpected(TrieError{.kind = TrieError::Kind::malformed_node, .node = {}}); }

TrieResult<std::optional<trie::TrieAccount>> decode_leaf(bytes_view leaf) {
    if (leaf.empty()) return std::nullopt;
    const auto account = trie::decode_account(leaf);
    if (!account) return malformed_leaf();
    return *account;
}

/// Of the accounts of a difference, then of the slots of each, in its order: together, so that they fill lanes of Keccak.
std::vector<hash32> keys_of(const StateDiff& diff) {
    std::vector<hash32> slots;
    for (const auto& [addr, change] : diff.accounts)
        for (const SlotValue& slot : change.slots) slots.push_back(to_hash32(slot.slot));
    std::vector<bytes_view> messages;
    messages.reserve(diff.accounts.size() + slots.size());
    for (const auto& [addr, change] : diff.accounts) messages.emplace_back(addr);
    for (const hash32& slot : slots) messages.emplace_back(slot);
    std::vector<hash32> keys(messages.size());
    crypto::keccak256_batch(messages, keys);
    return keys;
}

/// What comes is put before what goes is erased: a branch that keeps two children needs none of them read.
TrieResult<void> put_slots(Trie& storage, std::span<const SlotValue> slots, std::span<const hash32> keys) {
    std::array<uint8_t, trie::kLongestStorageValue> room;
    for (const bool erases : {false, true}) {
        for (size_t i = 0; i < slots.size(); ++i) {
            const uint256& value = slots[i].value;
            if (value.is_zero() != erases) continue;
            const auto done = erases ? storage.erase(keys[i]) : storage.put(keys[i], trie::encode_storage_value(value, room));
            if (!done) return done;
        }
    }
    return {};
}

}  // namespace

StateTries::StateTries(const hash32& root, OpenTrie open) : open_(std::move(open)), accounts_(open_(root, trie::kAccountTrie)) {}

StateTries StateTries::from_witness(const hash32& root, const trie::WitnessNodes& nodes, trie::MissingSibling policy) {
    return {root, [&nodes, policy](const hash32& of_trie, const hash32& /*owner*/) { return Trie::from_witness(of_trie, nodes, policy); }};
}

StateTries StateTries::from_store(const hash32& root, trie::NodeReader& reader) {
    return {root, [&reader](const hash32& of_trie, const hash32& owner) { return Trie::from_store(of_trie, owner, reader); }};
}

TrieResult<std::optional<trie::TrieAccount>> StateTries::account(const address& addr) {
    Trie::Spot spot;
    if (const auto located = accounts_.locate(crypto::keccak256(addr), spot); !located) return std::unexpected(located.error());
    return decode_leaf(spot.value());
}

TrieResult<uint256> StateTries::storage(const address& addr, const uint256& slot) {
    const auto account = this->account(addr);
    if (!account) return std::unexpected(account.error());
    if (!*account) return uint256{};
    const auto leaf = storage_trie(crypto::keccak256(addr), (*account)->storage_root).get(crypto::keccak256(to_hash32(slot)));
    if (!leaf) return std::unexpected(leaf.error());
    if (!*leaf) return uint256{};
    const auto value = trie::decode_storage_value(**leaf);
    if (!value) return malformed_leaf();
    return *value;
}

/// `root`: what the leaf of the account says, which a trie that is open has already.
Trie& StateTries::storage_trie(const hash32& owner, const hash32& root) {
    const auto known = storages_.find(owner);
    return known != storages_.end() ? known->second : storages_.emplace(owner, open_(root, owner)).first->second;
}

void StateTries::drop_storage(const hash32& owner) {
    const auto known = storages_.find(owner);
    if (known == storages_.end()) return;
    dropped_assumed_siblings_ += known->second.assumed_siblings();
    storages_.erase(known);
}

/// Changes the storage of an account that exists afterwards, and then its leaf.
TrieResult<void> StateTries::put_account(const hash32& key, const AccountDiff& change, std::span<const hash32> slot_keys) {
    Trie::Spot spot;
    if (const auto located = accounts_.locate(key, spot); !located) return located;
    const auto before = decode_leaf(spot.value());
    if (!before) return std::unexpected(before.error());
    hash32 storage_root = trie::kEmptyRoot;
    if (change.storage_wiped)
        drop_storage(key);
    else if (*before)
        storage_root = (*before)->storage_root;
    if (!slot_keys.empty()) {
        Trie& storage = storage_trie(key, storage_root);
        if (const auto put = put_slots(storage, change.slots, slot_keys); !put) return put;
        storage_root = storage.root();
    }
    const Account& now = *change.account;
    std::array<uint8_t, trie::kLongestAccount> room;
    accounts_.put(spot, trie::encode_account(
                            {.nonce = now.nonce, .balance = now.balance, .storage_root = storage_root, .code_hash = now.code_hash}, room));
    return {};
}

TrieResult<void> StateTries::apply(const StateDiff& diff) {
    const std::vector<hash32> keys = keys_of(diff);
    auto slot_keys = std::span{keys}.subspan(diff.accounts.size());
    size_t next = 0;
    std::vector<hash32> gone;
    for (const auto& [addr, change] : diff.accounts) {
        const hash32& key = keys[next++];
        const size_t slots = change.slots.size();
        if (!change.account)
            gone.push_back(key);
        else if (const auto put = put_account(key, change, slot_keys.first(slots)); !put)
            return put;
        slot_keys = slot_keys.subspan(slots);
    }
    // After all that comes, as in put_slots().
    for (const hash32& key : gone) {
        drop_storage(key);
        if (const auto erased = accounts_.erase(key); !erased) return erased;
    }
    return {};
}

size_t StateTries::assumed_siblings() const noexcept {
    size_t count = accounts_.assumed_siblings() + dropped_assumed_siblings_;
    for (const auto& [owner, storage] : storages_) count += storage.assumed_siblings();
    return count;
}

}  // namespace weft::state
