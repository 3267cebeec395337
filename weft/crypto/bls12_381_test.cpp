// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bls12_381.hpp"

#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weft::crypto {
namespace {

const std::string kPadding(32, '0');
const std::string kPrimeHex = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
const std::string kOrderHex = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
const std::string kOrderMinusOneHex = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";

// Generators, draft-irtf-cfrg-pairing-friendly-curves, section 4.2.1; the y of the negative ones is the prime minus y.
const std::string kG1X = kPadding + "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
const std::string kG1Y = kPadding + "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
const std::string kG1NegativeY =
    kPadding + "114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca";
const std::string kG2X = kPadding + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8" +
                         kPadding + "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e";
const std::string kG2Y = kPadding + "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801" +
                         kPadding + "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be";
const std::string kG1 = kG1X + kG1Y;
const std::string kG2 = kG2X + kG2Y;
const std::string kG1Infinity(256, '0');
const std::string kG2Infinity(512, '0');

std::string scalar(uint8_t value) { return std::string(62, '0') + to_hex(bytes{value}).substr(2); }
bytes input(std::string_view hex) { return *from_hex(hex); }

template <size_t N>
std::string hex_of(const std::expected<std::array<uint8_t, N>, Bls12Error>& result) {
    return result ? to_hex(*result).substr(2) : "error " + std::to_string(static_cast<int>(result.error()));
}
template <typename T>
bool fails_with(const std::expected<T, Bls12Error>& result, Bls12Error error) {
    return !result && result.error() == error;
}

// (0, 2) satisfies y^2 = x^3 + 4 and has order 3.
const std::string kG1OutsideSubgroup = std::string(128, '0') + std::string(127, '0') + "2";

TEST(bls12_381, infinity_is_neutral_and_negatives_cancel) {
    EXPECT_EQ(hex_of(bls12_g1_add(input(kG1 + kG1Infinity))), kG1);
    EXPECT_EQ(hex_of(bls12_g1_add(input(kG1Infinity + kG1))), kG1);
    EXPECT_EQ(hex_of(bls12_g1_add(input(kG1Infinity + kG1Infinity))), kG1Infinity);
    EXPECT_EQ(hex_of(bls12_g1_add(input(kG1 + kG1X + kG1NegativeY))), kG1Infinity);
    EXPECT_EQ(hex_of(bls12_g2_add(input(kG2 + kG2Infinity))), kG2);
    EXPECT_EQ(hex_of(bls12_g2_add(input(kG2Infinity + kG2Infinity))), kG2Infinity);
}

TEST(bls12_381, doubling_equals_multiplication_by_two) {
    EXPECT_EQ(hex_of(bls12_g1_add(input(kG1 + kG1))), hex_of(bls12_g1_msm(input(kG1 + scalar(2)))));
    EXPECT_EQ(hex_of(bls12_g2_add(input(kG2 + kG2))), hex_of(bls12_g2_msm(input(kG2 + scalar(2)))));
    EXPECT_NE(hex_of(bls12_g1_add(input(kG1 + kG1))), kG1);
}

TEST(bls12_381, msm_of_many_items_equals_one_multiplication) {
    std::string g1_items;
    std::string g2_items;
    for (uint8_t i = 0; i < 20; ++i) {
        g1_items += kG1 + scalar(i);
        g2_items += kG2 + scalar(i);
    }
    g1_items += kG1Infinity + scalar(9);
    g2_items += kG2Infinity + scalar(9);
    EXPECT_EQ(hex_of(bls12_g1_msm(input(g1_items))), hex_of(bls12_g1_msm(input(kG1 + scalar(190)))));
    EXPECT_EQ(hex_of(bls12_g2_msm(input(g2_items))), hex_of(bls12_g2_msm(input(kG2 + scalar(190)))));
}

TEST(bls12_381, scalars_need_not_be_below_the_order) {
    EXPECT_EQ(hex_of(bls12_g1_msm(input(kG1 + kOrderHex))), kG1Infinity);
    EXPECT_EQ(hex_of(bls12_g1_msm(input(kG1 + kOrderMinusOneHex))), kG1X + kG1NegativeY);
    // 2^256 - 1, modulo the order.
    EXPECT_EQ(hex_of(bls12_g1_msm(input(kG1 + std::string(64, 'f')))),
              hex_of(bls12_g1_msm(input(kG1 + "1824b159acc5056f998c4fefecbc4ff55884b7fa0003480200000001fffffffd"))));
}

TEST(bls12_381, pairing_check_accepts_cancelling_pairs_only) {
    EXPECT_EQ(bls12_pairing_check(input(kG1 + kG2 + kG1X + kG1NegativeY + kG2)), true);
    EXPECT_EQ(bls12_pairing_check(input(kG1 + kG2)), false);
    EXPECT_EQ(bls12_pairing_check(input(kG1 + kG2 + kG1 + kG2)), false);
    EXPECT_EQ(bls12_pairing_check(input(kG1Infinity + kG2)), true);
    EXPECT_EQ(bls12_pairing_check(input(kG1 + kG2Infinity)), true);
}

TEST(bls12_381, pairing_is_bilinear) {
    const std::string five_g1 = hex_of(bls12_g1_msm(input(kG1 + scalar(5))));
    const std::string five_g2 = hex_of(bls12_g2_msm(input(kG2 + scalar(5))));
    EXPECT_EQ(bls12_pairing_check(input(five_g1 + kG2 + kG1X + kG1NegativeY + five_g2)), true);
}

TEST(bls12_381, eip2537_lengths) {
    EXPECT_TRUE(fails_with(bls12_g1_add(input(kG1)), Bls12Error::kBadLength));
    EXPECT_TRUE(fails_with(bls12_g2_add(input(kG2 + kG2 + "00")), Bls12Error::kBadLength));
    EXPECT_TRUE(fails_with(bls12_g1_msm({}), Bls12Error::kBadLength));
    EXPECT_TRUE(fails_with(bls12_g2_msm(input(kG2)), Bls12Error::kBadLength));
    EXPECT_TRUE(fails_with(bls12_pairing_check({}), Bls12Error::kBadLength));
    EXPECT_TRUE(fails_with(bls12_map_fp_to_g1({}), Bls12Error::kBadLength));
    EXPECT_TRUE(fails_with(bls12_map_fp2_to_g2(input(kG1X)), Bls12Error::kBadLength));
}

TEST(bls12_381, eip2537_field_elements_are_canonical) {
    std::string padded = kG1;
    padded[0] = '1';
    EXPECT_TRUE(fails_with(bls12_g1_add(input(padded + kG1)), Bls12Error::kNotCanonical));
    EXPECT_TRUE(fails_with(bls12_g1_add(input(kG1 + kG1X + kPadding + kPrimeHex)), Bls12Error::kNotCanonical));
    EXPECT_TRUE(fails_with(bls12_map_fp_to_g1(input(kPadding + kPrimeHex)), Bls12Error::kNotCanonical));
    EXPECT_TRUE(fails_with(bls12_map_fp2_to_g2(input(kG1X + kPadding + kPrimeHex)), Bls12Error::kNotCanonical));
    std::string largest = kPrimeHex;
    largest.back() = 'a';
    EXPECT_TRUE(bls12_map_fp_to_g1(input(kPadding + largest)));
}

TEST(bls12_381, eip2537_points_lie_on_the_curve) {
    EXPECT_TRUE(fails_with(bls12_g1_add(input(kG1 + kG1X + kG1X)), Bls12Error::kNotOnCurve));
    EXPECT_TRUE(fails_with(bls12_g2_msm(input(kG2X + kG2X + scalar(1))), Bls12Error::kNotOnCurve));
    EXPECT_TRUE(fails_with(bls12_pairing_check(input(kG1Y + kG1X + kG2)), Bls12Error::kNotOnCurve));
}

TEST(bls12_381, eip2537_subgroup_matters_to_msm_and_pairing_but_not_to_add) {
    // Three times the point is infinity.
    const auto twice = bls12_g1_add(input(kG1OutsideSubgroup + kG1OutsideSubgroup));
    ASSERT_TRUE(twice);
    EXPECT_EQ(hex_of(bls12_g1_add(input(hex_of(twice) + kG1OutsideSubgroup))), kG1Infinity);
    EXPECT_TRUE(fails_with(bls12_g1_msm(input(kG1OutsideSubgroup + scalar(0))), Bls12Error::kNotInSubgroup));
    EXPECT_TRUE(fails_with(bls12_pairing_check(input(kG1OutsideSubgroup + kG2Infinity)), Bls12Error::kNotInSubgroup));
}

TEST(bls12_381, maps_give_known_points) {
    // The first vectors that EIP-2537 lists for either map.
    EXPECT_EQ(hex_of(bls12_map_fp_to_g1(
                  input(kPadding + "14406e5bfb9209256a3820879a29ac2f62d6aca82324bf3ae2aa7d3c54792043bd8c791fccdb080c1a52dc68b8b69350"))),
              kPadding + "0d7721bcdb7ce1047557776eb2659a444166dc6dd55c7ca6e240e21ae9aa18f529f04ac31d861b54faf3307692545db7" + kPadding +
                  "108286acbdf4384f67659a8abe89e712a504cb3ce1cba07a716869025d60d499a00d1da8cdc92958918c222ea93d87f0");
    EXPECT_EQ(hex_of(bls12_map_fp2_to_g2(
                  input(kPadding + "14406e5bfb9209256a3820879a29ac2f62d6aca82324bf3ae2aa7d3c54792043bd8c791fccdb080c1a52dc68b8b69350" +
                        kPadding + "0e885bb33996e12f07da69073e2c0cc880bc8eff26d2a724299eb12d54f4bcf26f4748bb020e80a7e3794a7b0e47a641"))),
              kPadding + "0d029393d3a13ff5b26fe52bd8953768946c5510f9441f1136f1e938957882db6adbd7504177ee49281ecccba596f2bf" + kPadding +
                  "1993f668fb1ae603aefbb1323000033fcb3b65d8ed3bf09c84c61e27704b745f540299a1872cd697ae45a5afd780f1d6" + kPadding +
                  "079cb41060ef7a128d286c9ef8638689a49ca19da8672ea5c47b6ba6dbde193ee835d3b87a76a689966037c07159c10d" + kPadding +
                  "17c688ae9a8b59a7069c27f2d58dd2196cb414f4fb89da8510518a1142ab19d158badd1c3bad03408fafb1669903cd6c");
}

}  // namespace
}  // namespace weft::crypto
