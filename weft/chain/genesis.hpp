// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/chain/chain_spec.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/types/block.hpp"

#include <span>
#include <string_view>

namespace weft::chain {

/// Where a chain begins.
struct Genesis {
    ChainSpec spec;
    types::Block block;
    hash32 hash;
    /// The first state, as what changes in an empty one.
    state::StateDiff allocation;
};

/// Longest genesis file that is read, in bytes.
inline constexpr size_t kMaxGenesisSize = size_t{64} << 20;

/// Reads a genesis file in the format of go-ethereum: `config` with the fork schedule, `alloc` with the accounts, and header fields.
/// Numbers are JSON numbers, hex strings or decimal strings; keys are read in capital and small letters. Header fields that the
/// file does not have follow from the forks that are active in the first block.
///
/// Where `config` has terminalTotalDifficulty 0, the whole chain is after the merge; otherwise the total difficulty decides where
/// Paris begins, and mergeNetsplitBlock only has to be in order. Errors name the field: a missing one, a number that is none or too
/// large, an unknown fork, forks out of order, blob parameters that cannot be, a chain of clique, a stateRoot that is not that of
/// `alloc`.
[[nodiscard]] Result<Genesis> parse_genesis(std::string_view json);

/// The same for a file without `config`, whose fork schedule is `spec`.
[[nodiscard]] Result<Genesis> parse_genesis(std::string_view json, const ChainSpec& spec);

/// Names of the networks whose genesis is built in: mainnet, sepolia, holesky, hoodi.
[[nodiscard]] std::span<const std::string_view> builtin_networks() noexcept;
/// One of those. Error: no such network; the names are in the message.
[[nodiscard]] Result<Genesis> builtin_genesis(std::string_view network);

}  // namespace weft::chain
