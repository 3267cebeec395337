// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/weft/commit_report.hpp"
#include "cmd/weft/machine_limit.hpp"
#include "cmd/weft/paired_times.hpp"
#include "cmd/weft/scaling_report.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/workloads/critical_path.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// What executing one block in one way cost, measurement by measurement.
struct WayReport {
    /// nullopt: sequential execution, beside all the others.
    std::optional<unsigned> threads;
    std::vector<double> ms;             ///< of one execution
    std::vector<double> sequential_ms;  ///< of the other half of each pair
    Together together;                  ///< in the same rounds
    std::vector<double> processor_ms;   ///< of one execution, on all threads
    uint64_t executions = 0;
    uint64_t peak_memory = 0;      ///< bytes of the process, the state and earlier results included; zero: unknown
    unsigned workers = 0;          ///< threads that the last execution used
    uint64_t reexecutions = 0;     ///< mean over the executions
    uint64_t parked = 0;           ///< mean over the executions
    uint64_t parked_on_reads = 0;  ///< mean over the executions
    uint64_t repaired = 0;         ///< mean over the executions
    uint64_t foretold = 0;         ///< the same

    [[nodiscard]] PairedTimes pairs() const { return {.before_ms = sequential_ms, .after_ms = ms}; }
    [[nodiscard]] LimitTimes limit() const { return limit_of(*threads, pairs(), together); }
};

/// What came out of one workload.
struct WorkloadReport {
    std::string name;
    uint64_t transactions = 0;
    uint64_t reverted = 0;
    uint64_t gas = 0;
    double build_ms = 0;
    WayReport sequential;
    std::vector<WayReport> parallel;
    /// Reads that were not in the cache of a slow state (mean of the executions in order).
    uint64_t cold_reads = 0;
    workloads::CriticalPath critical_path;  ///< in memory
    /// Sequential execution in memory as a share of what it took. What a slow state takes can be done for all transactions at once.
    double work_share = 1;
    ScalingReport scaling;                 ///< in memory
    hash32 state_root;                     ///< after the block
    std::vector<CommitReport> commits;     ///< One for each number of threads; none unless they were wanted.
    std::optional<hash32> committed_root;  ///< of the database after the block
    bool is_bad_input = false;
    std::string error;  ///< Empty: every execution gave the same.
};

struct BenchReport {
    uint64_t gas = 0;
    uint64_t seed = 0;
    unsigned repeat = 1;
    double least_ms = 0;  ///< Of a measurement.
    uint64_t read_latency_us = 0;
    bool machine_limit = false;
    CommitOptions commit;
    std::vector<Group> groups;
    std::vector<WorkloadReport> workloads;
};

/// A table for people: a line for each workload and number of threads.
[[nodiscard]] std::string to_table(const BenchReport& report);

/// The same for programs, with every single measurement.
[[nodiscard]] std::string to_json(const BenchReport& report);

}  // namespace weft::cli
