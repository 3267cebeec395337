// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/random.hpp"
#include "weft/db/database.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/trie/node_store.hpp"
#include "weft/types/block.hpp"
#include "weft/types/receipt.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::test {

/// A block with all that a commit takes, and the state behind it.
struct GeneratedBlock {
    types::Block block;
    hash32 hash;
    std::vector<types::Receipt> receipts;
    std::vector<address> senders;
    state::StateDiff diff;
    trie::NodeChanges nodes;
    uint256 total_difficulty;

    state::MemoryState state;
    std::map<std::pair<hash32, bytes>, bytes> trie;  ///< every node of the state's tries, by owner and path

    [[nodiscard]] db::BlockId id() const { return {.number = block.header.number, .hash = hash}; }
    [[nodiscard]] db::BlockCommit commit(bool sync) const {
        return {.block = block,
                .receipts = receipts,
                .senders = senders,
                .diff = diff,
                .nodes = nodes,
                .total_difficulty = total_difficulty,
                .sync = sync};
    }
};

/// A chain of random blocks that no EVM has executed: they change, make, empty and destroy a few accounts with few slots, so that the
/// same ones are met again and again. A copy shares the blocks.
class GeneratedChain {
  public:
    explicit GeneratedChain(uint64_t seed);

    [[nodiscard]] const GeneratedBlock& genesis() const { return *blocks_.front(); }
    [[nodiscard]] const GeneratedBlock& head() const { return *blocks_.back(); }
    [[nodiscard]] const GeneratedBlock& at(uint64_t number) const { return *blocks_.at(number); }
    [[nodiscard]] db::Identity identity() const { return {.chain_id = 1, .genesis_hash = genesis().hash}; }

    /// Makes the next block.
    const GeneratedBlock& grow();
    /// Forgets the blocks behind one; the next is another than before.
    void cut(uint64_t number) { blocks_.resize(number + 1); }

    /// Where a state differs from that of a block, in all accounts and slots there can be; empty: nowhere.
    [[nodiscard]] std::string difference(state::StateView& state, const GeneratedBlock& block) const;
    /// Where stored tries differ from those of a block; empty: nowhere.
    [[nodiscard]] static std::string node_difference(db::Database& database, const GeneratedBlock& block);

  private:
    [[nodiscard]] state::StateDiff random_diff(state::MemoryState& before);
    [[nodiscard]] std::optional<state::AccountDiff> random_change(state::MemoryState& before, const address& addr, state::StateDiff& diff);
    [[nodiscard]] std::vector<state::SlotValue> random_slots(state::MemoryState& before, const address& addr, bool wiped);
    void fill(GeneratedBlock& next, const GeneratedBlock* parent);

    Random random_;
    std::vector<address> addresses_;
    std::vector<uint256> slots_;
    std::vector<std::shared_ptr<const GeneratedBlock>> blocks_;
};

}  // namespace weft::test
