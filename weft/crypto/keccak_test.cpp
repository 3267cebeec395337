// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/keccak.hpp"

#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace weft::crypto {
namespace {

bytes_view view_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

TEST(keccak, known_digests) {
    EXPECT_EQ(keccak256({}), kKeccakOfEmpty);
    EXPECT_EQ(to_hex(keccak256({})), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(to_hex(keccak256(view_of("abc"))), "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(to_hex(keccak256(view_of("Transfer(address,address,uint256)"))),
              "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    // The root of the empty trie is the hash of the RLP of the empty string.
    EXPECT_EQ(to_hex(keccak256(bytes{0x80})), "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
}

/// Lengths 0 to 420 cross three block edges. The expected value, the digest of all digests one after another, comes from
/// the independent implementation js-sha3.
TEST(keccak, every_length_up_to_420_bytes) {
    bytes data;
    bytes digests;
    for (size_t size = 0; size <= 420; ++size) {
        const hash32 digest = keccak256(data);
        digests.insert(digests.end(), digest.begin(), digest.end());
        data.push_back(static_cast<uint8_t>((size + 1) * 7));
    }
    EXPECT_EQ(to_hex(keccak256(digests)), "0x7abb598ce2bd1e19f482ddeff89581e31e5aae9faea5a6f7d3da52e2ab3ca8c0");
}

}  // namespace
}  // namespace weft::crypto
