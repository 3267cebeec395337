// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/call_data.hpp"

#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace weft::workloads {
namespace {

std::string word(std::string_view hex) { return std::string(64 - hex.size(), '0') + std::string(hex); }

TEST(CallData, begins_with_the_selector_of_the_signature) {
    // The best known of all.
    EXPECT_EQ(to_hex(CallData("transfer(address,uint256)").encode()), "0xa9059cbb");
}

TEST(CallData, of_a_constructor_is_arguments_alone) {
    EXPECT_EQ(to_hex(CallData().encode()), "0x");
    EXPECT_EQ(to_hex(CallData().add(uint256{258}).encode()), "0x" + word("102"));
}

TEST(CallData, puts_dynamic_arguments_behind_the_words) {
    const CallData data = CallData().add(address_of(0xa)).add_array(std::array{uint256{1}, uint256{2}}).add_string("ab").add(uint256{3});
    const std::string content = word("2") + word("1") + word("2");
    const std::string text = word("2") + "6162" + std::string(60, '0');
    EXPECT_EQ(to_hex(data.encode()), "0x" + word("a") + word("80") + word("e0") + word("3") + content + text);
}

TEST(CallData, of_an_empty_dynamic_argument_has_its_length) {
    EXPECT_EQ(to_hex(CallData().add_bytes({}).encode()), "0x" + word("20") + word("0"));
}

}  // namespace
}  // namespace weft::workloads
