// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/trie.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/rlp/encode.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace weft::trie {
namespace {

using Content = std::map<bytes, bytes>;

using Got = TrieResult<std::optional<bytes>>;

/// What get() answers for a key of `content`.
Got expected_of(const Content& content, const bytes& key) {
    const auto found = content.find(key);
    return found == content.end() ? std::nullopt : std::optional{found->second};
}

hash32 root_of(const Content& content) {
    const std::vector<std::pair<bytes, bytes>> entries(content.begin(), content.end());
    return sorted_root(entries);
}

/// Every node of a trie that has a hash of its own, by that hash. Written apart from the code under test: it splits the
/// sorted content by nibbles and encodes with nothing but RLP.
class ReferenceTrie {
  public:
    explicit ReferenceTrie(const Content& content) {
        std::vector<std::pair<bytes, bytes>> entries;
        for (const auto& [key, value] : content) {
            bytes nibbles;
            for (const uint8_t byte : key)
                nibbles.insert(nibbles.end(), {static_cast<uint8_t>(byte >> 4), static_cast<uint8_t>(byte & 15)});
            entries.emplace_back(nibbles, value);
        }
        const bytes top = encode(entries, 0);
        root = crypto::keccak256(top);
        nodes[root] = top;
    }

    std::map<hash32, bytes> nodes;
    hash32 root;

  private:
    using Entries = std::vector<std::pair<bytes, bytes>>;

    static bytes hex_prefix(const bytes& nibbles, size_t from, size_t to, bool leaf) {
        bytes all;
        const bool odd = (to - from) % 2 == 1;
        all.push_back(static_cast<uint8_t>((leaf ? 2 : 0) + (odd ? 1 : 0)));
        if (!odd) all.push_back(0);
        all.insert(all.end(), nibbles.begin() + static_cast<long>(from), nibbles.begin() + static_cast<long>(to));
        bytes packed;
        for (size_t i = 0; i < all.size(); i += 2) packed.push_back(static_cast<uint8_t>(all[i] * 16 + all[i + 1]));
        return packed;
    }

    bytes name(const Entries& entries, size_t depth) {
        if (entries.empty()) return {0x80};
        bytes node = encode(entries, depth);
        if (node.size() < 32) return node;
        const hash32 hash = crypto::keccak256(node);
        nodes[hash] = node;
        bytes out;
        rlp::encode_bytes(out, hash);
        return out;
    }

    bytes encode(const Entries& entries, size_t depth) {
        if (entries.empty()) return {0x80};
        rlp::Encoder out;
        const bytes& first = entries.front().first;
        if (entries.size() == 1)
            return out.encode_bytes(hex_prefix(first, depth, first.size(), true)).encode_bytes(entries.front().second).as_list();
        size_t shared = depth;
        const auto agree = [&](const auto& entry) {
            return entry.first.size() > shared && first.size() > shared && entry.first[shared] == first[shared];
        };
        while (std::ranges::all_of(entries, agree)) ++shared;
        if (shared > depth) return out.encode_bytes(hex_prefix(first, depth, shared, false)).append_raw(name(entries, shared)).as_list();
        bytes value;
        std::array<Entries, 16> groups;
        for (const auto& entry : entries) {
            if (entry.first.size() == depth)
                value = entry.second;
            else
                groups[entry.first[depth]].push_back(entry);
        }
        for (const Entries& group : groups) out.append_raw(name(group, depth + 1));
        return out.encode_bytes(value).as_list();
    }
};

/// The nodes that reading the given keys takes, and every sibling that deleting them may take: all children of the
/// branches on the way.
class WitnessRecorder {
  public:
    explicit WitnessRecorder(const ReferenceTrie& full) : full_(full) { visited_.insert({full.root, full.nodes.at(full.root)}); }

