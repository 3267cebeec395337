// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/workloads/scaling_curve.hpp"

#include <string>
#include <vector>

namespace weft::cli {

/// The simulated speed-ups of one block; none: they were not wanted, or the block is too long for it.
struct ScalingReport {
    std::string name;
    std::vector<workloads::SimulatedSpeedup> curve;
};

/// What --help says of it.
inline constexpr const char* kScalingHelp =
    R"(--simulate-threads says how the speed-up would grow with threads that the machine need not have. It is simulated, not measured: what
each transaction takes is measured on one thread, and a schedule by the rules of the engine adds it up, with the true conflicts.
What threads share, and what it takes to wake them, is not in it; beside it stands the bound of threads and dependencies.)";

/// A table for people, beneath that of the measurements; empty if there is no curve.
[[nodiscard]] std::string to_table(const std::vector<ScalingReport>& reports);

/// The same for programs: a list of points.
[[nodiscard]] std::string to_json(const ScalingReport& report);

}  // namespace weft::cli
