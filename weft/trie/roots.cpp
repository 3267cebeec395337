// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/roots.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/trie/node_codec.hpp"

#include <algorithm>
#include <array>

namespace weft::trie {

namespace {

/// One entry of a trie under construction; both views stay with the caller.
struct Entry {
    bytes_view key;
    bytes_view value;

    [[nodiscard]] size_t nibble_count() const noexcept { return 2 * key.size(); }
    [[nodiscard]] uint8_t nibble(size_t i) const noexcept {
        const uint8_t byte = key[i / 2];
        return i % 2 == 0 ? byte >> 4 : byte & 0x0f;
    }
};

using Entries = std::span<const Entry>;

/// Writes the encoding of the subtree that a range of sorted entries spans to the end of one buffer. Children are
/// written behind their parent's place, turned into references, cut off again, and replaced by the parent: the buffer
/// never holds more than one unfinished branch per level. Recursion is as deep as the longest shared prefix.
class Builder {
  public:
    /// `visit`: is given the nodes that have a place of their own; null: nobody wants them.
    explicit Builder(const NodeVisitor* visit = nullptr) noexcept : visit_(visit) {}

    hash32 root(Entries entries) {
        if (entries.empty()) return kEmptyRoot;
        append_subtree(entries, 0);
        return crypto::keccak256(buffer_);
    }

  private:
    nibbles_view path_of(const Entry& entry, size_t from, size_t to) {
        path_.clear();
        for (size_t i = from; i < to; ++i) path_.push_back(entry.nibble(i));
        return path_;
    }

    void append_subtree(Entries entries, size_t depth) {
        const size_t start = buffer_.size();
        append_top_of(entries, depth);
        show(entries.front(), depth, start);
    }

    /// Shows the node that the buffer holds from `start` on and whose path is the first `depth` nibbles of an entry.
    void show(const Entry& entry, size_t depth, size_t start) {
        const bytes_view encoding = bytes_view{buffer_}.subspan(start);
        if (visit_ != nullptr && (depth == 0 || encoding.size() >= 32)) (*visit_)(path_of(entry, 0, depth), encoding);
    }

    void append_top_of(Entries entries, size_t depth) {
        const Entry& first = entries.front();
        if (entries.size() == 1) {
            append_leaf(buffer_, path_of(first, depth, first.nibble_count()), first.value);
            return;
        }
        // Sorted: what the first and the last have in common, all have in common.
        const Entry& last = entries.back();
        size_t shared = depth;
        while (shared < first.nibble_count() && shared < last.nibble_count() && first.nibble(shared) == last.nibble(shared)) ++shared;
        if (shared == depth) {
            append_branch_of(entries, depth);
            return;
        }
        const size_t start = buffer_.size();
        append_branch_of(entries, shared);
        show(first, shared, start);
        const bytes_view encoding = bytes_view{buffer_}.subspan(start);
        Reference child;
        Reference* const target = &child;
        make_references({&encoding, 1}, {&target, 1});
        buffer_.resize(start);
        append_extension(buffer_, path_of(first, depth, shared), child.item());
    }

    void append_branch_of(Entries entries, size_t depth) {
        const size_t start = buffer_.size();
        BranchItems items;
        if (entries.front().nibble_count() == depth) {
            items.value = entries.front().value;
            entries = entries.subspan(1);
        }
        std::array<size_t, 17> offsets{};
        offsets[0] = start;
        for (uint8_t nibble = 0; nibble < 16; ++nibble) {
            size_t count = 0;
            while (count < entries.size() && entries[count].nibble(depth) == nibble) ++count;
            if (count != 0) append_subtree(entries.first(count), depth + 1);
            entries = entries.subspan(count);
            offsets[nibble + 1] = buffer_.size();
        }
        WEFT_ASSERT(entries.empty());

        std::array<bytes_view, 16> encodings;
        std::array<Reference, 16> references;
        std::array<Reference*, 16> targets;
        for (size_t i = 0; i < 16; ++i) {
            encodings[i] = bytes_view{buffer_}.subspan(offsets[i], offsets[i + 1] - offsets[i]);
            targets[i] = &references[i];
        }
        make_references(encodings, targets);
        for (size_t i = 0; i < 16; ++i) items.children[i] = references[i].item();
        buffer_.resize(start);
        append_branch(buffer_, items);
    }

    const NodeVisitor* visit_;
    bytes buffer_;
    bytes path_;
};

template <typename Key>
hash32 root_of_pairs(std::span<const std::pair<Key, bytes>> pairs, const NodeVisitor* visit = nullptr) {
    std::vector<Entry> entries;
    entries.reserve(pairs.size());
    for (const auto& [key, value] : pairs) {
        const bytes_view view = key;
        WEFT_ASSERT(!value.empty());
        WEFT_ASSERT(entries.empty() || std::ranges::lexicographical_compare(entries.back().key, view));
        entries.push_back({view, value});
    }
    return Builder{visit}.root(entries);
}

}  // namespace

hash32 ordered_root(std::span<const bytes> items) {
    // In the order of their encodings, the indices are 1 to 127, then 0 (encoded as 0x80), then the rest.
    constexpr size_t kSingleByte = 0x80;
    constexpr size_t kLongestKey = 9;
    const size_t count = items.size();
    const size_t zero_at = std::min(count, kSingleByte);
    bytes keys;
    keys.reserve(count * kLongestKey);
    std::vector<Entry> entries;
    entries.reserve(count);
    for (size_t position = 1; position <= count; ++position) {
        const size_t index = position < zero_at ? position : position == zero_at ? 0 : position - 1;
        if (items[index].empty()) continue;
        const size_t start = keys.size();
        rlp::encode_uint(keys, index);
        entries.push_back({.key = {keys.data() + start, keys.size() - start}, .value = items[index]});
    }
    return Builder{}.root(entries);
}

hash32 sorted_root(std::span<const std::pair<hash32, bytes>> entries) { return root_of_pairs(entries); }

hash32 sorted_root(std::span<const std::pair<hash32, bytes>> entries, const NodeVisitor& visit) { return root_of_pairs(entries, &visit); }

hash32 sorted_root(std::span<const std::pair<bytes, bytes>> entries) { return root_of_pairs(entries); }

}  // namespace weft::trie