    void record(const bytes& key, bool with_siblings) {
        bytes_view node = full_.nodes.at(full_.root);
        size_t depth = 0;
        for (;;) {
            auto list = *rlp::Decoder{node}.read_list();
            std::vector<rlp::Item> items;
            while (!list.at_end()) items.push_back(*list.read_item());
            if (items.size() == 2) {
                std::array<uint8_t, kMaxNibbles> nibbles;
                const auto path = *decode_hex_prefix(items[0].payload, nibbles);
                if (path.is_leaf) return;
                depth += path.size;
                node = follow(items[1]);
                continue;
            }
            if (with_siblings)
                for (size_t i = 0; i < 16; ++i)
                    if (items[i].is_list || !items[i].payload.empty()) follow(items[i]);
            if (depth >= 2 * key.size()) return;
            const size_t nibble = depth % 2 == 0 ? key[depth / 2] >> 4 : key[depth / 2] & 15;
            ++depth;
            if (!items[nibble].is_list && items[nibble].payload.empty()) return;
            node = follow(items[nibble]);
        }
    }

    [[nodiscard]] WitnessNodes nodes() const {
        std::vector<bytes> list;
        list.reserve(visited_.size());
        for (const auto& [hash, node] : visited_) list.push_back(node);
        return WitnessNodes{std::move(list)};
    }

  private:
    bytes_view follow(const rlp::Item& item) {
        if (item.is_list) return item.encoded;
        const auto& found = *full_.nodes.find(fixed_from<hash32>(item.payload));
        visited_.insert(found);
        return found.second;
    }

    const ReferenceTrie& full_;
    std::map<hash32, bytes> visited_;
};

/// Random keys that share prefixes often, and values short and long enough for embedded and hashed nodes.
struct Source {
    std::mt19937_64 random;
    size_t key_size;
    unsigned alphabet;

