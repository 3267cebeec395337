// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/stored_state.hpp"

#include <algorithm>
#include <utility>

namespace weft::db {

std::unexpected<state::ReadError> StoredState::failed(const Error& error) {
    const sync::LockGuard lock(lock_);
    if (!failure_) failure_ = error;
    return std::unexpected(state::ReadError{.kind = state::ReadError::Kind::failed, .detail = static_cast<uint64_t>(error.kind)});
}

std::optional<Error> StoredState::failure() const {
    const sync::LockGuard lock(lock_);
    return failure_;
}

state::ReadResult<std::optional<state::Account>> StoredState::account(const address& addr) {
    const auto found = record(addr);
    if (!found) return failed(found.error());
    if (!*found) return std::nullopt;
    return (*found)->account();
}

state::ReadResult<uint256> StoredState::storage(const address& addr, const uint256& slot) {
    const auto found = record(addr);
    if (!found) return failed(found.error());
    if (!*found || (*found)->slots == 0) return uint256{};
    const auto word = value({.addr = addr, .incarnation = (*found)->incarnation, .slot = slot});
    if (!word) return failed(word.error());
    return *word;
}

state::ReadResult<const state::Code*> StoredState::code(const hash32& code_hash) {
    if (const state::Code* const known = code_at_hand(code_hash)) return known;
    const auto code = tables_.require(Table::codes, code_hash, "code");
    if (!code) return failed(code.error());
    return hand_out(code_hash, codes_.put(code_hash, std::make_shared<const state::Code>(*code)));
}

const state::Code* StoredState::hand_out(const hash32& code_hash, std::shared_ptr<const state::Code> code) {
    const sync::LockGuard lock(lock_);
    return handed_out_.try_emplace(code_hash, std::move(code)).first->second.get();
}

std::optional<std::optional<state::Account>> StoredState::account_at_hand(const address& addr) {
    const auto found = cached_record(addr);
    if (!found) return std::nullopt;
    return *found ? std::optional((*found)->account()) : std::optional<state::Account>();
}

std::optional<uint256> StoredState::storage_at_hand(const address& addr, const uint256& slot) {
    const auto found = cached_record(addr);
    if (!found) return std::nullopt;
    if (!*found || (*found)->slots == 0) return uint256{};
    return cached_value({.addr = addr, .incarnation = (*found)->incarnation, .slot = slot});
}

const state::Code* StoredState::code_at_hand(const hash32& code_hash) {
    {
        const sync::LockGuard lock(lock_);
        if (const auto found = handed_out_.find(code_hash); found != handed_out_.end()) return found->second.get();
    }
    auto cached = codes_.find(code_hash);
    return cached ? hand_out(code_hash, std::move(cached)) : nullptr;
}

state::ReadResult<hash32> StoredState::block_hash(uint64_t number) {
    const auto hash = tables_.get(Table::canonical, number_key(number));
    if (!hash) return failed(hash.error());
    if (!*hash) return hash32{};
    if ((*hash)->size() != hash32::kSize) return failed(damaged("canonical block", number_key(number)).error());
    return fixed_from<hash32>(**hash);
}

Expected<std::optional<bytes>> PastState::before_next_change(Table history, const Key& key) const {
    if (!later_.are_indexed) return std::nullopt;
    kv::Range range = kv::with_prefix(id(history), key);
    const Key from = Key{key}.add(number_ + 1);
    range.from.assign(from.view().begin(), from.view().end());
    std::optional<bytes> value;
    const auto walked = tables().for_each(std::move(range), [&](bytes_view, bytes_view found) -> Expected<bool> {
        value.emplace(found.begin(), found.end());
        return false;
    });
    if (!walked) return std::unexpected(walked.error());
    return value;
}

Expected<std::optional<AccountRecord>> PastState::record(const address& addr) {
    const auto before = before_next_change(Table::account_history, Key{}.add(addr));
    if (!before) return std::unexpected(before.error());
    if (*before) {
        const auto record = decode_optional_record(**before);
        if (!record) return damaged("history of account", addr);
        return *record;
    }
    for (const auto& record : later_.records)
        if (const UndoRecord::AccountBefore* const account = record->find(addr)) return account->record;
    return read_account(tables(), addr);
}

Expected<uint256> PastState::value(const SlotKey& key) {
    const auto before = before_next_change(Table::storage_history, slot_key(key));
    if (!before) return std::unexpected(before.error());
    if (*before) {
        const auto word = decode_slot_value(**before);
        if (!word) return damaged("history of storage slot", slot_key(key));
        return *word;
    }
    for (const auto& record : later_.records) {
        const UndoRecord::AccountBefore* const account = record->find(key.addr);
        if (account == nullptr || account->incarnation != key.incarnation) continue;
        const auto slot = std::ranges::lower_bound(account->slots, key.slot, {}, &std::pair<uint256, uint256>::first);
        if (slot != account->slots.end() && slot->first == key.slot) return slot->second;
    }
    return read_slot(tables(), key);
}

std::expected<bytes_view, trie::NodeReadError> StoredNodes::node(const hash32& owner, trie::nibbles_view path, trie::NodeMemory& memory) {
    auto encoded = tables_.get(Table::nodes, node_key(owner, path));
    if (!encoded) return std::unexpected(trie::NodeReadError{.detail = static_cast<uint64_t>(encoded.error().kind)});
    if (!*encoded) return bytes_view{};
    return memory.keep(**std::move(encoded));
}

}  // namespace weft::db
