// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/weft/commit_report.hpp"
#include "cmd/weft/machine_limit.hpp"
#include "cmd/weft/paired_times.hpp"
#include "cmd/weft/scaling_report.hpp"
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
    PairedTimes pairs;                 ///< sequential and parallel; none unless it was executed both ways
    LimitTimes limit;                  ///< none unless it was wanted
    unsigned workers = 0;              ///< that the last execution other than sequential used; 0: there was none
    uint64_t reexecutions = 0;         ///< mean over the executions
    uint64_t repaired = 0;             ///< mean over the executions
    uint64_t foretold = 0;             ///< the same
    PairedTimes hinted_pairs;          ///< parallel without and with hints; none unless they were wanted
    uint64_t hinted_reexecutions = 0;  ///< mean over the executions with hints
    ScalingReport scaling;
    CommitReport commit;
    bool verified = false;
    bool is_bad_input = false;
    bool executors_differ = false;
    std::vector<std::string> not_checkable;
    std::string error;

    void describe(const fixtures::BlockFile& block);
    /// Blocks of public chains go by their number, others by their file.
    [[nodiscard]] std::string name() const;
    /// Whether it goes by that word: its name, the number alone, or the file without its ending.
    [[nodiscard]] bool goes_by(std::string_view word) const;
    /// Sequential time over parallel time, where both are known.
    [[nodiscard]] std::optional<Estimate> speedup() const { return pairs.speedup(); }
};

struct ReplayReport {
    unsigned threads = 1;
    std::string mode;
    unsigned repeat = 1;
    /// Whether the times of execution include the recovery of senders.
    bool with_recovery = false;
    double least_ms = 0;  ///< Of a measurement.
    std::string hints;    ///< Where they came from, or "none".
    bool machine_limit = false;
    CommitOptions commit;
    std::vector<Group> groups;
    std::vector<BlockReport> blocks;

    /// A member of a group that no block goes by; nullopt: there is none.
    [[nodiscard]] std::optional<std::string> unknown_member() const;
};

/// A table for people: a line for each block, then totals.
[[nodiscard]] std::string to_table(const ReplayReport& report);

/// The same for programs.
[[nodiscard]] std::string to_json(const ReplayReport& report);

}  // namespace weft::cli
