// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/undo.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/db/meta.hpp"
#include "weft/trie/account.hpp"

#include <algorithm>

namespace weft::db {

namespace {

Expected<bytes> encoded_undo_record(const TableReader& tables, uint64_t number) {
    return tables.require(Table::undo, number_key(number), "the undo record of block");
}

void put_or_erase(kv::Batch& batch, Table table, bytes_view key, const bytes& value) {
    if (value.empty())
        batch.erase(id(table), key);
    else
        batch.put(id(table), key, value);
}

/// The slots of a storage, in their order.
Expected<std::vector<state::SlotValue>> stored_slots(const TableReader& tables, const address& addr, uint64_t incarnation) {
    const Key prefix = incarnation_key(addr, incarnation);
    const size_t prefix_size = prefix.view().size();
    std::vector<state::SlotValue> slots;
    const auto walked = tables.for_each(Table::storage, prefix, [&](bytes_view key, bytes_view encoded) -> Expected<bool> {
        const auto value = decode_slot_value(encoded);
        if (key.size() != prefix_size + hash32::kSize || !value || value->is_zero()) return damaged("storage slot", key);
        slots.push_back({.slot = from_be(key.subspan(prefix_size)), .value = *value});
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    return slots;
}

/// The account as it was before block `number`, given that its storage is that which the block left or, where that died, still there.
Expected<state::AccountDiff> diff_to(const UndoRecord::AccountBefore& before, const UndoRecord& record, const TableReader& tables,
                                     uint64_t number) {
    state::AccountDiff diff;
    if (!before.record) return diff;
    diff.account = before.record->account();
    // What it has now began with the block.
    diff.storage_wiped = before.incarnation == number;
    const auto dead = std::ranges::find(record.dead, before.addr, &UndoRecord::DeadStorage::addr);
    if (dead != record.dead.end()) {
        auto slots = stored_slots(tables, dead->addr, dead->incarnation);
        if (!slots) return std::unexpected(std::move(slots.error()));
        diff.slots = *std::move(slots);
    } else if (!diff.storage_wiped) {
        for (const auto& [slot, value] : before.slots) diff.slots.push_back({.slot = slot, .value = value});
    }
    return diff;
}

}  // namespace

Expected<UndoRecord> read_undo_record(const TableReader& tables, uint64_t number) {
    const auto encoded = encoded_undo_record(tables, number);
    if (!encoded) return std::unexpected(encoded.error());
    auto record = decode_undo_record(*encoded);
    if (!record) return damaged("the undo record of block", number_key(number));
    return *std::move(record);
}

void index_history(kv::Batch& batch, const UndoRecord& record, uint64_t number) {
    for_each_history_entry(record, number, [&](Table table, bytes_view key, bytes_view value) { batch.put(id(table), key, value); });
}

void erase_history(kv::Batch& batch, const UndoRecord& record, uint64_t number) {
    for_each_history_entry(record, number, [&](Table table, bytes_view key, bytes_view) { batch.erase(id(table), key); });
}

void put_tries(kv::Batch& batch, const trie::NodeChanges& nodes, const TrieHead& head) {
    for (const hash32& owner : nodes.wiped_owners) {
        const bytes end = kv::behind_prefix(owner);
        batch.erase_range(id(Table::nodes), owner, end);
    }
    for (const auto& [owner, path, encoded] : nodes.changes) {
        if (encoded.empty())
            batch.erase(id(Table::nodes), node_key(owner, path));
        else
            batch.put_shared(id(Table::nodes), node_key(owner, path), encoded);
    }
    batch.keep(nodes.memory);
    batch.put(id(Table::trie_head), kHeadKey, encode(head));
}

void erase_storage(kv::Batch& batch, const UndoRecord::DeadStorage& storage) {
    const Key from = incarnation_key(storage.addr, storage.incarnation);
    const bytes to = kv::behind_prefix(from);
    batch.erase_range(id(Table::storage), from, to);
}

Expected<std::vector<std::pair<hash32, bytes>>> storage_leaves(const TableReader& tables, const address& addr, uint64_t incarnation) {
    const auto slots = stored_slots(tables, addr, incarnation);
    if (!slots) return std::unexpected(slots.error());
    std::vector<std::pair<hash32, bytes>> leaves;
    leaves.reserve(slots->size());
    for (const auto& [slot, value] : *slots)
        leaves.emplace_back(crypto::keccak256(bytes_view{to_hash32(slot)}), trie::encode_storage_value(value));
    std::ranges::sort(leaves);
    return leaves;
}

Expected<state::StateDiff> undo_state(kv::Batch& batch, const TableReader& tables, const UndoRecord& record, uint64_t number) {
    std::vector<std::pair<address, state::AccountDiff>> changes;
    for (const auto& account : record.accounts) {
        put_or_erase(batch, Table::accounts, account.addr, encode(account.record));
        for (const auto& [slot, value] : account.slots) {
            const SlotKey key{.addr = account.addr, .incarnation = account.incarnation, .slot = slot};
            put_or_erase(batch, Table::storage, slot_key(key), encode_slot_value(value));
        }
        auto diff = diff_to(account, record, tables, number);
        if (!diff) return std::unexpected(std::move(diff.error()));
        changes.emplace_back(account.addr, *std::move(diff));
    }
    batch.erase(id(Table::undo), number_key(number));
    return state::StateDiff{.accounts = state::sorted_by_address(std::move(changes)), .codes = {}};
}

Expected<void> forget_state(kv::Batch& batch, const TableReader& tables, uint64_t number) {
    const auto encoded = encoded_undo_record(tables, number);
    if (!encoded) return std::unexpected(encoded.error());
    const auto dead = decode_dead_storages(*encoded);
    if (!dead) return damaged("the undo record of block", number_key(number));
    for (const auto& storage : *dead) erase_storage(batch, storage);
    batch.erase(id(Table::undo), number_key(number));
    return {};
}

}  // namespace weft::db
