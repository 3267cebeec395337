// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/line_transfer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace weft::execution::parallel {

/// How far apart the cores of an executor's threads are, measured in passing while blocks are executed: a microsecond or a few each time.
/// Worker 0 writes the lines, as its core is awake: one that has slept in between has no lines left to give.
///
/// Thread safety: one thread calls begin_block() and write() while no other is here, then each worker read(), and one thread line_ns()
/// after that.
class CoreDistance {
  public:
    /// For a block on so many workers, of which one will read: each in its turn.
    void begin_block(unsigned workers) noexcept {
        if (workers > 1) reader_ = 1 + reader_ % (workers - 1);
    }
    /// As worker 0, right before the others are told to go on.
    void write() noexcept { lines_.write(); }
    /// Each other worker calls it when it goes on. One that comes late finds lines that worker 0 has written a while ago.
    void read(unsigned worker) noexcept {
        if (worker != reader_) return;
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
    unsigned reader_ = 1;
    std::array<double, 3> last_{};  ///< One that took too long, because a thread lost its core, does no harm.
    size_t next_ = 0;
};

}  // namespace weft::execution::parallel
