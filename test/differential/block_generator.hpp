// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/types/block.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::test {

/// What a block is mostly about.
enum class Profile : uint8_t {
    mixed,        ///< A bit of everything.
    hot_slots,    ///< Many load, compare, change and store the same few slots, and others only read them.
    balances,     ///< Many pay to and out of few accounts, the beneficiary among them, and look at what they have.
    recreations,  ///< A contract is destroyed and created again at its address, beside those who read and write its storage.
    chains,       ///< Few senders, most of them poor, send on what transactions before have brought them.
    payments,     ///< Many, among accounts without code, and hardly anything else.
};
inline constexpr size_t kProfiles = 6;
/// By name.
[[nodiscard]] const std::map<std::string, Profile>& profiles();

/// A block and the state before it.
struct GeneratedBlock {
    uint64_t seed = 0;
    Profile profile = Profile::mixed;
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

/// The block of that seed, every second of a profile other than `mixed`. Most are valid: transactions that cannot stand where they stand
/// are mostly corrected or left out; the others stay, so that errors are compared too.
[[nodiscard]] GeneratedBlock generate_block(uint64_t seed);
/// The same of one profile.
[[nodiscard]] GeneratedBlock generate_block(uint64_t seed, Profile profile);

/// Signs every transaction that has a sender. Generated blocks are not signed, because only files need it.
void sign(GeneratedBlock& block);

}  // namespace weft::test
