// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/types/block.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace weft::test {

/// A block and the state before it.
struct GeneratedBlock {
    uint64_t seed = 0;
    types::ChainRules rules;
    types::Header header;
    std::vector<types::Transaction> transactions;
    std::vector<std::optional<address>> senders;
    std::vector<types::Header> ommers;
    std::vector<types::Withdrawal> withdrawals;
    std::vector<hash32> block_hashes;  ///< Of the ancestors, the parent's first.
    state::MemoryState state;
    execution::BlockOptions options;
    /// The view fails whenever this account is read.
    std::optional<address> broken_account;

    /// Refers to this.
    [[nodiscard]] execution::BlockInput input() const;
};

/// The block of that seed. Most are valid: transactions that cannot stand where they stand are mostly corrected or left out;
/// the others stay, so that errors are compared too.
[[nodiscard]] GeneratedBlock generate_block(uint64_t seed);

/// Signs every transaction that has a sender. Generated blocks are not signed, because only files need it.
void sign(GeneratedBlock& block);

}  // namespace weft::test
