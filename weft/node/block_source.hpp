// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/chain/chain_file.hpp"
#include "weft/chain/chain_spec.hpp"
#include "weft/db/chain_store.hpp"
#include "weft/types/block.hpp"
#include "weft/types/revision.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace weft::node {

/// A block out of a file.
struct SourceBlock {
    types::Block block;
    hash32 hash;
    size_t encoded_size = 0;
    /// Whose rules its transactions are signed by. Before the merge is known to have happened, its difficulty says whether it has.
    types::Revision revision = types::Revision::Frontier;
    std::string place{};  ///< File and offset, for messages.
};

/// What a source has next. Long rows of blocks that are skipped come in pieces without a block.
struct SourceItem {
    std::optional<SourceBlock> block{};
    uint64_t skipped = 0;     ///< Blocks before it that the database has already.
    uint64_t bytes_read = 0;  ///< Of all files so far, as they are on the disk.
};

/// The blocks of some chain files in their order, without those that a database has.
///
/// Thread safety: none.
class BlockSource {
  public:
    /// `known`: the chain that the blocks are to continue, up to block `head`; it outlives this.
    BlockSource(std::vector<std::filesystem::path> files, const db::ChainStore& known, uint64_t head, const chain::ChainSpec& spec);

    /// nullopt: all files have ended. Errors name file, offset and, where it is known, the number of the block: what ChainFileReader
    /// says, no block, a gap in the numbers, another block than the database has.
    [[nodiscard]] Result<std::optional<SourceItem>> next();

  private:
    /// The next block that is not known; skips for a while, then takes a break without one.
    [[nodiscard]] Result<std::optional<SourceItem>> look(chain::EncodedBlock encoded, SourceItem item);
    [[nodiscard]] Result<bool> is_known(uint64_t number, const hash32& hash, const std::string& place) const;
    [[nodiscard]] Result<bool> open_next();
    [[nodiscard]] std::string place_of(const chain::EncodedBlock& encoded) const;

    std::vector<std::filesystem::path> files_;
    const db::ChainStore& known_;
    const uint64_t head_;
    const chain::ChainSpec& spec_;
    size_t next_file_ = 0;
    std::optional<chain::ChainFileReader> reader_;
    uint64_t bytes_before_ = 0;  // Of the files that have ended.
    uint64_t next_number_;
};

}  // namespace weft::node
