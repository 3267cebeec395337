// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Hex, bytes_round_trip_in_lower_case) {
    const bytes data{0x00, 0x7f, 0xab, 0xff};
    EXPECT_EQ(to_hex(data), "0x007fabff");
    EXPECT_EQ(from_hex("0x007FabFF"), data);
    EXPECT_EQ(from_hex("007fabff"), data);
    EXPECT_EQ(to_hex({}), "0x");
    EXPECT_EQ(from_hex("0x"), bytes{});
    EXPECT_EQ(from_hex(""), bytes{});
}

TEST(Hex, odd_length_and_other_characters_are_rejected) {
    EXPECT_FALSE(from_hex("0x1"));
    EXPECT_FALSE(from_hex("0xgg"));
    EXPECT_FALSE(from_hex("0x 1"));
    EXPECT_FALSE(from_hex("0x0x"));
    EXPECT_FALSE(from_hex("\x80\x80"));
}

TEST(Hex, every_byte_pair_is_accepted_exactly_when_both_are_digits) {
    for (int high = 0; high < 256; ++high) {
        for (int low = 0; low < 256; ++low) {
            const char text[] = {'0', 'x', static_cast<char>(high), static_cast<char>(low)};
            const bool digits = std::isxdigit(high) != 0 && std::isxdigit(low) != 0;
            ASSERT_EQ(from_hex(std::string_view(text, 4)).has_value(), digits) << high << ' ' << low;
        }
    }
}

TEST(Hex, fixed_values_need_their_exact_length) {
    EXPECT_TRUE(fixed_from_hex<address>("0x" + std::string(40, 'a')));
    EXPECT_FALSE(fixed_from_hex<address>("0x" + std::string(38, 'a')));
    EXPECT_FALSE(fixed_from_hex<address>("0x" + std::string(42, 'a')));
}

}  // namespace
}  // namespace weft
