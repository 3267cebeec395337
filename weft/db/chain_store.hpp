// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/db/records.hpp"
#include "weft/db/tables.hpp"
#include "weft/types/block.hpp"
#include "weft/types/receipt.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weft::db {

/// A block that was found invalid.
struct BadBlock {
    hash32 hash;
    uint64_t order = 0;  ///< Of those that are remembered, the older ones have smaller numbers.
    std::string why;
};

/// What the database knows of blocks, on the canonical chain and beside it. nullopt everywhere: there is none.
///
/// Thread safety: any number of threads may read at any time.
class ChainStore {
  public:
    /// The reader outlives this.
    explicit ChainStore(const kv::Reader& reader) noexcept : tables_(reader) {}

    /// Number and total difficulty of a block that is stored, canonical or not.
    [[nodiscard]] Expected<std::optional<BlockInfo>> info(const hash32& hash) const;
    [[nodiscard]] Expected<std::optional<hash32>> canonical_hash(uint64_t number) const;
    [[nodiscard]] Expected<std::optional<types::Header>> header(const hash32& hash) const;
    /// With the encodings of its transactions.
    [[nodiscard]] Expected<std::optional<types::Block>> block(const hash32& hash) const;
    /// The canonical encoding of the whole block.
    [[nodiscard]] Expected<std::optional<bytes>> encoded_block(const hash32& hash) const;
    /// Of a block that was executed.
    [[nodiscard]] Expected<std::optional<std::vector<types::Receipt>>> receipts(const hash32& hash) const;
    /// Of a block that was executed; one for each transaction.
    [[nodiscard]] Expected<std::optional<std::vector<address>>> senders(const hash32& hash) const;
    /// Where on the canonical chain a transaction is.
    [[nodiscard]] Expected<std::optional<TransactionPlace>> transaction(const hash32& transaction_hash) const;
    /// Why a block was found bad.
    [[nodiscard]] Expected<std::optional<std::string>> bad_block(const hash32& hash) const;
    /// All that are remembered, the oldest first.
    [[nodiscard]] Expected<std::vector<BadBlock>> bad_blocks() const;

    /// Called with the encoding of each canonical block from `first` to `last`, in order; false ends the walk. A block that is missing is
    /// an error (unknown_block).
    [[nodiscard]] Expected<void> export_blocks(uint64_t first, uint64_t last,
                                               const std::function<bool(uint64_t number, bytes_view encoded)>& visit) const;

  private:
    [[nodiscard]] Expected<std::optional<bytes>> value_of(Table table, const hash32& hash) const;

    TableReader tables_;
};

/// Adds a block, without anything that only execution knows.
void put_block(kv::Batch& batch, const types::Block& block, const hash32& hash, const uint256& total_difficulty);

/// Adds or replaces a block that was found invalid.
void put_bad_block(kv::Batch& batch, const BadBlock& bad);

/// Adds what execution knows of a block.
void put_outcome(kv::Batch& batch, const BlockId& block, std::span<const types::Receipt> receipts, std::span<const address> senders);

/// keccak256 of the transactions, in their order.
[[nodiscard]] std::vector<hash32> transaction_hashes(const types::Block& block);

/// Adds the entries of a canonical block in the index of transactions.
void put_transaction_places(kv::Batch& batch, const types::Block& block);

}  // namespace weft::db
