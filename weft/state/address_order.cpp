// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/address_order.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace weft::state {

namespace {

/// The first bytes of an address as a number that compares like them.
uint64_t prefix_of(const address& addr) noexcept {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; ++i) prefix = prefix << 8 | addr[i];
    return prefix;
}

}  // namespace

std::vector<uint32_t> order_of(std::span<const address* const> addresses) {
    // Small keys in buckets by their first byte: most addresses are as good as random, so that little is left to compare.
    struct Key {
        uint64_t prefix;
        uint32_t number;
    };
    std::array<uint32_t, 257> begins{};
    for (const address* addr : addresses) ++begins[(*addr)[0] + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<Key> keys(addresses.size());
    std::array<uint32_t, 256> next;
    std::copy_n(begins.begin(), next.size(), next.begin());
    for (uint32_t i = 0; i < addresses.size(); ++i) keys[next[(*addresses[i])[0]]++] = {.prefix = prefix_of(*addresses[i]), .number = i};
    for (size_t i = 0; i < next.size(); ++i) {
        std::sort(keys.begin() + begins[i], keys.begin() + begins[i + 1], [&](const Key& a, const Key& b) {
            return a.prefix != b.prefix ? a.prefix < b.prefix : *addresses[a.number] < *addresses[b.number];
        });
    }
    std::vector<uint32_t> order;
    order.reserve(keys.size());
    for (const Key& key : keys) order.push_back(key.number);
    return order;
}

}  // namespace weft::state
