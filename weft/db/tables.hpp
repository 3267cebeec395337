// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/db/error.hpp"
#include "weft/kv/store.hpp"
#include "weft/trie/node_codec.hpp"

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

/// What lies where. Numbers in keys are big-endian, so that their order is that of the keys.
namespace weft::db {

enum class Table : kv::TableId {
    meta,             ///< a word -> see database.cpp
    headers,          ///< number, hash -> header
    bodies,           ///< number, hash -> the items of the block behind its header
    senders,          ///< number, hash -> 20 bytes for each transaction
    receipts,         ///< number, hash -> the receipts in their compact form
    block_infos,      ///< hash -> BlockInfo
    canonical,        ///< number -> hash
    transactions,     ///< transaction hash -> TransactionPlace on the canonical chain
    accounts,         ///< address -> AccountRecord
    storage,          ///< address, incarnation, slot -> value without leading zeros
    codes,            ///< code hash -> code
    nodes,            ///< owner, path -> encoded trie node
    undo,             ///< number -> UndoRecord
    account_history,  ///< address, number -> the AccountRecord before that block; empty: none
    storage_history,  ///< address, incarnation, slot, number -> the value before that block
    bad_blocks,       ///< hash -> how many were remembered before it, eight bytes; why
    journal,          ///< of kv::GatheringStore
    trie_head,        ///< a word -> TrieHead: the block that `nodes` are of; `transactions` go up to it
};

[[nodiscard]] std::span<const kv::TableSpec> schema() noexcept;

[[nodiscard]] constexpr kv::TableId id(Table table) noexcept { return static_cast<kv::TableId>(table); }

/// A key under construction, without allocation.
class Key {
  public:
    Key() = default;

    Key& add(bytes_view part) noexcept {
        WEFT_ASSERT(size_ + part.size() <= bytes_.size());
        if (!part.empty()) std::memcpy(bytes_.data() + size_, part.data(), part.size());
        size_ += part.size();
        return *this;
    }
    Key& add(uint64_t number) noexcept {
        std::array<uint8_t, 8> part;
        for (size_t i = 0; i < part.size(); ++i) part[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
        return add(bytes_view{part});
    }
    Key& add(const uint256& word) noexcept { return add(bytes_view{to_hash32(word)}); }

    [[nodiscard]] bytes_view view() const noexcept { return {bytes_.data(), size_}; }
    operator bytes_view() const noexcept { return view(); }  // NOLINT(google-explicit-constructor)

  private:
    std::array<uint8_t, 72> bytes_;
    size_t size_ = 0;
};

/// A storage slot of one incarnation of an account.
struct SlotKey {
    address addr;
    uint64_t incarnation = 0;
    uint256 slot;

    friend bool operator==(const SlotKey&, const SlotKey&) noexcept = default;
    friend uint64_t hash_value(const SlotKey& key) noexcept {
        return mix64(hash_value(key.addr) ^ key.incarnation, hash_value(key.slot) | 1);
    }
};

[[nodiscard]] inline Key number_key(uint64_t number) noexcept { return Key{}.add(number); }
[[nodiscard]] inline Key block_key(uint64_t number, const hash32& hash) noexcept { return Key{}.add(number).add(hash); }
[[nodiscard]] inline Key incarnation_key(const address& addr, uint64_t incarnation) noexcept { return Key{}.add(addr).add(incarnation); }
[[nodiscard]] inline Key slot_key(const SlotKey& key) noexcept { return incarnation_key(key.addr, key.incarnation).add(key.slot); }
[[nodiscard]] inline Key account_history_key(const address& addr, uint64_t number) noexcept { return Key{}.add(addr).add(number); }
[[nodiscard]] inline Key slot_history_key(const SlotKey& key, uint64_t number) noexcept { return slot_key(key).add(number); }
/// Two nibbles a byte, then how many they are.
[[nodiscard]] Key node_key(const hash32& owner, trie::nibbles_view path) noexcept;

/// A number at the end of a key; the key has at least eight bytes.
[[nodiscard]] uint64_t number_at_end(bytes_view key) noexcept;

/// Tables as the database reads them.
class TableReader {
  public:
    explicit TableReader(const kv::Reader& reader) noexcept : reader_(&reader) {}

    [[nodiscard]] Expected<std::optional<bytes>> get(Table table, bytes_view key) const;
    /// What must be there: its absence is corruption. `what` says in the error what it was.
    [[nodiscard]] Expected<bytes> require(Table table, bytes_view key, std::string_view what) const;

    /// Called for each key in order; false ends the walk, as does an error.
    using Visitor = std::function<Expected<bool>(bytes_view key, bytes_view value)>;
    [[nodiscard]] Expected<void> for_each(kv::Range range, const Visitor& visit) const;
    /// All keys that begin with `prefix`.
    [[nodiscard]] Expected<void> for_each(Table table, bytes_view prefix, const Visitor& visit) const;

  private:
    const kv::Reader* reader_;
};

/// The error of a value that cannot be what it should.
[[nodiscard]] std::unexpected<Error> damaged(std::string_view what, bytes_view key);

}  // namespace weft::db
