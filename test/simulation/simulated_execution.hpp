// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/differential/block_generator.hpp"
#include "weft/base/simulation/simulation.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weft::test {

/// What there is to simulate.
struct SimulatedRun {
    /// Chooses the blocks, their hints (none, right, random or misleading ones), the disturbances of their state and the schedules.
    uint64_t seed = 0;
    /// 0: two to four, as the seed says for each schedule.
    unsigned threads = 0;
    std::optional<Fault> fault = {};
    /// Of all blocks; nullopt: as their seeds say.
    std::optional<Profile> profile = {};
};

/// What it came to.
struct SimulatedOutcome {
    uint64_t blocks = 0;
    uint64_t transactions = 0;
    uint64_t schedules = 0;  ///< Each executes all the blocks.
    uint64_t steps = 0;
    uint64_t switches = 0;
    uint64_t repaired = 0;  ///< Slots.
    uint64_t trace = 0;     ///< Hash of who did what in which order.
    /// How parallel execution went wrong; nullopt: it ended and gave what sequential execution gives.
    std::optional<std::string> finding;

    bool operator==(const SimulatedOutcome&) const = default;
};

/// Executes one to three random blocks in order, and then, under several schedules, one after the other by one ParallelExecutor whose
/// threads are simulated.
[[nodiscard]] SimulatedOutcome simulate(const SimulatedRun& run);

}  // namespace weft::test
