// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/repeated_hashes.hpp"

#include <gtest/gtest.h>

namespace weft::evm {
namespace {

TEST(RepeatedHashes, are_those_of_keccak_whatever_was_asked_before) {
    RepeatedHashes hashes;
    for (unsigned round = 0; round < 3; ++round) {
        // More inputs than are remembered, each asked for twice, that differ in one byte.
        for (unsigned i = 0; i < 64 * 256; i += 7) {
            std::array<uint8_t, 64> input{};
            input[i / 256] = static_cast<uint8_t>(i % 256);
            const uint256 expected = to_uint256(crypto::keccak256(input));
            ASSERT_EQ(hashes.of(input.data()), expected);
            ASSERT_EQ(hashes.of(input.data()), expected);
        }
        hashes.forget();
    }
}

TEST(RepeatedHashes, are_listed_on_request_for_each_transaction) {
    RepeatedHashes hashes;
    std::array<uint8_t, 64> input{};
    input[31] = 7;
    input[63] = 9;
    const HashedPair pair{.first = 7, .second = 9, .hash = to_uint256(crypto::keccak256(input))};
    EXPECT_EQ(hashes.of(input.data()), pair.hash);
    EXPECT_TRUE(hashes.listed().empty());
    hashes.begin_transaction(true);
    EXPECT_EQ(hashes.of(input.data()), pair.hash);
    ASSERT_FALSE(hashes.listed().empty());
    EXPECT_EQ(hashes.listed().front(), pair);
    hashes.begin_transaction(true);
    EXPECT_TRUE(hashes.listed().empty());
    EXPECT_EQ(hashes.of(input.data()), pair.hash);
    EXPECT_FALSE(hashes.listed().empty()) << "known, but of another transaction";
}

}  // namespace
}  // namespace weft::evm
