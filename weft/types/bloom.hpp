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

/// Fills many filters. Each element of a log costs a hash: those of many logs are hashed side by side, and the bits of those met last are
/// remembered, since a few events and contracts fill most logs.
///
/// Thread safety: none.
class BloomBuilder {
  public:
    BloomBuilder() : known_(kKnown) {}
    BloomBuilder(const BloomBuilder&) = delete;
    BloomBuilder& operator=(const BloomBuilder&) = delete;

    /// Adds logs to a filter. It has all their bits when finish() has returned, and stays where it is until then; the logs need not.
    void add(std::span<const Log> logs, Bloom& bloom) noexcept;
    void finish() noexcept;

  private:
    static constexpr size_t kKnown = 512;
    /// Elements that are hashed together, and places in which they are wanted.
    static constexpr size_t kWaiting = 32;
    static constexpr size_t kUses = 256;

    struct Known {
        hash32 element;    ///< An address has zeros behind it.
        uint8_t size = 0;  ///< 0: nothing is known.
        bool is_waiting = false;
        std::array<uint16_t, 3> bits{};  ///< Unless it is waiting.
    };
    struct Use {
        Bloom* bloom;
        const Known* known;
    };

    void add(bytes_view element, Bloom& bloom) noexcept;

    std::vector<Known> known_;
    std::array<Known*, kWaiting> waiting_{};
    size_t waiting_count_ = 0;
    std::array<Use, kUses> uses_{};
    size_t use_count_ = 0;
};

}  // namespace weft::types
