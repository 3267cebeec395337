// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <utility>

/// The state transition tool: applies transactions to a state given as JSON, with no block around them. What it reads, writes and
/// answers is what fillers of tests expect of geth's `evm t8n`.
namespace weft::t8n {

/// Why there is no result, as the process tells its caller.
enum class ExitCode : int {
    evm = 2,                 ///< The block cannot be finished: a system contract is missing or fails.
    config = 3,              ///< The fork is unknown, or the environment lacks what it asks for.
    missing_block_hash = 4,  ///< BLOCKHASH asked for a block whose hash was not given.
    json = 10,               ///< Input that is no JSON, or lacks or has wrong fields.
    io = 11,                 ///< A file that cannot be read or written.
    rlp = 12,                ///< Transactions that are no RLP list.
};

struct Failure {
    ExitCode code;
    std::string message;
};

template <typename T>
using Outcome = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> fail(ExitCode code, std::string message) {
    return std::unexpected(Failure{code, std::move(message)});
}

}  // namespace weft::t8n
