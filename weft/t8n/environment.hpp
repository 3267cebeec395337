// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/json/json.hpp"
#include "weft/t8n/failure.hpp"
#include "weft/t8n/fork.hpp"
#include "weft/types/header.hpp"
#include "weft/types/withdrawal.hpp"

#include <map>
#include <optional>
#include <vector>

namespace weft::t8n {

struct Ommer {
    uint64_t delta = 1;  ///< How many blocks before this one it stood, 1 to 7.
    address recipient;
};

/// `env`: the block to be, and what is known of its parent.
struct Environment {
    address beneficiary;
    uint64_t gas_limit = 0;
    uint64_t number = 0;
    uint64_t timestamp = 0;
    std::optional<uint256> difficulty;
    std::optional<uint256> random;
    std::optional<uint256> base_fee;
    std::optional<uint64_t> excess_blob_gas;
    std::optional<hash32> parent_beacon_block_root;
    std::optional<std::vector<types::Withdrawal>> withdrawals;
    std::vector<Ommer> ommers;
    std::map<uint64_t, hash32> block_hashes;

    std::optional<uint256> parent_difficulty;
    hash32 parent_ommers_hash = types::kEmptyOmmersHash;
    uint64_t parent_timestamp = 0;
    std::optional<uint256> parent_base_fee;
    uint64_t parent_gas_used = 0;
    uint64_t parent_gas_limit = 0;
    std::optional<uint64_t> parent_excess_blob_gas;
    std::optional<uint64_t> parent_blob_gas_used;
};

/// Numbers may be hex with "0x" or decimal. What is missing or wrong is reported to the document.
[[nodiscard]] Environment read_environment(const json::Json& json);

/// The header of the block to be: what `env` says, and where it does not, what follows from the parent: difficulty, base fee, excess
/// blob gas. The last may stay unknown; then there is no price for blobs. ExitCode::config: something else that the fork needs is missing.
[[nodiscard]] Outcome<types::Header> header_of(const Environment& environment, const Fork& fork);

}  // namespace weft::t8n
