// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/line_transfer.hpp"
#include "weft/base/sync.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace weft::execution::parallel {

/// How far apart the cores of an executor's threads are, measured in passing while blocks are executed: a microsecond or a few each time.
///
/// Thread safety: any thread may call write(), one of them in each block; one thread calls the other members, begin_block() while nobody
/// else is there.
class CoreDistance {
  public:
    /// For a block on so many workers. Not worker 0, which will read().
    void begin_block(unsigned workers) noexcept {
        // Relaxed: nobody else is here.
        is_written_.store(false, sync::kRelaxed);
        if (workers > 1) writer_ = 1 + writer_ % (workers - 1);
    }
    /// Each worker calls it when it is there.
    void write(unsigned worker) noexcept {
        if (worker != writer_) return;
        lines_.write();
        is_written_.store(true, sync::kRelease);
    }
    /// A little later: nothing, if the worker whose turn it is is not there.
    void read() noexcept {
        if (!is_written_.load(sync::kAcquire)) return;
        last_[next_] = lines_.read();
        next_ = (next_ + 1) % last_.size();
    }

    /// Nanoseconds for a line, the median of the last blocks; 0: it is not known yet.
    [[nodiscard]] double line_ns() const noexcept {
        const auto [a, b, c] = last_;
        return std::max(std::min(a, b), std::min(std::max(a, b), c));
    }

  private:
    LineTransfer lines_{32};
    alignas(sync::kCacheLine) sync::Atomic<bool> is_written_{false};
    unsigned writer_ = 1;
    std::array<double, 3> last_{};  ///< One that took too long, because a thread lost its core, does no harm.
    size_t next_ = 0;
};

}  // namespace weft::execution::parallel
