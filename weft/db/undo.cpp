// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/undo.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/trie/account.hpp"

#include <algorithm>

namespace weft::db {

namespace {

Expected<UndoRecord> read_undo(const TableReader& tables, uint64_t number) {
    const auto encoded = tables.require(Table::undo, number_key(number), "the undo record of block");
    if (!encoded) return std::unexpected(encoded.error());
    auto record = decode_undo_record(*encoded);
    if (!record) return damaged("the undo record of block", number_key(number));
    return std::move(*record);
}

void put_or_erase(kv::Batch& batch, Table table, bytes_view key, const bytes& value) {
    if (value.empty())
        batch.erase(id(table), key);
    else
        batch.put(id(table), key, value);
}

void erase_history(kv::Batch& batch, const UndoRecord::AccountBefore& account, uint64_t number) {
    batch.erase(id(Table::account_history), account_history_key(account.addr, number));
    // An incarnation that began with the block has no history before it.
    if (account.incarnation == number) return;
    for (const auto& [slot, value] : account.slots) {
        const SlotKey key{.addr = account.addr, .incarnation = account.incarnation, .slot = slot};
        batch.erase(id(Table::storage_history), slot_history_key(key, number));
    }
}

/// The nodes of a wiped storage are gone, but its slots are still there: they give the same nodes.
Expected<void> put_nodes_of(kv::Batch& batch, const TableReader& tables, const UndoRecord::DeadStorage& storage) {
    const auto leaves = storage_leaves(tables, storage.addr, storage.incarnation);
    if (!leaves) return std::unexpected(leaves.error());
    const hash32 owner = crypto::keccak256(storage.addr);
    const bytes end = kv::behind_prefix(owner);
    batch.erase_range(id(Table::nodes), owner, end);
    (void)trie::sorted_root(
        *leaves, [&](trie::nibbles_view path, bytes_view encoded) { batch.put(id(Table::nodes), node_key(owner, path), encoded); });
    return {};
}

}  // namespace

void erase_storage(kv::Batch& batch, const UndoRecord::DeadStorage& storage) {
    const Key from = incarnation_key(storage.addr, storage.incarnation);
    const bytes to = kv::behind_prefix(from);
    batch.erase_range(id(Table::storage), from, to);
}

Expected<std::vector<std::pair<hash32, bytes>>> storage_leaves(const TableReader& tables, const address& addr, uint64_t incarnation) {
    const Key prefix = incarnation_key(addr, incarnation);
    const size_t prefix_size = prefix.view().size();
    std::vector<std::pair<hash32, bytes>> leaves;
    const auto walked = tables.for_each(Table::storage, prefix, [&](bytes_view key, bytes_view encoded) -> Expected<bool> {
        const auto value = decode_slot_value(encoded);
        if (key.size() != prefix_size + hash32::kSize || !value || value->is_zero()) return damaged("storage slot", key);
        leaves.emplace_back(crypto::keccak256(key.subspan(prefix_size)), trie::encode_storage_value(*value));
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    std::ranges::sort(leaves);
    return leaves;
}

Expected<void> undo_state(kv::Batch& batch, const TableReader& tables, uint64_t number) {
    const auto record = read_undo(tables, number);
    if (!record) return std::unexpected(record.error());
    for (const auto& account : record->accounts) {
        put_or_erase(batch, Table::accounts, account.addr, encode(account.record));
        for (const auto& [slot, value] : account.slots) {
            const SlotKey key{.addr = account.addr, .incarnation = account.incarnation, .slot = slot};
            put_or_erase(batch, Table::storage, slot_key(key), encode_slot_value(value));
        }
        erase_history(batch, account, number);
    }
    for (const auto& storage : record->dead)
        if (auto put = put_nodes_of(batch, tables, storage); !put) return put;
    for (const auto& node : record->nodes) put_or_erase(batch, Table::nodes, node.key, node.encoded);
    batch.erase(id(Table::undo), number_key(number));
    return {};
}

Expected<void> forget_state(kv::Batch& batch, const TableReader& tables, uint64_t number) {
    const auto record = read_undo(tables, number);
    if (!record) return std::unexpected(record.error());
    for (const auto& account : record->accounts) erase_history(batch, account, number);
    for (const auto& storage : record->dead) erase_storage(batch, storage);
    batch.erase(id(Table::undo), number_key(number));
    return {};
}

}  // namespace weft::db
