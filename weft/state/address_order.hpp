// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace weft::state {

/// The numbers 0 to addresses.size() - 1 in the order of the addresses.
[[nodiscard]] std::vector<uint32_t> order_of(std::span<const address* const> addresses);

}  // namespace weft::state
