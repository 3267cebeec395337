// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hash.hpp"

#include "weft/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace weft {
namespace {

constexpr size_t kPlaces = 64;
constexpr size_t kMean = 100;
constexpr size_t kSeeds = 256;

/// How many of the hashes of 0, 1, 2... fall on each place, by their high and by their low bits.
template <typename Hash>
std::pair<std::array<size_t, kPlaces>, std::array<size_t, kPlaces>> fallen_on(Hash&& hash) {
    std::pair<std::array<size_t, kPlaces>, std::array<size_t, kPlaces>> counts{};
    for (uint64_t i = 0; i < kPlaces * kMean; ++i) {
        const uint64_t value = hash(i);
        ++counts.first[value >> 58];
        ++counts.second[value % kPlaces];
    }
    return counts;
}

/// Six standard deviations of what chance would do.
void expect_even(const std::array<size_t, kPlaces>& counts) {
    const auto [fewest, most] = std::ranges::minmax(counts);
    EXPECT_GT(fewest, kMean * 4 / 10);
    EXPECT_LT(most, kMean * 16 / 10);
}

template <typename Hash>
void expect_even_for_every_seed(Hash&& hash) {
    Random random(1);
    for (size_t i = 0; i < kSeeds; ++i) {
        const auto [high, low] = fallen_on([&, seed = random.next()](uint64_t number) { return hash(number, seed); });
        expect_even(high);
        expect_even(low);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(HashTest, words_that_count_up_are_spread_evenly_with_every_seed) {
    for (size_t word = 0; word < 4; ++word)
        for (const int shift : {0, 12, 24, 40})
            expect_even_for_every_seed([&](uint64_t number, uint64_t seed) {
                std::array<uint64_t, 4> words{};
                words[word] = number << shift;
                return hash_words(words[0], words[1], words[2], words[3], HashKeys(seed));
            });
}

TEST(HashTest, bytes_that_count_up_are_spread_evenly_with_every_seed) {
    for (const size_t size : {2, 4, 8, 20, 32, 33})
        expect_even_for_every_seed([&](uint64_t number, uint64_t seed) {
            std::array<uint8_t, 33> bytes{};
            bytes[size - 1] = static_cast<uint8_t>(number);
            bytes[size - 2] = static_cast<uint8_t>(number >> 8);
            return keyed_hash(bytes.data(), size, seed);
        });
}

TEST(HashTest, exchanging_words_changes_the_hash) {
    std::array<uint64_t, 4> words{1, 2, 3, 4};
    std::set<uint64_t> hashes;
    do hashes.insert(hash_words(words[0], words[1], words[2], words[3]));
    while (std::ranges::next_permutation(words).found);
    EXPECT_EQ(hashes.size(), 24U);
}

}  // namespace
}  // namespace weft
