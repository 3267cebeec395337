// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/t8n/failure.hpp"
#include "weft/t8n/traces.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace weft::t8n {

/// What the command line says. An input is a file, or "stdin": a member of the one object there ({alloc, env, txs or txsRlp, and maybe
/// blobParams}). An output is a file under `base_folder`, "stdout" or "stderr" (members of one object each), or empty: not wanted.
struct Options {
    std::string input_alloc = "alloc.json";
    std::string input_env = "env.json";
    /// A file whose name ends in ".rlp" holds a JSON string: the hex of an RLP list of signed transactions.
    std::string input_transactions = "txs.json";
    /// Of the fork's {target, max, baseFeeUpdateFraction}; empty: the usual ones.
    std::string input_blob_parameters;
    std::filesystem::path base_folder;
    std::string output_alloc = "alloc.json";
    std::string output_result = "result.json";
    std::string output_body;
    std::string output_opcode_counts;
    std::string fork = "GrayGlacier";
    uint64_t chain_id = 1;
    /// In wei; negative: the beneficiary is not even touched.
    int64_t reward = 0;
    TraceOptions traces;
};

/// What is to be printed; empty: nothing.
struct Printed {
    std::string standard_output;
    std::string standard_error;
};

/// Reads the whole standard input; called at most once.
using ReadInput = std::function<Result<std::string>()>;

/// Reads, applies, writes.
[[nodiscard]] Outcome<Printed> run_tool(const Options& options, const ReadInput& read_standard_input);

}  // namespace weft::t8n
