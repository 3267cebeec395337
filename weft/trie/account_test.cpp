// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/account.hpp"

#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

namespace weft::trie {
namespace {

TEST(TrieAccount, has_four_fields_in_the_order_nonce_balance_storage_code) {
    const TrieAccount account{.nonce = 1, .balance = uint256{0x0de0b6b3a7622746}};
    EXPECT_EQ(to_hex(encode_account(account)),
              "0xf84c01880de0b6b3a7622746a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
              "a0c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

TEST(TrieAccount, survives_a_round_trip) {
    const TrieAccount account{.nonce = UINT64_MAX, .balance = ~uint256{}, .storage_root = hash32{{{1}}}, .code_hash = hash32{{{2}}}};
    EXPECT_EQ(decode_account(encode_account(account)), account);
    EXPECT_EQ(decode_account(encode_account(TrieAccount{})), TrieAccount{});
}

TEST(TrieAccount, only_the_canonical_encoding_is_accepted) {
    const bytes valid = encode_account({.nonce = 5, .balance = uint256{7}});
    for (size_t length = 0; length < valid.size(); ++length) EXPECT_FALSE(decode_account(bytes_view{valid}.first(length)));
    bytes longer = valid;
    longer.push_back(0);
    EXPECT_FALSE(decode_account(longer));
    bytes five_fields = valid;
    five_fields.push_back(0x80);
    ++five_fields[1];
    EXPECT_FALSE(decode_account(five_fields));
    bytes zero_nonce_as_byte = valid;
    zero_nonce_as_byte[2] = 0;
    EXPECT_FALSE(decode_account(zero_nonce_as_byte));
}

TEST(StorageValue, is_the_word_without_leading_zeros) {
    EXPECT_EQ(to_hex(encode_storage_value(uint256{0x7f})), "0x7f");
    EXPECT_EQ(to_hex(encode_storage_value(uint256{0x80})), "0x8180");
    EXPECT_EQ(encode_storage_value(~uint256{}).size(), 33u);
    EXPECT_EQ(decode_storage_value(encode_storage_value(uint256{0, 1, 0, 0})), (uint256{0, 1, 0, 0}));
    EXPECT_FALSE(decode_storage_value(*from_hex("820001")));
    EXPECT_FALSE(decode_storage_value(*from_hex("0101")));
}

}  // namespace
}  // namespace weft::trie
