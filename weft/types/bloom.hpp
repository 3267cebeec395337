// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/types/log.hpp"

#include <span>

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

}  // namespace weft::types
