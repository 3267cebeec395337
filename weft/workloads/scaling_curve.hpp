// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/workloads/critical_path.hpp"
#include "weft/workloads/simulated_schedule.hpp"

#include <optional>
#include <span>

namespace weft::workloads {

/// A point of the curve.
struct SimulatedSpeedup {
    unsigned threads = 1;
    double speedup = 1;     ///< Of a simulated schedule, over measured execution in order; at most `bound`.
    double bound = 1;       ///< As best_speedup().
    uint64_t repeated = 0;  ///< Transactions that the schedule executes twice.
};

/// A valid block as a schedule sees it.
struct MeasuredBlock {
    ScheduledBlock block;  ///< In milliseconds.
    double in_order_ms = 0;
};

/// Measures what goes into the schedule of a block, as medians: what it takes the parallel executor on one thread to begin, to execute and
/// to commit each transaction, and to end; what each takes in order, for repetitions; and whose writes each reads. What looking at the
/// clock takes is subtracted. begin() is called ahead of each execution, and may empty caches. nullopt: the block is longer than a
/// timeline.
[[nodiscard]] std::expected<std::optional<MeasuredBlock>, execution::BlockError> measure_for_schedule(const execution::BlockInput& block,
                                                                                                      state::StateView& view,
                                                                                                      const std::function<void()>& begin);

/// The speed-ups that the block would have on so many threads if nothing but the schedule mattered: see simulate_schedule() for what that
/// leaves out. They are simulated, from what was measured on one thread, and no measurements.
[[nodiscard]] std::expected<std::optional<std::vector<SimulatedSpeedup>>, execution::BlockError> simulate_scaling(
    const execution::BlockInput& block, state::StateView& view, const std::function<void()>& begin, std::span<const unsigned> threads);

}  // namespace weft::workloads