    bytes key() {
        bytes key(key_size);
        for (uint8_t& byte : key) byte = static_cast<uint8_t>(0x11 * (random() % alphabet));
        return key;
    }
    bytes value() { return bytes(random() % 3 == 0 ? 40 : 1 + random() % 4, static_cast<uint8_t>(1 + random() % 255)); }
};

TEST(Trie, random_changes_give_the_root_of_a_trie_built_from_scratch) {
    for (const auto& [key_size, alphabet] : std::vector<std::pair<size_t, unsigned>>{{1, 16}, {2, 4}, {3, 3}, {4, 2}, {32, 2}, {32, 16}}) {
        Source source{.random = std::mt19937_64{key_size * 100 + alphabet}, .key_size = key_size, .alphabet = alphabet};
        Content content;
        Trie trie;
        for (int step = 0; step < 3000; ++step) {
            bytes key = source.key();
            if (source.random() % 2 == 0 && !content.empty()) {
                const auto next = content.lower_bound(key);
                key = next == content.end() ? content.begin()->first : next->first;
            }
            if (source.random() % 5 < (step / 500 % 2 == 0 ? 2u : 4u)) {
                content.erase(key);
                ASSERT_TRUE(trie.erase(key));
            } else {
                content[key] = source.value();
                ASSERT_TRUE(trie.put(key, content[key]));
            }
            if (source.random() % 4 == 0) ASSERT_EQ(trie.root(), root_of(content)) << "step " << step;
        }
        EXPECT_EQ(trie.root(), root_of(content));
        EXPECT_EQ(trie.root(), ReferenceTrie{content}.root);
        for (const auto& [key, value] : content) EXPECT_EQ(trie.get(key), expected_of(content, key));
        while (!content.empty()) {
            ASSERT_TRUE(trie.erase(content.begin()->first));
            content.erase(content.begin());
            ASSERT_EQ(trie.root(), root_of(content));
        }
        EXPECT_TRUE(trie.is_empty());
    }
}

TEST(Trie, keys_may_begin_with_one_another) {
    Source source{.random = std::mt19937_64{7}, .key_size = 0, .alphabet = 2};
    Content content;
    Trie trie;
    for (int step = 0; step < 4000; ++step) {
        source.key_size = source.random() % 6;
        const bytes key = source.key();
        if (source.random() % 2 == 0) {
            content.erase(key);
            ASSERT_TRUE(trie.erase(key));
        } else {
            content[key] = source.value();
            ASSERT_TRUE(trie.put(key, content[key]));
        }
        ASSERT_EQ(trie.root(), root_of(content)) << "step " << step;
        const bytes probe = source.key();
        ASSERT_EQ(trie.get(probe), expected_of(content, probe));
    }
}

TEST(Trie, an_empty_value_erases) {
    Trie trie;
    ASSERT_TRUE(trie.put(bytes{1}, bytes{1}));
    ASSERT_TRUE(trie.put(bytes{1}, bytes{}));
    EXPECT_TRUE(trie.is_empty());
    EXPECT_EQ(trie.root(), kEmptyRoot);
}

TEST(PartialTrie, changes_on_a_witness_give_the_root_of_the_changed_whole) {
    size_t applied = 0;
    size_t refused = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        Source source{
            .random = std::mt19937_64{seed}, .key_size = seed % 2 == 0 ? 3u : 32u, .alphabet = 2u + static_cast<unsigned>(seed % 15)};
        Content content;
        for (size_t i = 0; i < 1 + seed % 60; ++i) content[source.key()] = source.value();
        const ReferenceTrie full{content};
        WitnessRecorder recorder{full};
        Content changes;
        for (int i = 0; i < 12; ++i) {
            const auto known = content.lower_bound(source.key());
            const bool take_known = known != content.end() && source.random() % 3 != 0;
            const bytes key = take_known ? known->first : source.key();
            changes[key] = source.random() % 2 == 0 ? bytes{} : source.value();
            recorder.record(key, true);
        }
        const WitnessNodes nodes = recorder.nodes();
        Trie trie = Trie::from_witness(full.root, nodes);
        EXPECT_EQ(trie.root(), full.root);
        for (const auto& [key, value] : changes) {
            ASSERT_EQ(trie.get(key), expected_of(content, key));
        }
        EXPECT_EQ(trie.root(), full.root);
        for (const bool erasing : {false, true}) {
            for (const auto& [key, value] : changes) {
                if (value.empty() != erasing) continue;
                const auto done = trie.put(key, value);
                // Deletions in a row may reach nodes below the recorded siblings.
                if (!done) {
                    ASSERT_EQ(done.error().kind, TrieError::Kind::missing_node);
                    ASSERT_TRUE(full.nodes.contains(done.error().node));
                    ++refused;
                    continue;
                }
                ++applied;
                if (erasing)
                    content.erase(key);
                else
                    content[key] = value;
                ASSERT_EQ(trie.root(), root_of(content)) << "seed " << seed;
            }
        }
    }
    EXPECT_GT(applied, 20 * refused);
}

/// Two leaves under one branch beside a large one, so that the kinds of nodes are known: root branch {0: leaf, 1: leaf or
/// branch}.
struct TwoChildren {
    bytes lone{0x00};
    Content content;

    explicit TwoChildren(bool sibling_is_branch) {
        content[lone] = bytes(40, 1);
        content[bytes{0x10}] = bytes(40, 2);
        if (sibling_is_branch) content[bytes{0x11}] = bytes(40, 3);
    }
};

/// All nodes but the one that the root branch names as child 1.
struct Pruned {
    hash32 left_out;
    std::vector<bytes> nodes;

    explicit Pruned(const ReferenceTrie& full) {
        auto list = *rlp::Decoder{full.nodes.at(full.root)}.read_list();
        (void)list.read_item();
        left_out = *list.read_fixed<hash32>();
        for (const auto& [hash, node] : full.nodes)
            if (hash != left_out) nodes.push_back(node);
    }
};

