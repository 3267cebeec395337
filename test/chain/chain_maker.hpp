// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/chain/genesis.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/types/block.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace weft::test {

/// A block on its parent, and the state after it.
struct MadeBlock {
    types::Block block;
    bytes encoded;
    hash32 hash;
    uint256 total_difficulty;
    const MadeBlock* parent = nullptr;
    state::MemoryState state;

    [[nodiscard]] const types::Header& header() const noexcept { return block.header; }
};

/// What a block is to be like.
struct Wishes {
    uint64_t seconds = 13;  ///< After its parent.
    std::vector<types::Transaction> transactions{};
    std::vector<types::Header> ommers{};
    bytes extra_data{};
};

/// Makes valid blocks on any block made before, so that trees of blocks come about. In the first state three accounts have money, and
/// contract() keeps hashes of blocks in four slots, so that states of different branches differ; called with data it destroys itself.
class ChainMaker {
  public:
    /// Of proof of work up to London, of proof of stake from Paris on.
    explicit ChainMaker(types::Revision revision) : ChainMaker(chain::spec_of_revision(revision, 1)) {}
    explicit ChainMaker(chain::ChainSpec spec);

    [[nodiscard]] const chain::Genesis& genesis() const noexcept { return genesis_; }
    [[nodiscard]] const MadeBlock& first() const noexcept { return blocks_.front(); }
    [[nodiscard]] static address contract();
    [[nodiscard]] static constexpr size_t users() noexcept { return 3; }

    const MadeBlock& make(const MadeBlock& parent, Wishes wishes = {});
    /// A copy of a block that `change` has been done to, with the hash that it then has.
    const MadeBlock& changed(const MadeBlock& original, const std::function<void(types::Block&)>& change);

    /// A signed transaction of a user, as the first of a block on `parent`; `later`: with so many of the same user before it.
    [[nodiscard]] types::Transaction call(const MadeBlock& parent, size_t user, const address& to, uint64_t value, const bytes& data = {},
                                          uint64_t later = 0) const;

  private:
    [[nodiscard]] types::ChainRules rules_of(const types::Header& header, const MadeBlock& parent) const;
    [[nodiscard]] types::Header header_on(const MadeBlock& parent, const Wishes& wishes) const;
    /// Executes the block on the state of its parent, and completes its header.
    void execute(MadeBlock& made, const types::ChainRules& rules) const;

    chain::Genesis genesis_;
    std::deque<MadeBlock> blocks_;
};

}  // namespace weft::test
