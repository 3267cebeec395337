// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/buffer.hpp"
#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/kv/batch.hpp"
#include "weft/state/account.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

/// Values of the tables. Each is an RLP list in canonical form; reading returns nullopt for anything else.
namespace weft::db {

/// An account of the flat state.
struct AccountRecord {
    uint64_t nonce = 0;
    uint256 balance;
    hash32 code_hash = state::kEmptyCodeHash;
    /// The number of the block with which the storage began. Storage of another incarnation is not the account's any more.
    uint64_t incarnation = 0;
    /// Non-zero slots of this incarnation.
    uint64_t slots = 0;

    [[nodiscard]] state::Account account() const noexcept {
        return {.nonce = nonce, .balance = balance, .code_hash = code_hash, .has_storage = slots != 0};
    }
    friend bool operator==(const AccountRecord&, const AccountRecord&) noexcept = default;
};

[[nodiscard]] bytes encode(const AccountRecord& record);
/// Adds an account to a table.
void put(kv::Batch& batch, kv::TableId table, bytes_view key, const AccountRecord& record);
[[nodiscard]] std::optional<AccountRecord> decode_account_record(bytes_view encoded);
/// An absent account is the empty string.
[[nodiscard]] bytes encode(const std::optional<AccountRecord>& record);
[[nodiscard]] std::optional<std::optional<AccountRecord>> decode_optional_record(bytes_view encoded);

/// The value of a slot: 32 bytes big-endian without leading zeros; empty for zero.
[[nodiscard]] bytes encode_slot_value(const uint256& value);
[[nodiscard]] std::optional<uint256> decode_slot_value(bytes_view encoded);

struct BlockInfo {
    uint64_t number = 0;
    uint256 total_difficulty;
};
[[nodiscard]] bytes encode(const BlockInfo& info);
[[nodiscard]] std::optional<BlockInfo> decode_block_info(bytes_view encoded);

struct TransactionPlace {
    uint64_t block_number = 0;
    uint64_t index = 0;  ///< in the block, from 0
};
/// Adds the place of a transaction to a table.
void put(kv::Batch& batch, kv::TableId table, bytes_view key, const TransactionPlace& place);
[[nodiscard]] std::optional<TransactionPlace> decode_transaction_place(bytes_view encoded);

struct BlockId {
    uint64_t number = 0;
    hash32 hash;

    friend bool operator==(const BlockId&, const BlockId&) noexcept = default;
};

/// Where the canonical chain ends, and how far back its history goes.
struct HeadRecord {
    BlockId head;
    uint64_t first_number = 0;   ///< of the genesis block
    uint64_t history_start = 0;  ///< Blocks from this one to the head have undo records.
    uint64_t index_end = 0;      ///< Blocks from history_start to before this one have entries in the history tables.
};
[[nodiscard]] bytes encode(const HeadRecord& record);
[[nodiscard]] std::optional<HeadRecord> decode_head_record(bytes_view encoded);

/// The block that the tries are of.
struct TrieHead {
    uint64_t number = 0;
    hash32 state_root;

    friend bool operator==(const TrieHead&, const TrieHead&) noexcept = default;
};
[[nodiscard]] bytes encode(const TrieHead& head);
[[nodiscard]] std::optional<TrieHead> decode_trie_head(bytes_view encoded);

/// Which chain a database is of.
struct Identity {
    uint64_t chain_id = 0;
    hash32 genesis_hash;

    friend bool operator==(const Identity&, const Identity&) noexcept = default;
};
[[nodiscard]] bytes encode(const Identity& identity);
[[nodiscard]] std::optional<Identity> decode_identity(bytes_view encoded);

/// What a block changed in the flat state, as it was before: enough to go back exactly. The tries follow from it.
struct UndoRecord {
    struct AccountBefore {
        address addr;
        std::optional<AccountRecord> record;
        uint64_t incarnation = 0;                        ///< of `slots`
        std::vector<std::pair<uint256, uint256>> slots;  ///< slot and value before
    };
    struct DeadStorage {
        address addr;
        uint64_t incarnation = 0;
    };
    /// Sorted by address, their slots by slot.
    std::vector<AccountBefore> accounts;
    /// Storage that the block wiped. It stays in the flat state as long as this record does.
    std::vector<DeadStorage> dead;

    /// Null: the block left it as it was.
    [[nodiscard]] const AccountBefore* find(const address& addr) const noexcept;
};
[[nodiscard]] std::optional<UndoRecord> decode_undo_record(bytes_view encoded);
/// What a record says of wiped storage, without a look at the accounts.
[[nodiscard]] std::optional<std::vector<UndoRecord::DeadStorage>> decode_dead_storages(bytes_view undo_record);

/// Encodes an undo record as its parts become known.
class UndoEncoder {
  public:
    void clear() noexcept;
    /// Accounts come in the order of their addresses.
    void add(const UndoRecord::AccountBefore& account);
    void add(const UndoRecord::DeadStorage& storage);
    /// Adds the record to a table.
    void put_into(kv::Batch& batch, kv::TableId table, bytes_view key) const;

  private:
    Buffer accounts_;
    Buffer dead_;
};

}  // namespace weft::db
