// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/trie/trie.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weft::trie {
namespace {

namespace dom = simdjson::dom;

/// One entry of a test's input; an empty value deletes the key.
using Entry = std::pair<bytes, bytes>;

/// Text stands for its characters, unless it starts with the prefix of hex.
bytes decode_text(std::string_view text) {
    if (!text.starts_with("0x")) return {text.begin(), text.end()};
    const auto decoded = from_hex(text);
    EXPECT_TRUE(decoded) << text;
    return decoded.value_or(bytes{});
}

bytes decode_value(const dom::element& value) { return value.is_null() ? bytes{} : decode_text(value.get_string().value()); }

/// The input is a list of [key, value] in the order in which to apply them, or an object whose order does not matter.
std::vector<Entry> read_entries(const dom::element& input, bool secure) {
    std::vector<Entry> entries;
    if (input.is_array()) {
        for (const dom::element& pair : input.get_array())
            entries.emplace_back(decode_text(pair.at(0).get_string().value()), decode_value(pair.at(1)));
    } else {
        for (const auto& [key, value] : input.get_object()) entries.emplace_back(decode_text(key), decode_value(value));
    }
    if (secure) {
        for (auto& [key, value] : entries) {
            const hash32 hash = crypto::keccak256(key);
            key.assign(hash.begin(), hash.end());
        }
    }
    return entries;
}

hash32 root_by_changes(const std::vector<Entry>& entries) {
    Trie trie;
    for (const auto& [key, value] : entries) EXPECT_TRUE(trie.put(key, value));
    return trie.root();
}

hash32 root_from_sorted(const std::vector<Entry>& entries) {
    std::map<bytes, bytes> content;
    for (const auto& [key, value] : entries) content[key] = value;
    std::erase_if(content, [](const auto& entry) { return entry.second.empty(); });
    const std::vector<Entry> sorted(content.begin(), content.end());
    return sorted_root(sorted);
}

struct Suite {
    const char* file;
    bool secure;  ///< Keys are hashed first.
    size_t cases;
};

class EthereumTrieTests : public testing::TestWithParam<Suite> {};

TEST_P(EthereumTrieTests, every_root_is_as_expected) {
    const auto folder = test::conformance().value_or("") / "ethereum-tests/TrieTests";
    WEFT_REQUIRE_FIXTURES(folder);
    dom::parser parser;
    const dom::element file = parser.load((folder / GetParam().file).string());
    size_t cases = 0;
    for (const auto& [name, test] : file.get_object()) {
        SCOPED_TRACE(std::string{name});
        ++cases;
        const auto expected = fixed_from_hex<hash32>(test["root"].get_string().value());
        ASSERT_TRUE(expected);
        std::vector<Entry> entries = read_entries(test["in"], GetParam().secure);
        EXPECT_EQ(root_by_changes(entries), *expected);
        EXPECT_EQ(root_from_sorted(entries), *expected);
        if (test["in"].is_array()) continue;
        std::ranges::sort(entries);
        size_t orders = 0;
        do EXPECT_EQ(root_by_changes(entries), *expected);
        while (std::ranges::next_permutation(entries).found && ++orders < 120);
    }
    EXPECT_EQ(cases, GetParam().cases);
}

// The archive's trietestnextprev.json is about neighbours of a key in iteration order and names no root.
INSTANTIATE_TEST_SUITE_P(All, EthereumTrieTests,
                         testing::Values(Suite{.file = "trietest.json", .secure = false, .cases = 5},
                                         Suite{.file = "trietest_secureTrie.json", .secure = true, .cases = 3},
                                         Suite{.file = "trieanyorder.json", .secure = false, .cases = 7},
                                         Suite{.file = "trieanyorder_secureTrie.json", .secure = true, .cases = 7},
                                         Suite{.file = "hex_encoded_securetrie_test.json", .secure = true, .cases = 3}),
                         [](const auto& suite) {
                             std::string name = suite.param.file;
                             std::ranges::replace(name, '.', '_');
                             return name;
                         });

}  // namespace
}  // namespace weft::trie
