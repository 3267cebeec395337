// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/types/log.hpp"

#include <array>
#include <span>
#include <vector>

namespace weft::types {

/// The 2048-bit log filter of receipts and headers (Yellow Paper, M3:2048).
struct Bloom : FixedBytes<256> {
    /// Sets the three bits of one address or topic.
    void add(bytes_view element) noexcept;
    void add(const Log& log) noexcept;
    /// False only if the element was never added.
    [[nodiscard]] bool may_contain(bytes_view element) const noexcept;
    Bloom& operator|=(const Bloom& other) noexcept;
};

[[nodiscard]] Bloom bloom_of(std::span<const Log> logs) noexcept;

/// Makes filters of logs, and remembers the bits of the elements it met last: a few events and contracts fill most logs, and
/// each element costs a hash.
///
/// Thread safety: none.
class BloomBuilder {
  public:
    BloomBuilder() : known_(kKnown) {}

    /// The same as bloom_of().
    [[nodiscard]] Bloom of(std::span<const Log> logs) noexcept;
    /// Forgets what was met so far.
    void forget() noexcept { ++epoch_; }

  private:
    static constexpr size_t kKnown = 512;

    struct Known {
        hash32 element;  ///< An address has zeros behind it.
        uint8_t size = 0;
        std::array<uint16_t, 3> bits{};
        uint32_t epoch = 0;  ///< Known only if it is the builder's.
    };

    void add(bytes_view element, Bloom& bloom) noexcept;

    std::vector<Known> known_;
    uint32_t epoch_ = 1;
};

}  // namespace weft::types
