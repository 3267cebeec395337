// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/state/state_diff.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Sorting by keys most of which are as good as random, as addresses and the slots of mappings are. Others are sorted, too, no faster than
/// usual.
namespace weft::state {

/// The numbers 0 to addresses.size() - 1 in the order of the addresses.
[[nodiscard]] std::vector<uint32_t> order_of(std::span<const address* const> addresses);

/// Puts values in the order of their slots.
void sort_by_slot(std::vector<SlotValue>& values);

}  // namespace weft::state
