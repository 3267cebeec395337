// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// A kept trie that blocks of changes pass over, whole or in parts: its root is that of its content, the store has exactly the nodes of a
// trie made at once, and every key can be proven. A proof that an attacker made is refused or says what the trie says.
//
// The input is a flag byte, then changes until the end: an instruction byte (bits 0 to 1: what), two bytes of the key, and for what needs
// it a byte more.
#include "weft/base/assert.hpp"
#include "weft/trie/memory_nodes.hpp"
#include "weft/trie/proof.hpp"
#include "weft/trie/roots.hpp"
#include "weft/trie/split_trie.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace {

using namespace weft;
using namespace weft::trie;

const hash32 kOwner{{{1}}};
using Content = std::map<bytes, bytes>;

class Input {
  public:
    explicit Input(bytes_view data) noexcept : rest_(data) {}
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    uint8_t byte() noexcept {
        if (rest_.empty()) return 0;
        const uint8_t value = rest_[0];
        rest_ = rest_.subspan(1);
        return value;
    }

  private:
    bytes_view rest_;
};

/// 32 bytes that differ in the first and in one of the others.
bytes key_of(uint8_t first, uint8_t other) {
    bytes key(32);
    key[0] = first;
    key[1 + other % 31] = other;
    return key;
}

class KeptTrie {
  public:
    explicit KeptTrie(bool in_parts) noexcept : in_parts_(in_parts) {}

    void change(const bytes& key, bytes value) { changes_[key] = std::move(value); }

    void end_block() {
        NodeChanges listed;
        root_ = in_parts_ ? change_parts(listed) : change_whole(listed);
        store_.apply(listed);
        for (const auto& [key, value] : std::exchange(changes_, {})) {
            if (value.empty())
                content_.erase(key);
            else
                content_[key] = value;
        }
        check();
    }

    void check_proof(const bytes& key, uint8_t altered) {
        auto proof = *prove(root_, kOwner, key, store_);
        const auto found = content_.find(key);
        const auto expected = found == content_.end() ? std::nullopt : std::optional{found->second};
        const auto proven = verify(root_, key, proof);
        WEFT_ASSERT(proven.has_value() && *proven == expected);
        if (proof.empty()) return;
        bytes& node = proof[altered % proof.size()];
        node[altered % node.size()] ^= static_cast<uint8_t>(altered | 1);
        WEFT_ASSERT(!verify(root_, key, proof).has_value());
        // The root is whatever the first node is: all that can be wrong now is what the nodes say.
        const auto forged = verify(crypto::keccak256(proof[0]), key, proof);
        (void)forged;
    }

  private:
    hash32 change_whole(NodeChanges& listed) {
        Trie trie = Trie::from_store(root_, kOwner, store_);
        for (const auto& [key, value] : changes_) WEFT_ASSERT(trie.put(key, value).has_value());
        return trie.list_changes(kOwner, listed);
    }

    hash32 change_parts(NodeChanges& listed) {
        auto split = SplitTrie::open(root_, kOwner, store_);
        WEFT_ASSERT(split.has_value());
        for (const auto& [key, value] : changes_) WEFT_ASSERT(split->part(key[0] >> 4).put(key, value).has_value());
        WEFT_ASSERT(split->join().has_value());
        for (uint8_t first = 0; first < SplitTrie::kParts; first += 4) split->hash_parts(first, 4);
        return split->finish(listed);
    }

    void check() const {
        const std::vector<std::pair<bytes, bytes>> entries(content_.begin(), content_.end());
        WEFT_ASSERT(root_ == sorted_root(entries));
        Trie at_once;
        for (const auto& [key, value] : content_) WEFT_ASSERT(at_once.put(key, value).has_value());
        NodeChanges listed;
        WEFT_ASSERT(at_once.list_changes(kOwner, listed) == root_);
        MemoryNodes fresh;
        fresh.apply(listed);
        WEFT_ASSERT(fresh.tries() == store_.tries());
    }

    bool in_parts_;
    MemoryNodes store_;
    hash32 root_ = kEmptyRoot;
    Content content_;
    Content changes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Input input{{data, size}};
    KeptTrie trie{input.byte() % 2 == 0};
    while (!input.at_end()) {
        const uint8_t what = input.byte();
        const uint8_t first = input.byte();
        const bytes key = key_of(first, input.byte());
        switch (what % 4) {
            case 0:
                trie.change(key, {});
                break;
            case 1:
                trie.change(key, bytes(1 + input.byte() % 48, what));
                break;
            case 2:
                trie.end_block();
                break;
            default:
                trie.end_block();
                trie.check_proof(key, input.byte());
        }
    }
    trie.end_block();
    return 0;
}
