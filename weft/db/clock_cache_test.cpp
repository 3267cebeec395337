// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/clock_cache.hpp"

#include "weft/base/fixed_bytes.hpp"

#include <gtest/gtest.h>

namespace weft::db {
namespace {

using Cache = ClockCache<address, uint64_t>;

/// Keys fall on shards by chance: this many more than fit, and every shard has met more than it holds.
constexpr uint64_t kCapacity = 6'400;
constexpr uint64_t kMany = 3 * kCapacity;

TEST(ClockCacheTest, holds_no_more_than_its_capacity_and_answers_with_what_was_put_last) {
    Cache cache(kCapacity);
    for (uint64_t round = 1; round <= 3; ++round)
        for (uint64_t i = 0; i < kMany; ++i) cache.put(address_of(i), round * kMany + i);
    EXPECT_EQ(cache.counts().entries, kCapacity);
    uint64_t found = 0;
    for (uint64_t i = 0; i < kMany; ++i) {
        const auto value = cache.find(address_of(i));
        if (!value) continue;
        ++found;
        EXPECT_EQ(*value, 3 * kMany + i);
    }
    EXPECT_EQ(found, kCapacity);
    EXPECT_EQ(cache.counts().hits, kCapacity);
    EXPECT_EQ(cache.counts().misses, kMany - kCapacity);
    cache.clear();
    EXPECT_EQ(cache.counts().entries, 0U);
    EXPECT_FALSE(cache.find(address_of(1)));
}

TEST(ClockCacheTest, what_is_asked_for_outlives_what_is_not) {
    Cache cache(kCapacity);
    constexpr uint64_t kWanted = kCapacity / 4;
    for (uint64_t i = 0; i < kWanted; ++i) cache.put(address_of(i), i);
    for (uint64_t i = kWanted; i < kMany; ++i) {
        cache.put(address_of(i), i);
        if (i % kWanted == 0)
            for (uint64_t wanted = 0; wanted < kWanted; ++wanted) EXPECT_EQ(cache.find(address_of(wanted)), wanted);
    }
}

TEST(ClockCacheTest, only_find_counts_a_miss) {
    Cache cache(kCapacity);
    EXPECT_FALSE(cache.peek(address_of(1)));
    EXPECT_EQ(cache.counts().misses, 0U);
    EXPECT_FALSE(cache.find(address_of(1)));
    EXPECT_EQ(cache.counts().misses, 1U);
    cache.put(address_of(1), 7);
    EXPECT_EQ(cache.peek(address_of(1)), 7U);
    EXPECT_EQ(cache.counts().hits, 1U);
    cache.put_if(address_of(1), 8, [] { return false; });
    EXPECT_EQ(cache.find(address_of(1)), 7U);
}

}  // namespace
}  // namespace weft::db