TEST(PartialTrie, a_deletion_next_to_a_missing_sibling_fails_and_changes_nothing) {
    const TwoChildren two{true};
    const ReferenceTrie full{two.content};
    const Pruned pruned{full};
    const WitnessNodes nodes{pruned.nodes};
    Trie trie = Trie::from_witness(full.root, nodes);
    const auto erased = trie.erase(two.lone);
    ASSERT_FALSE(erased);
    EXPECT_EQ(erased.error(), (TrieError{TrieError::Kind::missing_node, pruned.left_out}));
    EXPECT_EQ(trie.root(), full.root);
    EXPECT_EQ(trie.get(two.lone), expected_of(two.content, two.lone));
    EXPECT_EQ(trie.assumed_siblings(), 0u);
}

TEST(PartialTrie, a_missing_sibling_taken_for_a_branch_gives_the_right_root_where_it_is_one) {
    for (const bool is_branch : {true, false}) {
        TwoChildren two{is_branch};
        const ReferenceTrie full{two.content};
        const WitnessNodes nodes{Pruned{full}.nodes};
        Trie trie = Trie::from_witness(full.root, nodes, MissingSibling::assume_branch);
        ASSERT_TRUE(trie.erase(two.lone));
        EXPECT_EQ(trie.assumed_siblings(), 1u);
        two.content.erase(two.lone);
        EXPECT_EQ(trie.root() == root_of(two.content), is_branch);
        // What was assumed can still be undone.
        ASSERT_TRUE(trie.put(two.lone, bytes(40, 1)));
        EXPECT_EQ(trie.root(), full.root);
    }
}

TEST(PartialTrie, a_missing_node_on_the_way_is_named) {
    const WitnessNodes nodes;
    const hash32 root{{{0xab}}};
    Trie trie = Trie::from_witness(root, nodes, MissingSibling::assume_branch);
    EXPECT_EQ(trie.root(), root);
    const TrieError expected{TrieError::Kind::missing_node, root};
    EXPECT_EQ(trie.get(bytes{1}).error(), expected);
    EXPECT_EQ(trie.put(bytes{1}, bytes{1}).error(), expected);
    EXPECT_EQ(trie.erase(bytes{1}).error(), expected);
    EXPECT_EQ(trie.root(), root);
}

TEST(PartialTrie, the_empty_root_needs_no_witness) {
    const WitnessNodes nodes;
    Trie trie = Trie::from_witness(kEmptyRoot, nodes);
    EXPECT_TRUE(trie.is_empty());
    EXPECT_EQ(trie.get(bytes{1}), Got{std::nullopt});
}

TEST(PartialTrie, malformed_nodes_are_named) {
    const auto branch_with = [](size_t children, const bytes& value) {
        rlp::Encoder out;
        for (size_t i = 0; i < 16; ++i) out.encode_bytes(i < children ? bytes_view{kEmptyRoot} : bytes_view{});
        return out.encode_bytes(value).as_list();
    };
    const auto pair = [](const bytes& path, const bytes& second) { return rlp::Encoder{}.encode_bytes(path).append_raw(second).as_list(); };
    bytes hash_item;
    rlp::encode_bytes(hash_item, kEmptyRoot);
    bytes trailing = branch_with(2, {});
    trailing.push_back(0x80);
    const std::vector<std::pair<const char*, bytes>> cases{
        {"empty input", {}},
        {"string", {0x83, 1, 2, 3}},
        {"three items", {0xc3, 1, 2, 3}},
        {"one child and no value", branch_with(1, {})},
        {"value and no child", branch_with(0, {1})},
        {"trailing bytes", trailing},
        {"leaf without value", pair({0x20}, {0x80})},
        {"leaf with a list for a value", pair({0x20}, {0xc0})},
        {"extension without path", pair({0x00}, hash_item)},
        {"extension without child", pair({0x11}, {0x80})},
        {"extension with a short child", pair({0x11}, {0x82, 1, 2})},
        {"unknown flag", pair({0x41}, {0x01})},
        {"non-zero padding", pair({0x21}, {0x01})},
        {"empty path item", pair({}, {0x01})},
        {"path beyond 64 nibbles", pair(bytes(34, 0x20), {0x01})},
        {"list for a path", {0xc2, 0xc0, 0x01}},
    };
    for (const auto& [what, node] : cases) {
        const WitnessNodes nodes{{node}};
        const hash32 root = crypto::keccak256(node);
        Trie trie = Trie::from_witness(root, nodes);
        const auto got = trie.get(bytes(32, 0));
        ASSERT_FALSE(got) << what;
        EXPECT_EQ(got.error(), (TrieError{TrieError::Kind::malformed_node, root})) << what;
        EXPECT_FALSE(trie.put(bytes(32, 0), bytes{1})) << what;
        EXPECT_FALSE(trie.erase(bytes(32, 0))) << what;
    }
}

