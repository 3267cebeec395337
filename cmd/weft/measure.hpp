// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

/// Time, processor time and memory of this process, and what to say of several measurements.
namespace weft::cli {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The value at that share of the sorted values (0: the least, 1: the greatest), between two of them in proportion; there is at least
/// one value.
[[nodiscard]] double quantile(std::vector<double> values, double share);
[[nodiscard]] inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

/// Processor time of all threads so far, in milliseconds, but for that of finding it out. Only differences count, of one thread's calls.
[[nodiscard]] double processor_milliseconds();

/// Makes the most memory that was resident so far what is resident now. Where the system has no such thing, nothing happens.
void reset_peak_memory();
/// The most memory that was resident since, in bytes; zero: unknown.
[[nodiscard]] uint64_t peak_memory();

}  // namespace weft::cli
