// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/random.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/trie/memory_nodes.hpp"
#include "weft/trie/proof.hpp"
#include "weft/trie/split_trie.hpp"
#include "weft/trie/trie.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace weft::trie {
namespace {

const hash32 kOwner{{{0xaa, 1}}};

using Content = std::map<bytes, bytes>;
using Value = std::optional<bytes>;
using Got = TrieResult<Value>;
using Verified = std::expected<Value, ProofError>;
using VerifiedAccount = std::expected<std::optional<TrieAccount>, ProofError>;

Value value_of(const Content& content, const bytes& key) {
    const auto found = content.find(key);
    return found == content.end() ? std::nullopt : Value{found->second};
}

/// What a store has to keep for a trie: every node of its own, by its path. Written apart from the code under test: it splits the sorted
/// content by nibbles and encodes with nothing but RLP.
class ExpectedNodes {
  public:
    explicit ExpectedNodes(const Content& content) {
        Entries entries;
        for (const auto& [key, value] : content) {
            bytes nibbles;
            for (const uint8_t byte : key)
                nibbles.insert(nibbles.end(), {static_cast<uint8_t>(byte >> 4), static_cast<uint8_t>(byte & 15)});
            entries.emplace_back(nibbles, value);
        }
        if (entries.empty()) return;
        const bytes top = encode(entries, 0);
        nodes[{}] = top;
        root = crypto::keccak256(top);
    }

    std::map<bytes, bytes> nodes;
    hash32 root = kEmptyRoot;

  private:
    using Entries = std::vector<std::pair<bytes, bytes>>;

    static bytes hex_prefix(const bytes& nibbles, size_t from, size_t to, bool leaf) {
        const bool odd = (to - from) % 2 == 1;
        bytes all{static_cast<uint8_t>((leaf ? 2 : 0) + (odd ? 1 : 0))};
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
        bytes out;
        rlp::encode_bytes(out, crypto::keccak256(node));
        nodes[bytes(entries.front().first.begin(), entries.front().first.begin() + static_cast<long>(depth))] = std::move(node);
        return out;
    }

