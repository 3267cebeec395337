// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/key_order.hpp"

#include <algorithm>
#include <utility>

namespace weft::state {

namespace {

uint64_t prefix_of(const address& addr) noexcept {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; ++i) prefix = prefix << 8 | addr[i];
    return prefix;
}

}  // namespace

std::vector<uint32_t> order_of(std::span<const address* const> addresses) {
    const auto keys = in_order(
        addresses.size(), 0, [&](uint32_t i) { return prefix_of(*addresses[i]); },
        [&](uint32_t a, uint32_t b) { return *addresses[a] < *addresses[b]; });
    std::vector<uint32_t> order;
    order.reserve(keys.size());
    for (const ShortKey& key : keys) order.push_back(key.number);
    return order;
}

void sort_by_slot(std::vector<SlotValue>& values) {
    if (std::ranges::is_sorted(values, {}, &SlotValue::slot)) return;
    constexpr size_t kFew = 64;
    // Numbers of variables begin alike, and so do the elements of an array.
    const auto begins_like_the_first = [&](const SlotValue& value) { return value.slot.w[3] >> 56 == values.front().slot.w[3] >> 56; };
    if (values.size() < kFew || static_cast<size_t>(std::ranges::count_if(values, begins_like_the_first)) > values.size() / 2) {
        std::ranges::sort(values, {}, &SlotValue::slot);
        return;
    }
    const auto keys = in_order(
        values.size(), 0, [&](uint32_t i) { return values[i].slot.w[3]; },
        [&](uint32_t a, uint32_t b) { return values[a].slot < values[b].slot; });
    std::vector<SlotValue> sorted;
    sorted.reserve(values.size());
    for (const ShortKey& key : keys) sorted.push_back(values[key.number]);
    values = std::move(sorted);
}

}  // namespace weft::state
