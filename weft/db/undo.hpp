// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/db/error.hpp"
#include "weft/db/records.hpp"
#include "weft/db/tables.hpp"
#include "weft/kv/batch.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/trie/node_store.hpp"

#include <utility>
#include <vector>

/// The steps of going back, and of giving up being able to.
namespace weft::db {

/// Adds what takes a wiped storage out of the flat state.
void erase_storage(kv::Batch& batch, const UndoRecord::DeadStorage& storage);

[[nodiscard]] Expected<UndoRecord> read_undo_record(const TableReader& tables, uint64_t number);

/// Calls visit(table, key, value) for each entry of the history tables that block `number` has once it is indexed: the values that it
/// replaced. An incarnation that began with the block has no history before it, and nobody asks for it.
template <typename Visit>
void for_each_history_entry(const UndoRecord& record, uint64_t number, const Visit& visit) {
    for (const auto& account : record.accounts) {
        visit(Table::account_history, account_history_key(account.addr, number), encode(account.record));
        if (account.incarnation == number) continue;
        for (const auto& [slot, value] : account.slots) {
            const SlotKey key{.addr = account.addr, .incarnation = account.incarnation, .slot = slot};
            visit(Table::storage_history, slot_history_key(key, number), encode_slot_value(value));
        }
    }
}

/// Adds the entries of a block to the history tables, or takes them out.
void index_history(kv::Batch& batch, const UndoRecord& record, uint64_t number);
void erase_history(kv::Batch& batch, const UndoRecord& record, uint64_t number);

/// Adds what makes the flat state again what it was before block `number`, the head. Returns the difference to that state, from which the
/// nodes of the tries follow; it has no codes.
[[nodiscard]] Expected<state::StateDiff> undo_state(kv::Batch& batch, const TableReader& tables, const UndoRecord& record, uint64_t number);

/// Adds what makes the tries those of another block.
void put_tries(kv::Batch& batch, const trie::NodeChanges& nodes, const TrieHead& head);

/// Adds what forgets how the state was before block `number`, but for its entries in the history tables.
[[nodiscard]] Expected<void> forget_state(kv::Batch& batch, const TableReader& tables, uint64_t number);

/// The leaves of the trie of one storage, in its order.
[[nodiscard]] Expected<std::vector<std::pair<hash32, bytes>>> storage_leaves(const TableReader& tables, const address& addr,
                                                                             uint64_t incarnation);

}  // namespace weft::db
