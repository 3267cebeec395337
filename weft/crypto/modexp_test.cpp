// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/modexp.hpp"

#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weft::crypto {
namespace {

std::string run(std::string_view base, std::string_view exponent, std::string_view modulus) {
    return to_hex(modexp(*from_hex(base), *from_hex(exponent), *from_hex(modulus)));
}

TEST(modexp, eip198_fermat_examples) {
    const std::string_view prime = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
    const std::string_view prime_minus_one = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e";
    EXPECT_EQ(run("03", prime_minus_one, prime), "0x0000000000000000000000000000000000000000000000000000000000000001");
    EXPECT_EQ(run("", prime_minus_one, prime), "0x0000000000000000000000000000000000000000000000000000000000000000");
}

TEST(modexp, output_has_the_length_of_the_modulus) {
    EXPECT_EQ(run("03", "05", "00000064"), "0x0000002b");
    EXPECT_EQ(run("03", "05", ""), "0x");
    EXPECT_EQ(run("ffffffffffffffffffff", "01", "64"), "0x4b");
}

TEST(modexp, even_moduli) {
    EXPECT_EQ(run("03", "64", "0100"), "0x00d1");
    EXPECT_EQ(run("02", "08", "0100"), "0x0000");
    EXPECT_EQ(run("07", "0b", "2710"), "0x1a57");
}

TEST(modexp, modulus_zero_or_one_gives_zero) {
    EXPECT_EQ(run("03", "05", "0000"), "0x0000");
    EXPECT_EQ(run("03", "05", "0001"), "0x0000");
    EXPECT_EQ(run("", "", "01"), "0x00");
}

TEST(modexp, exponent_zero_gives_one) {
    EXPECT_EQ(run("03", "", "05"), "0x01");
    EXPECT_EQ(run("", "", "05"), "0x01");
    EXPECT_EQ(run("00", "00", "05"), "0x01");
}

}  // namespace
}  // namespace weft::crypto
