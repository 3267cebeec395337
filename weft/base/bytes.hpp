// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weft {

/// Owned byte string.
using bytes = std::vector<uint8_t>;

/// Borrowed byte string; the lender outlives it.
using bytes_view = std::span<const uint8_t>;

}  // namespace weft
