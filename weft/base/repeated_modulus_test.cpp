// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/repeated_modulus.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weft {
namespace {

/// Words with limbs that are full, empty or random: the shapes on which estimates and carries go wrong.
class Words {
  public:
    uint256 next() { return {limb(), limb(), limb(), limb()}; }
    uint64_t raw() { return rng_(); }

  private:
    uint64_t limb() {
        constexpr uint64_t kEdges[] = {0, 1, ~uint64_t{0}, ~uint64_t{0} - 1, uint64_t{1} << 63};
        const uint64_t choice = rng_() % 8;
        return choice < std::size(kEdges) ? kEdges[choice] : rng_();
    }
    std::mt19937_64 rng_{1985};
};

TEST(RepeatedModulus, gives_what_mulmod_gives_for_any_operands) {
    Words words;
    RepeatedModulus modulus;
    for (int i = 0; i < 20'000; ++i) {
        const uint256 m = words.next() >> words.raw() % 70;
        for (int repeat = 0; repeat < 6; ++repeat) {
            // Reduced operands, as contracts have them, and any.
            const uint256 a = repeat < 4 ? words.next() % m : words.next();
            const uint256 b = repeat < 4 ? words.next() % m : words.next();
            ASSERT_EQ(modulus.mulmod(a, b, m), mulmod(a, b, m));
        }
    }
}

TEST(RepeatedModulus, products_next_to_multiples_of_the_modulus) {
    Words words;
    RepeatedModulus modulus;
    for (int i = 0; i < 20'000; ++i) {
        const uint256 m = words.next() | uint256{1} << 192 + words.raw() % 64;
        for (const uint256& a : {m - 1, m, m + 1, -m, uint256{1}, uint256{}})
            for (const uint256& b : {m - 1, m, uint256{2}, ~uint256{}}) ASSERT_EQ(modulus.mulmod(a, b, m), mulmod(a, b, m));
    }
}

TEST(RepeatedModulus, zero_and_one_come_first) {
    for (const uint256& m : {uint256{}, uint256{1}}) {
        RepeatedModulus modulus;
        for (int repeat = 0; repeat < 3; ++repeat) EXPECT_EQ(modulus.mulmod(3, 5, m), 0);
    }
}

TEST(RepeatedModulus, moduli_that_take_turns_do_not_mix) {
    Words words;
    const std::vector<uint256> moduli{0, 1, 2, ~uint256{}, uint256{1} << 255, words.next() | uint256{1} << 255, words.next()};
    RepeatedModulus modulus;
    for (int i = 0; i < 20'000; ++i) {
        const uint256& m = moduli[words.raw() % moduli.size()];
        const uint256 a = words.next();
        const uint256 b = words.next();
        ASSERT_EQ(modulus.mulmod(a, b, m), mulmod(a, b, m));
    }
}

}  // namespace
}  // namespace weft
