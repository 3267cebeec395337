// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/secp256k1.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"

#include <gtest/gtest.h>

namespace weft::crypto {
namespace {

// The example of EIP-155: its secret is 32 times 0x46, its digest the signing hash given there.
const hash32 kSecret = *fixed_from_hex<hash32>("0x4646464646464646464646464646464646464646464646464646464646464646");
const hash32 kDigest = *fixed_from_hex<hash32>("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
const address kSigner = *fixed_from_hex<address>("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
const uint256 kR = to_uint256(*fixed_from_hex<hash32>("0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"));
const uint256 kS = to_uint256(*fixed_from_hex<hash32>("0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"));

TEST(secp256k1, eip155_example_signs_and_recovers) {
    EXPECT_EQ(address_of_secret(kSecret), kSigner);
    const auto signature = sign(kDigest, kSecret);
    ASSERT_TRUE(signature.has_value());
    EXPECT_EQ(signature->r, kR);
    EXPECT_EQ(signature->s, kS);
    EXPECT_FALSE(signature->y_parity);
    EXPECT_EQ(recover_address(kDigest, kR, kS, false), kSigner);
    EXPECT_NE(recover_address(kDigest, kR, kS, true), kSigner);
}

TEST(secp256k1, high_s_with_flipped_parity_recovers_the_same_signer) {
    const uint256 high_s = kSecp256k1Order - kS;
    EXPECT_TRUE(kSecp256k1HalfOrder < high_s);
    EXPECT_EQ(recover_address(kDigest, kR, high_s, true), kSigner);
}

TEST(secp256k1, r_and_s_outside_one_to_order_minus_one_are_rejected) {
    EXPECT_FALSE(recover_address(kDigest, 0, kS, false));
    EXPECT_FALSE(recover_address(kDigest, kR, 0, false));
    EXPECT_FALSE(recover_address(kDigest, kSecp256k1Order, kS, false));
    EXPECT_FALSE(recover_address(kDigest, kR, kSecp256k1Order, false));
    EXPECT_FALSE(recover_address(kDigest, ~uint256{}, kS, false));
    EXPECT_FALSE(recover_address(kDigest, kR, ~uint256{}, false));
    EXPECT_TRUE(recover_address(kDigest, kR, kSecp256k1Order - 1, false));
}

TEST(secp256k1, r_that_is_no_x_coordinate_is_rejected) {
    // 5^3 + 7 has no square root modulo the field's prime.
    EXPECT_FALSE(recover_address(kDigest, 5, kS, false));
}

TEST(secp256k1, secret_outside_one_to_order_minus_one_is_rejected) {
    EXPECT_FALSE(sign(kDigest, hash32{}));
    EXPECT_FALSE(address_of_secret(hash32{}));
    EXPECT_FALSE(address_of_secret(to_hash32(kSecp256k1Order)));
    EXPECT_TRUE(address_of_secret(to_hash32(kSecp256k1Order - 1)));
}

TEST(secp256k1, signatures_are_low_s_and_recover_for_many_digests) {
    hash32 digest = kDigest;
    for (int i = 0; i < 64; ++i) {
        digest = keccak256(digest);
        const auto signature = sign(digest, kSecret);
        ASSERT_TRUE(signature.has_value());
        EXPECT_FALSE(kSecp256k1HalfOrder < signature->s);
        EXPECT_EQ(recover_address(digest, signature->r, signature->s, signature->y_parity), kSigner);
    }
}

}  // namespace
}  // namespace weft::crypto
