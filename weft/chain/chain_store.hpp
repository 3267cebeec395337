// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/base/uint256.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"
#include "weft/types/block.hpp"
#include "weft/types/receipt.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::chain {

/// A block of the chain, as it is kept.
struct StoredBlock {
    std::shared_ptr<const types::Block> block;
    hash32 hash;
    uint256 total_difficulty;
};

/// A block that is to become the head, with what it did, which whoever keeps it takes over: it is much, and nobody else needs it. Refers to
/// the senders of the caller.
struct BlockCommit {
    std::shared_ptr<const types::Block> block;
    hash32 hash;
    uint256 total_difficulty;
    std::vector<types::Receipt> receipts;             ///< Before Byzantium with their state roots.
    std::span<const std::optional<address>> senders;  ///< One for each transaction; all are known.
    state::StateDiff diff;
};

/// An invalid block, as it is kept.
struct RememberedBlock {
    hash32 hash;
    std::string why;
};

/// Who keeps the chain: its blocks from the first to the head, and the state after the head. Blocks beside the chain are not its
/// business. Errors are those of the environment, in words; after one, nothing has changed but what settle() says.
///
/// Thread safety: one thread at a time, but that state() is read by many while nothing is committed.
class ChainStore {
  public:
    ChainStore() = default;
    virtual ~ChainStore() = default;
    ChainStore(const ChainStore&) = delete;
    ChainStore& operator=(const ChainStore&) = delete;

    /// nullopt: the store is empty.
    [[nodiscard]] virtual Result<std::optional<uint64_t>> head_number() = 0;
    /// nullopt: above the head.
    [[nodiscard]] virtual Result<std::optional<StoredBlock>> block(uint64_t number) = 0;
    /// nullopt: no block of the chain has that hash.
    [[nodiscard]] virtual Result<std::optional<uint64_t>> number_of(const hash32& hash) = 0;
    /// The lowest block that rewind() can go back to.
    [[nodiscard]] virtual uint64_t oldest_rewind() = 0;

    /// The state after the head. Its block_hash() knows the head and its 255 ancestors.
    [[nodiscard]] virtual state::StateView& state() = 0;
    /// State root after `diff` is applied to that state. What was computed for it is kept for the commit() that follows. As roots_after(),
    /// an error while the root of the head is outstanding and turns out to be another: settle() says so.
    [[nodiscard]] virtual Result<hash32> root_after(const state::StateDiff& diff) = 0;
    /// State roots after the first of `steps` is applied to that state, after the second is applied to that, and so on.
    [[nodiscard]] virtual Result<std::vector<hash32>> roots_after(std::span<const state::StateDiff> steps) = 0;

    /// Makes a child of the head the head; into an empty store, the first block with its state as a difference to an empty one. If
    /// root_after() was not asked, the state root is outstanding, and the store may compute it while the next block executes.
    [[nodiscard]] virtual Result<void> commit(BlockCommit commit) = 0;
    /// Returns when no state root is outstanding. nullopt: the state of the head has the root that its header says. A hash: the root that
    /// it has instead; the head is then the parent of that block, or the store is empty again, and so it is after an error.
    [[nodiscard]] virtual Result<std::optional<hash32>> settle() = 0;
    /// Makes a block of the chain the head and forgets those above it. `number` is at least oldest_rewind().
    [[nodiscard]] virtual Result<void> rewind(uint64_t number) = 0;

    /// Remembers that a block is invalid for whoever opens the store again, if the store has a place for that. A failure shows at the next
    /// commit.
    virtual void remember_bad(const hash32& hash, std::string_view why) {
        static_cast<void>(hash);
        static_cast<void>(why);
    }
    /// The invalid blocks that are remembered, the oldest first.
    [[nodiscard]] virtual Result<std::vector<RememberedBlock>> bad_blocks() { return {}; }
};

}  // namespace weft::chain