TEST(Nibbles, are_packed_in_order_whatever_their_number) {
    for (size_t size = 0; size <= 64; ++size) {
        bytes packed(size);
        bytes nibbles;
        for (size_t i = 0; i < size; ++i) {
            packed[i] = static_cast<uint8_t>(17 * i + size);
            nibbles.push_back(packed[i] / 16);
            nibbles.push_back(packed[i] % 16);
        }
        // One more, which stays as it is.
        bytes unpacked(2 * size + 1, 0xee);
        unpack_nibbles(packed, unpacked.data());
        EXPECT_EQ(unpacked.back(), 0xee);
        unpacked.pop_back();
        EXPECT_EQ(unpacked, nibbles);
        bytes repacked(size + 1, 0xee);
        pack_nibbles(nibbles, repacked.data());
        EXPECT_EQ(repacked.back(), 0xee);
        repacked.pop_back();
        EXPECT_EQ(repacked, packed);
    }
}

TEST(PartialTrie, an_extension_leads_to_a_branch_only) {
    bytes leaf;
    append_leaf(leaf, bytes{1, 2, 3}, bytes(40, 7));
    bytes item;
    rlp::encode_bytes(item, crypto::keccak256(leaf));
    bytes extension;
    append_extension(extension, bytes{5}, item);
    const WitnessNodes nodes{{leaf, extension}};
    Trie trie = Trie::from_witness(crypto::keccak256(extension), nodes);
    const auto got = trie.get(bytes{0x51, 0x23});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), (TrieError{TrieError::Kind::malformed_node, crypto::keccak256(leaf)}));
}

TEST(PartialTrie, a_node_below_the_root_shorter_than_32_bytes_has_no_hash) {
    bytes leaf;
    append_leaf(leaf, bytes{3}, bytes{7});
    bytes item;
    rlp::encode_bytes(item, crypto::keccak256(leaf));
    BranchItems items;
    items.children[0] = item;
    items.children[1] = item;
    bytes branch;
    append_branch(branch, items);
    const WitnessNodes nodes{{leaf, branch}};
    Trie trie = Trie::from_witness(crypto::keccak256(branch), nodes);
    const auto got = trie.get(bytes{0x03});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), (TrieError{TrieError::Kind::malformed_node, crypto::keccak256(leaf)}));
}

TEST(PartialTrie, deeper_than_a_key_is_malformed) {
    // Branches all the way down a key of 64 nibbles, and one more.
    bytes item;
    rlp::encode_bytes(item, kEmptyRoot);
    std::vector<bytes> list;
    for (int depth = 0; depth < 66; ++depth) {
        BranchItems items;
        items.children[0] = item;
        items.children[1] = item;
        bytes branch;
        append_branch(branch, items);
        item.clear();
        rlp::encode_bytes(item, crypto::keccak256(branch));
        list.push_back(branch);
    }
    const hash32 root = crypto::keccak256(list.back());
    const WitnessNodes nodes{list};
    Trie trie = Trie::from_witness(root, nodes);
    const auto got = trie.get(bytes(32, 0));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, TrieError::Kind::malformed_node);
}

}  // namespace
}  // namespace weft::trie
