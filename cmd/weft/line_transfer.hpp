// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/base/thread_pool.hpp"

#include <cstdint>
#include <vector>

namespace weft::cli {

/// How long a thread waits for a line of memory that another one wrote last. That is what threads pay for whatever they share, and it is
/// not a property of the program: cores that share a cache have some 30 ns, those of two sockets or chiplets four times that and more.
/// Virtual machines are moved from one to the other while they run.
///
/// Thread safety: none.
class LineTransfer {
  public:
    LineTransfer();

    /// Nanoseconds, the mean for worker 0 of the pool and each of the others below `threads`, which is at least two. Takes well under a
    /// millisecond for each.
    [[nodiscard]] double measure(ThreadPool& pool, unsigned threads);

  private:
    struct alignas(sync::kCacheLine) Line {
        uint32_t next = 0;
        uint32_t content = 0;
    };

    [[nodiscard]] double measure_with(ThreadPool& pool, unsigned other);
    void write() noexcept;
    [[nodiscard]] double read() noexcept;

    std::vector<Line> lines_;  ///< One circle, in an order that no prefetcher guesses.
    uint32_t sum_ = 0;         ///< Of what was read.
};

}  // namespace weft::cli
