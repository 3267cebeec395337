// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/roots.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/trie/trie.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace weft::trie {
namespace {

TEST(Roots, no_entries_give_the_hash_of_the_empty_string) {
    const bytes empty_string{0x80};
    EXPECT_EQ(crypto::keccak256(empty_string), kEmptyRoot);
    EXPECT_EQ(ordered_root({}), kEmptyRoot);
    EXPECT_EQ(sorted_root(std::span<const std::pair<hash32, bytes>>{}), kEmptyRoot);
}

TEST(Roots, a_root_shorter_than_32_bytes_is_hashed_all_the_same) {
    // One leaf: path of the key 0x80 in hex-prefix form is 20 80.
    const bytes leaf{0xc4, 0x82, 0x20, 0x80, 0x05};
    EXPECT_EQ(ordered_root(std::vector<bytes>{{0x05}}), crypto::keccak256(leaf));
}

TEST(Roots, an_empty_item_is_no_entry) {
    const std::vector<bytes> items{{1}, {}, {3}};
    Trie trie;
    ASSERT_TRUE(trie.put(bytes{0x80}, bytes{1}));
    ASSERT_TRUE(trie.put(bytes{0x02}, bytes{3}));
    EXPECT_EQ(ordered_root(items), trie.root());
}

TEST(Roots, ordered_root_equals_a_trie_filled_index_by_index) {
    std::vector<bytes> items;
    Trie trie;
    for (size_t i = 0; i < 700; ++i) {
        bytes key;
        rlp::encode_uint(key, i);
        items.emplace_back(i % 90 + 1, static_cast<uint8_t>(i));
        ASSERT_TRUE(trie.put(key, items.back()));
        if (i < 300 || i % 50 == 0) ASSERT_EQ(ordered_root(items), trie.root()) << i + 1 << " items";
    }
    EXPECT_EQ(ordered_root(items), trie.root());
}

TEST(Roots, sorted_keys_may_begin_with_one_another) {
    const auto text = [](std::string_view s) { return bytes(s.begin(), s.end()); };
    const std::vector<std::pair<bytes, bytes>> entries{
        {text("do"), text("verb")}, {text("dog"), text("puppy")}, {text("doge"), text("coin")}, {text("horse"), text("stallion")}};
    EXPECT_EQ(to_hex(sorted_root(entries)), "0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84");
}

TEST(Roots, shown_nodes_are_named_by_the_node_above) {
    std::map<bytes, bytes> nodes;
    std::vector<std::pair<hash32, bytes>> entries;
    entries.reserve(202);
    for (uint8_t i = 0; i < 200; ++i) entries.emplace_back(crypto::keccak256(bytes{i}), bytes(i % 40 + 1, i));
    // Two keys that part late: an extension, and leaves short enough to lie in their branch.
    hash32 late = entries.front().first;
    late[31] ^= 1;
    entries.emplace_back(late, bytes{1});
    std::ranges::sort(entries);
    const hash32 root = sorted_root(entries, [&](nibbles_view path, bytes_view encoded) {
        EXPECT_TRUE(nodes.emplace(bytes(path.begin(), path.end()), bytes(encoded.begin(), encoded.end())).second);
    });
    EXPECT_EQ(root, sorted_root(entries));
    ASSERT_TRUE(nodes.contains(bytes{}));
    EXPECT_EQ(crypto::keccak256(nodes[bytes{}]), root);
    for (const auto& [path, encoded] : nodes) {
        if (path.empty()) continue;
        bytes above(path.begin(), path.end() - 1);
        while (!nodes.contains(above)) above.pop_back();
        const hash32 name = crypto::keccak256(encoded);
        EXPECT_FALSE(std::ranges::search(nodes[above], name).empty()) << to_hex(path);
    }
}

}  // namespace
}  // namespace weft::trie