    bytes encode(const Entries& entries, size_t depth) {
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

std::map<bytes, bytes> kept_nodes(const MemoryNodes& store) {
    const auto trie = store.tries().find(kOwner);
    if (trie == store.tries().end()) return {};
    return {trie->second.begin(), trie->second.end()};
}

void expect_well_formed(const std::vector<NodeChange>& changes) {
    for (size_t i = 0; i < changes.size(); ++i) {
        ASSERT_EQ(changes[i].owner, kOwner);
        if (i > 0) ASSERT_TRUE(std::ranges::lexicographical_compare(changes[i - 1].path, changes[i].path));
    }
}

/// Keys that share prefixes often, and values short and long enough for embedded nodes and others.
struct Source {
    Random random;
    size_t key_size;
    unsigned alphabet;

    bytes key() {
        bytes key(key_size);
        for (uint8_t& byte : key) byte = static_cast<uint8_t>(0x11 * random.below(alphabet));
        return key;
    }
    /// One of those that are there, if there are any.
    bytes known_key(const Content& content) {
        bytes wanted = key();
        if (content.empty()) return wanted;
        const auto next = content.lower_bound(wanted);
        return next == content.end() ? content.begin()->first : next->first;
    }
    bytes value() { return bytes(random.chance(40) ? 40 : 1 + random.below(4), static_cast<uint8_t>(1 + random.below(255))); }

    /// Changes of a block; an empty value erases.
    Content changes(const Content& content, unsigned erasures) {
        Content changes;
        for (size_t i = random.below(12); i > 0; --i) {
            if (random.chance(erasures))
                changes[known_key(content)] = {};
            else
                changes[random.chance(30) ? known_key(content) : key()] = value();
        }
        return changes;
    }
};

void apply(Content& content, const Content& changes) {
    for (const auto& [key, value] : changes) {
        if (value.empty())
            content.erase(key);
        else
            content[key] = value;
    }
}

struct Shape {
    size_t key_size;
    unsigned alphabet;
};
constexpr Shape kShapes[] = {{1, 16}, {2, 4}, {3, 3}, {4, 2}, {32, 2}, {32, 16}};

TEST(KeptTrie, after_random_changes_the_store_has_exactly_the_nodes_of_a_new_trie) {
    for (const auto& [key_size, alphabet] : kShapes) {
        Source source{.random = Random{key_size * 100 + alphabet}, .key_size = key_size, .alphabet = alphabet};
        Content content;
        MemoryNodes store;
        hash32 root = kEmptyRoot;
        for (unsigned block = 0; block < 600; ++block) {
            const Content changes = source.changes(content, block / 100 % 2 == 0 ? 30 : 70);
            Trie trie = Trie::from_store(root, kOwner, store);
            for (const auto& [key, value] : changes) ASSERT_TRUE(trie.put(key, value));
            // A root in between is no reason to forget what changed.
            if (source.random.chance(20)) (void)trie.root();
            NodeChanges listed;
            root = trie.list_changes(kOwner, listed);
            expect_well_formed(listed.changes);
            store.apply(listed);
            apply(content, changes);
            const ExpectedNodes expected{content};
            ASSERT_EQ(root, expected.root) << "block " << block;
            ASSERT_EQ(kept_nodes(store), expected.nodes) << "block " << block;
        }
    }
}

TEST(KeptTrie, may_stay_in_memory_from_block_to_block) {
    for (const auto& [key_size, alphabet] : kShapes) {
        Source source{.random = Random{key_size * 7 + alphabet}, .key_size = key_size, .alphabet = alphabet};
        Content content;
        MemoryNodes store;
        Trie trie;
        for (unsigned block = 0; block < 300; ++block) {
            const Content changes = source.changes(content, block / 50 % 2 == 0 ? 30 : 70);
            for (const auto& [key, value] : changes) ASSERT_TRUE(trie.put(key, value));
            NodeChanges listed;
            const hash32 root = trie.list_changes(kOwner, listed);
            store.apply(listed);
            apply(content, changes);
            const ExpectedNodes expected{content};
            ASSERT_EQ(root, expected.root) << "block " << block;
            ASSERT_EQ(kept_nodes(store), expected.nodes) << "block " << block;
        }
    }
}

TEST(KeptTrie, in_parts_it_gives_the_same_root_and_nodes) {
    for (const unsigned alphabet : {1U, 2U, 3U, 16U}) {
        Source source{.random = Random{alphabet}, .key_size = 32, .alphabet = alphabet};
        Content content;
        MemoryNodes store;
        hash32 root = kEmptyRoot;
        for (unsigned block = 0; block < 600; ++block) {
            const Content changes = source.changes(content, block / 20 % 2 == 0 ? 20 : 80);
            auto split = SplitTrie::open(root, kOwner, store);
            ASSERT_TRUE(split);
            for (const auto& [key, value] : changes) {
                ASSERT_EQ(split->part(key[0] >> 4).get(key), Got{value_of(content, key)});
                ASSERT_TRUE(split->part(key[0] >> 4).put(key, value));
            }
            ASSERT_TRUE(split->join());
            for (uint8_t first = 0; first < SplitTrie::kParts; first += 4) split->hash_parts(first, 4);
            NodeChanges listed;
            root = split->finish(listed);
            expect_well_formed(listed.changes);
            store.apply(listed);
            apply(content, changes);
            const ExpectedNodes expected{content};
            ASSERT_EQ(root, expected.root) << "block " << block;
            ASSERT_EQ(kept_nodes(store), expected.nodes) << "block " << block;
        }
    }
}

/// Counts what is read.
class CountingReader final : public NodeReader {
  public:
    explicit CountingReader(NodeReader& below) noexcept : below_(below) {}
    [[nodiscard]] std::expected<bytes_view, NodeReadError> node(const hash32& owner, nibbles_view path, NodeMemory& memory) override {
        read.insert(bytes(path.begin(), path.end()));
        return below_.node(owner, path, memory);
    }
    std::multiset<bytes> read;

  private:
    NodeReader& below_;
};

struct Kept {
    Content content;
    MemoryNodes store;
    hash32 root;

    explicit Kept(const Content& initial) : content(initial) {
        Trie trie;
        for (const auto& [key, value] : content) EXPECT_TRUE(trie.put(key, value));
        NodeChanges listed;
        root = trie.list_changes(kOwner, listed);
        store.apply(listed);
    }
};

Kept random_trie(Random& random, size_t size) {
    Content content;
    while (content.size() < size) {
        const hash32 key = crypto::keccak256(address_of(random.next()));
        content[bytes(key.begin(), key.end())] = bytes(40, static_cast<uint8_t>(1 + content.size() % 200));
    }
    return Kept{content};
}

TEST(KeptTrie, only_the_paths_to_what_changes_are_read_and_written) {
    Random random{5};
    Kept kept = random_trie(random, 2000);
    CountingReader reader{kept.store};
    Trie trie = Trie::from_store(kept.root, kOwner, reader);
    const bytes key = std::next(kept.content.begin(), 1234)->first;
    ASSERT_TRUE(trie.put(key, bytes(40, 0xee)));
    NodeChanges listed;
    (void)trie.list_changes(kOwner, listed);
    std::multiset<bytes> written;
    for (const NodeChange& change : listed.changes) written.insert(bytes(change.path.begin(), change.path.end()));
    EXPECT_EQ(reader.read, written);
    EXPECT_LT(written.size(), 7U);
    EXPECT_GT(written.size(), 2U);
}

TEST(KeptTrie, a_value_that_is_there_already_changes_nothing) {
    Random random{6};
    Kept kept = random_trie(random, 100);
    Trie trie = Trie::from_store(kept.root, kOwner, kept.store);
    for (const auto& [key, value] : kept.content) ASSERT_TRUE(trie.put(key, value));
    NodeChanges listed;
    EXPECT_EQ(trie.list_changes(kOwner, listed), kept.root);
    EXPECT_TRUE(listed.changes.empty());
}

TEST(KeptTrie, a_store_at_another_root_is_noticed) {
    Random random{7};
    Kept kept = random_trie(random, 100);
    const hash32 other = crypto::keccak256(kept.root);
    Trie trie = Trie::from_store(other, kOwner, kept.store);
    EXPECT_EQ(trie.get(kept.content.begin()->first).error(), (TrieError{TrieError::Kind::another_root, other}));
    EXPECT_EQ(SplitTrie::open(other, kOwner, kept.store).error(), (TrieError{TrieError::Kind::another_root, other}));
}

TEST(KeptTrie, roots_that_are_read_together_are_checked_each) {
    Random random{9};
    Kept kept = random_trie(random, 100);
    MemoryNodes& store = kept.store;
    const hash32 other_owner{{{0xbb, 2}}};
    const hash32 other_root = crypto::keccak256(kept.root);
    const auto tries_of = [&](const hash32& owner, const hash32& root) {
        std::vector<Trie> tries;
        tries.emplace_back();
        for (unsigned i = 0; i < 6; ++i) tries.push_back(Trie::from_store(kept.root, kOwner, store));
        tries.push_back(Trie::from_store(kEmptyRoot, other_owner, store));
        tries.push_back(Trie::from_store(root, owner, store));
        return tries;
    };
    const auto read_roots = [](std::vector<Trie>& tries) {
        std::vector<Trie*> all;
        for (Trie& trie : tries) all.push_back(&trie);
        return Trie::read_roots(all);
    };
    std::vector<Trie> tries = tries_of(kOwner, kept.root);
    ASSERT_TRUE(read_roots(tries));
    for (size_t i : {size_t{1}, size_t{6}, size_t{8}}) {
        EXPECT_EQ(tries[i].get(kept.content.begin()->first), Got{kept.content.begin()->second});
        EXPECT_EQ(tries[i].root(), kept.root);
    }
    EXPECT_EQ(tries[7].root(), kEmptyRoot);
    tries = tries_of(kOwner, other_root);
    EXPECT_EQ(read_roots(tries).error(), (TrieError{TrieError::Kind::another_root, other_root}));
    tries = tries_of(other_owner, kept.root);
    EXPECT_EQ(read_roots(tries).error(), (TrieError{TrieError::Kind::missing_node, kept.root}));
}

TEST(KeptTrie, a_spot_shows_the_value_and_takes_another) {
    Random random{10};
    Kept kept = random_trie(random, 200);
    Content content = kept.content;
    Trie trie = Trie::from_store(kept.root, kOwner, kept.store);
    Trie::Spot spot;
    for (unsigned i = 0; i < 300; ++i) {
        const hash32 hashed = crypto::keccak256(address_of(random.next()));
        const bytes key = random.chance(50) ? bytes(hashed.begin(), hashed.end()) : std::next(content.begin(), long(i) % 200)->first;
        ASSERT_TRUE(trie.locate(key, spot));
        ASSERT_TRUE(std::ranges::equal(spot.value(), value_of(content, key).value_or(bytes{})));
        content[key] = bytes(1 + random.below(60), static_cast<uint8_t>(i));
        trie.put(spot, content[key]);
    }
    EXPECT_EQ(trie.root(), ExpectedNodes{content}.root);
}

TEST(KeptTrie, values_of_any_length_follow_each_other) {
    Content content;
    Trie trie;
    const bytes key(32, 0x42);
    content[bytes(32, 0x43)] = bytes(150, 1);
    ASSERT_TRUE(trie.put(bytes(32, 0x43), bytes(150, 1)));
    for (const size_t size : {40, 110, 111, 300, 5, 0, 200, 110}) {
        content.erase(key);
        if (size != 0) content[key] = bytes(size, 7);
        ASSERT_TRUE(trie.put(key, bytes(size, 7)));
        EXPECT_EQ(trie.get(key), Got{value_of(content, key)});
        EXPECT_EQ(trie.root(), ExpectedNodes{content}.root) << size;
    }
}

class FailingReader final : public NodeReader {
  public:
    [[nodiscard]] std::expected<bytes_view, NodeReadError> node(const hash32& /*owner*/, nibbles_view /*path*/,
                                                                NodeMemory& /*memory*/) override {
        return std::unexpected(NodeReadError{.detail = 77});
    }
};

TEST(KeptTrie, a_read_that_fails_and_a_node_that_lacks_are_told_apart) {
    const hash32 root{{{1}}};
    FailingReader failing;
    EXPECT_EQ(Trie::from_store(root, kOwner, failing).get(bytes(32)).error(), (TrieError{TrieError::Kind::unread_node, root, 77}));
    MemoryNodes nothing;
    EXPECT_EQ(Trie::from_store(root, kOwner, nothing).get(bytes(32)).error(), (TrieError{TrieError::Kind::missing_node, root}));
}

TEST(Proof, shows_what_is_there_and_that_nothing_is) {
    for (const auto& [key_size, alphabet] : kShapes) {
        Source source{.random = Random{key_size * 31 + alphabet}, .key_size = key_size, .alphabet = alphabet};
        for (size_t size = 0; size < 30; ++size) {
            Content content;
            for (size_t i = 0; i < size; ++i) content[source.key()] = source.value();
            Kept kept{content};
            for (unsigned i = 0; i < 20; ++i) {
                const bytes key = i % 2 == 0 ? source.known_key(content) : source.key();
                const auto proof = prove(kept.root, kOwner, key, kept.store);
                ASSERT_TRUE(proof);
                ASSERT_EQ(verify(kept.root, key, *proof), Verified{value_of(content, key)});
            }
        }
    }
}

TEST(Proof, whatever_is_altered_is_refused) {
    Random random{8};
    Kept kept = random_trie(random, 300);
    const bytes& key = kept.content.begin()->first;
    const Proof proof = *prove(kept.root, kOwner, key, kept.store);
    ASSERT_GT(proof.size(), 2U);
    ASSERT_TRUE(verify(kept.root, key, proof));

    for (size_t node = 0; node < proof.size(); ++node) {
        for (size_t byte = 0; byte < proof[node].size(); ++byte) {
            Proof altered = proof;
            altered[node][byte] ^= static_cast<uint8_t>(1 + random.below(255));
            ASSERT_EQ(verify(kept.root, key, altered).error(), ProofError::wrong_node);
        }
        const Proof cut(proof.begin(), proof.begin() + static_cast<long>(node));
        EXPECT_EQ(verify(kept.root, key, cut).error(), ProofError::missing_node);
    }
    Proof longer = proof;
    longer.push_back(proof.back());
    EXPECT_EQ(verify(kept.root, key, longer).error(), ProofError::needless_node);
    EXPECT_EQ(verify(kEmptyRoot, key, proof).error(), ProofError::needless_node);
    EXPECT_EQ(verify(kEmptyRoot, key, {}), Verified{Value{}});
    EXPECT_EQ(verify(kept.root, key, {}).error(), ProofError::missing_node);
    const bytes no_node{0xc1, 0x80};
    EXPECT_EQ(verify(crypto::keccak256(no_node), key, std::span{&no_node, 1}).error(), ProofError::malformed_node);
}

TEST(Proof, of_an_account_and_its_storage) {
    const address owner = address_of(7);
    const hash32 storage_owner = crypto::keccak256(owner);
    MemoryNodes store;
    NodeChanges listed;
    Trie storage;
    for (uint64_t slot = 1; slot < 40; ++slot)
        ASSERT_TRUE(storage.put(crypto::keccak256(to_hash32(uint256{slot})), encode_storage_value(uint256{slot * 3})));
    TrieAccount account{.nonce = 5, .balance = uint256{6}};
    account.storage_root = storage.list_changes(storage_owner, listed);
    Trie accounts;
    for (uint64_t i = 0; i < 50; ++i)
        ASSERT_TRUE(accounts.put(crypto::keccak256(address_of(i)),
                                 encode_account(i == 7 ? account : TrieAccount{.nonce = i, .balance = uint256{}})));
    const hash32 root = accounts.list_changes(kAccountTrie, listed);
    store.apply(listed);

    const uint256 slots[] = {uint256{3}, uint256{1000}};
    const auto proven = prove_account(root, owner, slots, store);
    ASSERT_TRUE(proven);
    EXPECT_EQ(proven->account, account);
    EXPECT_EQ(verify_account(root, owner, proven->proof), VerifiedAccount{account});
    ASSERT_EQ(proven->slots.size(), 2U);
    EXPECT_EQ(proven->slots[0].value, uint256{9});
    EXPECT_EQ(verify_storage(account.storage_root, slots[0], proven->slots[0].proof), uint256{9});
    EXPECT_EQ(proven->slots[1].value, uint256{});
    EXPECT_EQ(verify_storage(account.storage_root, slots[1], proven->slots[1].proof), uint256{});

    const auto absent = prove_account(root, address_of(99), slots, store);
    ASSERT_TRUE(absent);
    EXPECT_EQ(absent->account, std::nullopt);
    EXPECT_EQ(verify_account(root, address_of(99), absent->proof), VerifiedAccount{std::nullopt});
    EXPECT_TRUE(absent->slots[0].proof.empty());
    EXPECT_EQ(verify_storage(account.storage_root, uint256{3}, proven->proof).error(), ProofError::wrong_node);
}

TEST(Proof, a_proven_value_that_is_no_account_or_word_is_named) {
    const address owner = address_of(1);
    Trie trie;
    ASSERT_TRUE(trie.put(crypto::keccak256(owner), bytes{0xc0}));
    ASSERT_TRUE(trie.put(crypto::keccak256(to_hash32(uint256{1})), bytes{0xc0}));
    MemoryNodes store;
    NodeChanges listed;
    const hash32 root = trie.list_changes(kAccountTrie, listed);
    store.apply(listed);
    const auto account = prove(root, kAccountTrie, crypto::keccak256(owner), store);
    EXPECT_EQ(verify_account(root, owner, *account).error(), ProofError::malformed_leaf);
    const auto word = prove(root, kAccountTrie, crypto::keccak256(to_hash32(uint256{1})), store);
    EXPECT_EQ(verify_storage(root, uint256{1}, *word).error(), ProofError::malformed_leaf);
    EXPECT_EQ(prove_account(root, owner, {}, store).error().kind, TrieError::Kind::malformed_node);
}

}  // namespace
}  // namespace weft::trie
