// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <cstdint>
#include <vector>

namespace weft {

/// How long a thread waits for a line of memory that another one wrote last. That is what threads pay for whatever they share, and it is
/// not a property of the program: cores that share a cache have some 30 ns, those of two sockets or chiplets four times that and more.
/// Virtual machines are moved from one to the other while they run.
///
/// Thread safety: none. One thread calls write(), another one read() after that, while the first one keeps its core and has not written
/// much else.
class LineTransfer {
  public:
    /// With so many lines, each of which takes 128 bytes of the caches.
    explicit LineTransfer(uint32_t lines);

    void write() noexcept;
    /// Nanoseconds for a line.
    [[nodiscard]] double read() noexcept;

  private:
    struct alignas(sync::kCacheLine) Line {
        uint32_t next = 0;
        uint32_t content = 0;
    };

    std::vector<Line> lines_;  ///< One circle, in an order that no prefetcher guesses.
    uint32_t sum_ = 0;         ///< Of what was read.
};

}  // namespace weft
