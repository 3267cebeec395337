// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/types/chain_rules.hpp"
#include "weft/types/revision.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What belongs to a chain as a whole: when its forks start, and which of its blocks are valid.
namespace weft::chain {

/// A revision that starts with block `block`.
struct BlockFork {
    types::Revision revision = types::Revision::Frontier;
    uint64_t block = 0;
};

/// A revision that starts with the first block whose timestamp is at least `time` (seconds since 1970).
struct TimeFork {
    types::Revision revision = types::Revision::Shanghai;
    uint64_t time = 0;
};

/// Blob parameters that replace those of the revision from `time` on (EIP-7840, EIP-7892).
struct BlobFork {
    uint64_t time = 0;
    types::BlobSchedule blob;
};

/// How far the difficulty bomb looks back from block `block` on (EIP-649, 1234, 2384, 3554, 4345, 5133).
struct BombDelay {
    uint64_t block = 0;
    uint64_t delay = 0;
};

/// The fork schedule of a chain. All lists ascend.
struct ChainSpec {
    std::string name;
    uint64_t chain_id = 1;
    /// The first starts at block 0.
    std::vector<BlockFork> block_forks;
    std::vector<TimeFork> time_forks;
    std::vector<BlobFork> blob_forks;
    std::vector<BombDelay> bomb_delays;
    /// Where no block is scheduled for Paris: it starts with the child of the first block that reaches this total difficulty (EIP-3675).
    std::optional<uint256> terminal_total_difficulty{};
    /// The block with the irregular state change of the DAO fork.
    std::optional<uint64_t> dao_block;
    address deposit_contract = types::kMainnetDepositContract;

    /// `merged`: what is_merged_after() says of the parent; nothing when Paris is scheduled by block.
    [[nodiscard]] types::ChainRules rules_at(uint64_t number, uint64_t timestamp, bool merged = false) const noexcept;
    /// Whether blocks on a parent with that total difficulty follow the rules of Paris, as far as difficulty decides it.
    [[nodiscard]] bool is_merged_after(const uint256& parent_total_difficulty) const noexcept {
        return terminal_total_difficulty && parent_total_difficulty >= *terminal_total_difficulty;
    }
    [[nodiscard]] uint64_t bomb_delay_at(uint64_t number) const noexcept;
};

/// Mainnet, Sepolia, Holesky or Hoodi; null for every other chain id.
[[nodiscard]] const ChainSpec* spec_of_chain_id(uint64_t chain_id) noexcept;

/// A chain that is at `revision` from its first block on.
[[nodiscard]] ChainSpec spec_of_revision(types::Revision revision, uint64_t chain_id);

}  // namespace weft::chain
