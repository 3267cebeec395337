// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>

#include <chrono>

namespace weft {

/// How long the calling thread takes for something for which it gives its core away, as to read from a disk. Zero for what it does without
/// waiting, however long that takes and however often the scheduler takes the core from it (Linux: getrusage, RUSAGE_THREAD).
///
/// Thread safety: one thread makes and asks it.
class WaitingTime {
  public:
    using Clock = std::chrono::steady_clock;

    WaitingTime() noexcept : waits_(waits()), start_(Clock::now()) {}

    /// Since this was made.
    [[nodiscard]] Clock::duration passed() const noexcept { return waits() == waits_ ? Clock::duration::zero() : Clock::now() - start_; }

  private:
    [[nodiscard]] static long waits() noexcept {
        rusage usage{};
        return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
    }

    long waits_;
    Clock::time_point start_;
};

}  // namespace weft
