// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <chrono>
#include <cstdint>

namespace weft::state {

/// Whether reads of a store have been slow lately: so slow that it pays to have them waited for by a thread that has nothing else to do.
/// Out of the kernel's page cache a read takes some microseconds, of computing, and to hand it over takes some 35 more; from a disk
/// it takes 100 and more, of waiting, in which a core can do something else. So only waiting counts (WaitingTime).
///
/// It decides who waits, never what comes out. Thread safety: any thread may call any member.
class ReadSpeed {
  public:
    using Clock = std::chrono::steady_clock;

    /// A read of the store has waited so long.
    void note(Clock::duration waited) noexcept;

    /// Of the reads of late, on average.
    [[nodiscard]] bool is_slow() const noexcept { return is_slow_; }

  private:
    /// Ends of the range in which it stays what it was.
    static constexpr uint64_t kSlow = 50'000;
    static constexpr uint64_t kFast = 25'000;
    /// Of one read, no more is taken into account: on a busy machine who reads loses the core for much longer. So a quarter of the reads
    /// has to be long.
    static constexpr uint64_t kMost = 4 * kSlow;
    /// The mean is that of about so many reads.
    static constexpr uint64_t kReads = 64;

    sync::Atomic<uint64_t> mean_{0};  // nanoseconds
    sync::Atomic<bool> is_slow_{false};
};

}  // namespace weft::state
