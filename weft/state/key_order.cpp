// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/key_order.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace weft::state {

namespace {

/// The first bytes of a key as a number that compares like them, and which key it is.
struct ShortKey {
    uint64_t prefix;
    uint32_t number;
};

/// The keys with the numbers 0 to `count` - 1 in their order, which is_before() decides where prefixes are the same.
template <typename PrefixOf, typename IsBefore>
std::vector<ShortKey> in_order(size_t count, const PrefixOf& prefix_of, const IsBefore& is_before) {
    // In buckets by their first byte, so that of most keys little is left to compare.
    const auto bucket_of = [](uint64_t prefix) { return prefix >> 56; };
    std::array<uint32_t, 257> begins{};
    for (uint32_t i = 0; i < count; ++i) ++begins[bucket_of(prefix_of(i)) + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<ShortKey> keys(count);
    std::array<uint32_t, 256> next;
    std::copy_n(begins.begin(), next.size(), next.begin());
    for (uint32_t i = 0; i < count; ++i) {
        const uint64_t prefix = prefix_of(i);
        keys[next[bucket_of(prefix)]++] = {.prefix = prefix, .number = i};
    }
    for (size_t i = 0; i < next.size(); ++i) {
        std::sort(keys.begin() + begins[i], keys.begin() + begins[i + 1], [&](const ShortKey& a, const ShortKey& b) {
            return a.prefix != b.prefix ? a.prefix < b.prefix : is_before(a.number, b.number);
        });
    }
    return keys;
}

uint64_t prefix_of(const address& addr) noexcept {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; ++i) prefix = prefix << 8 | addr[i];
    return prefix;
}

}  // namespace

std::vector<uint32_t> order_of(std::span<const address* const> addresses) {
    const auto keys = in_order(
        addresses.size(), [&](uint32_t i) { return prefix_of(*addresses[i]); },
        [&](uint32_t a, uint32_t b) { return *addresses[a] < *addresses[b]; });
    std::vector<uint32_t> order;
    order.reserve(keys.size());
    for (const ShortKey& key : keys) order.push_back(key.number);
    return order;
}

void sort_by_slot(std::vector<SlotValue>& values) {
    constexpr size_t kFew = 64;
    // Numbers of variables begin alike, and so do the elements of an array.
    const auto begins_like_the_first = [&](const SlotValue& value) { return value.slot.w[3] >> 56 == values.front().slot.w[3] >> 56; };
    if (values.size() < kFew || static_cast<size_t>(std::ranges::count_if(values, begins_like_the_first)) > values.size() / 2) {
        std::ranges::sort(values, {}, &SlotValue::slot);
        return;
    }
    const auto keys = in_order(
        values.size(), [&](uint32_t i) { return values[i].slot.w[3]; },
        [&](uint32_t a, uint32_t b) { return values[a].slot < values[b].slot; });
    std::vector<SlotValue> sorted;
    sorted.reserve(values.size());
    for (const ShortKey& key : keys) sorted.push_back(values[key.number]);
    values = std::move(sorted);
}

}  // namespace weft::state
