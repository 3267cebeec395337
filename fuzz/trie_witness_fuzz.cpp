// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// A partial trie over a witness that an attacker made: nothing crashes, a failed operation changes nothing, and what was
// written is read back.
//
// The input is a flag byte, a count of nodes, the nodes (length byte, bytes), then operations until the end (kind byte,
// key length, key, value length). No fuzzer finds preimages, so a hash inside a node is filled in: where 0xa0 is followed
// by the index of an earlier node, the next 32 bytes become that node's hash. The last node is the root.
#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/trie.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace weft;
using namespace weft::trie;

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
    bytes_view take(size_t count) noexcept {
        const bytes_view taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

  private:
    bytes_view rest_;
};

/// A node's bytes, with the hashes of earlier nodes in place.
bytes with_hashes(bytes_view raw, const std::vector<bytes>& earlier) {
    bytes node(raw.begin(), raw.end());
    for (size_t i = 0; i + 33 <= node.size(); ++i) {
        if (node[i] != 0xa0 || node[i + 1] >= earlier.size()) continue;
        std::ranges::copy(crypto::keccak256(earlier[node[i + 1]]), node.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        i += 32;
    }
    return node;
}

void apply(Trie& trie, uint8_t kind, bytes_view key, const bytes& value) {
    const hash32 before = trie.root();
    const auto old = trie.get(key);
    const bool erases = kind % 2 == 0 || value.empty();
    const auto done = erases ? trie.erase(key) : trie.put(key, value);
    if (!done) {
        WEFT_ASSERT(trie.root() == before);
        WEFT_ASSERT(trie.get(key) == old);
        return;
    }
    const auto now = trie.get(key);
    WEFT_ASSERT(now.has_value());
    if (erases)
        WEFT_ASSERT(!now->has_value());
    else
        WEFT_ASSERT(*now == value);
    if (old == now) WEFT_ASSERT(trie.root() == before);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Input input{{data, size}};
    const uint8_t flags = input.byte();
    std::vector<bytes> raw;
    for (size_t count = input.byte() % 32; count > 0; --count) raw.push_back(with_hashes(input.take(input.byte()), raw));
    const hash32 root = raw.empty() ? kEmptyRoot : crypto::keccak256(raw.back());
    for (const bytes& node : raw) {
        if (const auto account = decode_account(node)) WEFT_ASSERT(encode_account(*account) == node);
        if (const auto value = decode_storage_value(node)) WEFT_ASSERT(encode_storage_value(*value) == node);
    }

    const WitnessNodes nodes{std::move(raw)};
    Trie trie = Trie::from_witness(root, nodes, flags % 2 == 0 ? MissingSibling::error : MissingSibling::assume_branch);
    while (!input.at_end()) {
        const uint8_t kind = input.byte();
        const bytes_view key = input.take(input.byte() % 33);
        const uint8_t length = input.byte();
        apply(trie, kind, key, bytes(length % 64, length));
    }
    return 0;
}
