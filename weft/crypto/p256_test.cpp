// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/p256.hpp"

#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace weft::crypto {
namespace {

uint256 word(std::string_view hex) { return to_uint256(*fixed_from_hex<hash32>(hex)); }

// RFC 6979, appendix A.2.5: the message "sample" with SHA-256.
const hash32 kDigest = *fixed_from_hex<hash32>("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf");
const uint256 kX = word("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
const uint256 kY = word("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
const uint256 kR = word("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
const uint256 kS = word("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
const uint256 kPrime = word("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
const uint256 kOrder = word("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

TEST(p256, rfc6979_signature_is_valid) { EXPECT_TRUE(p256_verify(kDigest, kR, kS, kX, kY)); }

TEST(p256, high_and_low_s_are_both_valid) { EXPECT_TRUE(p256_verify(kDigest, kR, kOrder - kS, kX, kY)); }

TEST(p256, any_changed_value_is_invalid) {
    hash32 digest = kDigest;
    digest[31] ^= 1;
    EXPECT_FALSE(p256_verify(digest, kR, kS, kX, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR + 1, kS, kX, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR, kS + 1, kX, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR, kS, kX, kPrime - kY));
}

TEST(p256, eip7951_r_and_s_outside_one_to_order_minus_one_are_invalid) {
    EXPECT_FALSE(p256_verify(kDigest, 0, kS, kX, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR, 0, kX, kY));
    EXPECT_FALSE(p256_verify(kDigest, kOrder, kS, kX, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR, kOrder, kX, kY));
}

TEST(p256, eip7951_key_off_the_curve_at_infinity_or_not_below_the_prime_is_invalid) {
    EXPECT_FALSE(p256_verify(kDigest, kR, kS, kX + 1, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR, kS, 0, 0));
    EXPECT_FALSE(p256_verify(kDigest, kR, kS, kPrime, kY));
    EXPECT_FALSE(p256_verify(kDigest, kR, kS, kX, kPrime));
    EXPECT_FALSE(p256_verify(kDigest, kR, kS, ~uint256{}, kY));
}

/// The sum is the point with x = n + 3, the least above n: the key is (sum - u1 G) / u2 for digest = 1, s = 7.
TEST(p256, eip7951_x_of_the_sum_counts_modulo_the_order) {
    const uint256 x = word("e0a45ea492fdd1af3b11de8789c782aebd7df86d8b9c3df35ef64dd7d5ebfaa1");
    const uint256 y = word("dcb615d93e07ca69f106f90e36fc57cbedbf65fb6c0417967783e91be5af30e1");
    EXPECT_TRUE(p256_verify(to_hash32(1), 3, 7, x, y));
    EXPECT_FALSE(p256_verify(to_hash32(1), 4, 7, x, y));
    EXPECT_FALSE(p256_verify(to_hash32(1), kOrder + 3, 7, x, y));
}

/// The discrete logarithm of the generator is 1, so u1 + u2 = 0 for digest = order - r: the sum is at infinity.
TEST(p256, eip7951_recovered_point_at_infinity_is_invalid) {
    const uint256 x = word("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
    const uint256 y = word("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
    EXPECT_FALSE(p256_verify(to_hash32(kOrder - kR), kR, kS, x, y));
}

}  // namespace
}  // namespace weft::crypto
