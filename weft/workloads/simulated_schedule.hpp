// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::workloads {

/// What a schedule has to know of one transaction. Times are in any one unit.
struct ScheduledTransaction {
    static constexpr uint32_t kNone = UINT32_MAX;

    double execute = 0;               ///< Executing it ahead of its turn.
    double repeat = 0;                ///< Executing it once more when it is its turn.
    double commit = 0;                ///< Its turn, but for that.
    uint64_t gas = 0;                 ///< What it may cost, as far as is known beforehand.
    uint32_t previous = kNone;        ///< The one of the same sender before it.
    std::vector<uint32_t> writers{};  ///< Those before it that wrote what it reads.
};

struct ScheduledBlock {
    double begin = 0;  ///< Before the first transaction, on one thread.
    double end = 0;    ///< After the last, on all threads together.
    std::vector<ScheduledTransaction> transactions{};
};

/// How a schedule went.
struct ScheduleOutcome {
    double time = 0;
    uint64_t repeated = 0;
};

/// Goes through the execution of a block on `threads` threads by the rules of ParallelExecutor (docs/architecture.md, "How a block executes
/// in parallel") and adds up what takes how long. A thread that has nothing at hand takes the next transaction, in order and as far
/// ahead of the commits as the window allows; one whose sender's last is unfinished waits, and goes on with the thread that finishes
/// that. Those of a sender who has so much to do that the block waits for him begin as early as they can, whatever else has not begun; or
/// single ones that may take longer than all that comes behind them.
/// Transactions are committed one at a time, in order, by the thread that executed them, or by one without other work, or by any
/// where much waits. One that began before somebody whose writes it reads had finished is executed again at its turn.
///
/// Left out, so that what comes out is no measurement: neighbours that go to one thread together, waits at estimates and contended slots,
/// the comparison of values, which spares repetitions, validation, waking threads up, and what threads share: caches, memory, locks.
[[nodiscard]] ScheduleOutcome simulate_schedule(const ScheduledBlock& block, unsigned threads);

}  // namespace weft::workloads
