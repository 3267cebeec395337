// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/fixtures/block_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// What came out of one block.
struct BlockReport {
    std::string file;
    std::string chain;
    uint64_t number = 0;
    std::string fork;
    size_t transactions = 0;
    uint64_t gas = 0;
    double load_ms = 0;
    double recovery_ms = 0;               ///< on all threads
    std::optional<double> sequential_ms;  ///< nullopt: not executed that way
    std::optional<double> parallel_ms;
    unsigned workers = 0;       ///< that the last execution other than sequential used; 0: there was none
    uint64_t reexecutions = 0;  ///< mean over the repetitions
    uint64_t repaired = 0;      ///< mean over the repetitions
    bool verified = false;
    bool is_bad_input = false;
    bool executors_differ = false;
    std::vector<std::string> not_checkable;
    std::string error;

    void describe(const fixtures::BlockFile& block);
    /// Blocks of public chains go by their number, others by their file.
    [[nodiscard]] std::string name() const;
    /// Sequential time over parallel time, where both are known.
    [[nodiscard]] std::optional<double> speedup() const;
};

struct ReplayReport {
    unsigned threads = 1;
    std::string mode;
    unsigned repeat = 1;
    /// Whether the times of execution include the recovery of senders.
    bool with_recovery = false;
    std::vector<BlockReport> blocks;
};

/// A table for people: a line for each block, then totals.
[[nodiscard]] std::string to_table(const ReplayReport& report);

/// The same for programs.
[[nodiscard]] std::string to_json(const ReplayReport& report);

}  // namespace weft::cli
