// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/state/state_diff.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

/// Sorting by keys most of which are as good as random, as addresses and the slots of mappings are. Others are sorted, too, no faster than
/// usual.
namespace weft::state {

/// The first bytes of a key as a number that compares like them, and which key it is.
struct ShortKey {
    uint64_t prefix;
    uint32_t number;
};

/// The keys with the numbers 0 to `count` - 1 in their order, which is_before(number, number) decides where prefix_of(number) is the same.
/// `bits_in_common`: all prefixes begin with the same so many bits, 56 at most.
template <typename PrefixOf, typename IsBefore>
[[nodiscard]] std::vector<ShortKey> in_order(size_t count, unsigned bits_in_common, const PrefixOf& prefix_of, const IsBefore& is_before) {
    const auto comes_before = [&](const ShortKey& a, const ShortKey& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix : is_before(a.number, b.number);
    };
    std::vector<ShortKey> keys(count);
    constexpr size_t kFew = 64;
    if (count < kFew) {
        for (uint32_t i = 0; i < count; ++i) keys[i] = {.prefix = prefix_of(i), .number = i};
        std::ranges::sort(keys, comes_before);
        return keys;
    }
    // In buckets by their next eight bits, so that of most keys little is left to compare.
    constexpr size_t kBuckets = 256;
    const auto bucket_of = [&](uint64_t prefix) { return prefix << bits_in_common >> 56; };
    std::array<uint32_t, kBuckets + 1> begins{};
    for (uint32_t i = 0; i < count; ++i) ++begins[bucket_of(prefix_of(i)) + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::array<uint32_t, kBuckets> next;
    std::copy_n(begins.begin(), kBuckets, next.begin());
    for (uint32_t i = 0; i < count; ++i) {
        const uint64_t prefix = prefix_of(i);
        keys[next[bucket_of(prefix)]++] = {.prefix = prefix, .number = i};
    }
    for (size_t i = 0; i < kBuckets; ++i) std::sort(keys.begin() + begins[i], keys.begin() + begins[i + 1], comes_before);
    return keys;
}

/// The numbers 0 to addresses.size() - 1 in the order of the addresses.
[[nodiscard]] std::vector<uint32_t> order_of(std::span<const address* const> addresses);

/// Puts values in the order of their slots.
void sort_by_slot(std::vector<SlotValue>& values);

}  // namespace weft::state
