// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/node_codec.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"

namespace weft::trie {

namespace {

/// A path in hex-prefix form is an RLP string of its own: a single byte below 0x80 stands for itself.
size_t hex_prefix_length(nibbles_view path) noexcept {
    const size_t packed = path.size() / 2 + 1;
    return packed == 1 ? 1 : packed + (packed < 56 ? 1 : 2);
}

uint8_t* write_hex_prefix(uint8_t* at, nibbles_view path, bool is_leaf) noexcept {
    const size_t packed = path.size() / 2 + 1;
    if (packed > 1) at = rlp::write_string_header(at, packed);
    const size_t odd = path.size() % 2;
    *at = static_cast<uint8_t>((is_leaf ? 0x20 : 0) | (odd != 0 ? 0x10 | path[0] : 0));
    pack_nibbles(path.subspan(odd), at + 1);
    return at + packed;
}

constexpr size_t kBlock = 16;
using Vector = uint8_t __attribute__((vector_size(kBlock)));

/// Calls block(i) for blocks of bytes that cover the first `size`, the last one over some that are done already, or one(i) for each of
/// fewer than a block.
template <typename Block, typename One>
void in_blocks(size_t size, const Block& block, const One& one) {
    if (size < kBlock) {
        for (size_t i = 0; i < size; ++i) one(i);
        return;
    }
    for (size_t i = 0; i + kBlock < size; i += kBlock) block(i);
    block(size - kBlock);
}

/// Room for `size` bytes more at the end.
uint8_t* add_room(bytes& out, size_t size) {
    out.resize(out.size() + size);
    return out.data() + out.size() - size;
}

}  // namespace

void pack_nibbles(nibbles_view nibbles, uint8_t* packed) noexcept {
    const uint8_t* from = nibbles.data();
    in_blocks(
        nibbles.size() / 2,
        [&](size_t i) {
            Vector first;
            Vector second;
            std::memcpy(&first, from + 2 * i, kBlock);
            std::memcpy(&second, from + 2 * i + kBlock, kBlock);
            const Vector high = __builtin_shufflevector(first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            const Vector low = __builtin_shufflevector(first, second, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            const Vector block = high << 4 | low;
            std::memcpy(packed + i, &block, kBlock);
        },
        [&](size_t i) { packed[i] = static_cast<uint8_t>(from[2 * i] << 4 | from[2 * i + 1]); });
}

void unpack_nibbles(bytes_view packed, uint8_t* nibbles) noexcept {
    in_blocks(
        packed.size(),
        [&](size_t i) {
            Vector block;
            std::memcpy(&block, packed.data() + i, kBlock);
            const Vector high = block >> 4;
            const Vector low = block & 0x0f;
            const Vector first = __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            const Vector second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            std::memcpy(nibbles + 2 * i, &first, kBlock);
            std::memcpy(nibbles + 2 * i + kBlock, &second, kBlock);
        },
        [&](size_t i) {
            nibbles[2 * i] = packed[i] >> 4;
            nibbles[2 * i + 1] = packed[i] & 0x0f;
        });
}

void Reference::set_item(bytes_view item) noexcept {
    WEFT_ASSERT(!item.empty() && item.size() <= bytes_.size());
    // Most have the size of a hash, which is known to the compiler then.
    if (item.size() == bytes_.size())
        std::memcpy(bytes_.data(), item.data(), bytes_.size());
    else
        std::memcpy(bytes_.data(), item.data(), item.size());
    size_ = static_cast<uint8_t>(item.size());
}

void append_leaf(bytes& out, nibbles_view path, bytes_view value) {
    const size_t payload = hex_prefix_length(path) + rlp::length_of(value);
    uint8_t* at = rlp::write_list_header(add_room(out, rlp::length_of_list(payload)), payload);
    at = write_hex_prefix(at, path, true);
    at = rlp::write_bytes(at, value);
    WEFT_ASSERT(at == out.data() + out.size());
}

void append_extension(bytes& out, nibbles_view path, bytes_view child) {
    const size_t payload = hex_prefix_length(path) + child.size();
    uint8_t* at = rlp::write_list_header(add_room(out, rlp::length_of_list(payload)), payload);
    at = write_hex_prefix(at, path, false);
    std::memcpy(at, child.data(), child.size());
}

void append_branch(bytes& out, const BranchItems& items) {
    constexpr size_t kHashItem = 33;
    size_t payload = rlp::length_of(items.value);
    for (const bytes_view child : items.children) payload += child.empty() ? 1 : child.size();
    uint8_t* at = rlp::write_list_header(add_room(out, rlp::length_of_list(payload)), payload);
    for (const bytes_view child : items.children) {
        if (child.empty()) {
            *at++ = 0x80;
        } else if (child.size() == kHashItem) {
            std::memcpy(at, child.data(), kHashItem);
            at += kHashItem;
        } else {
            std::memcpy(at, child.data(), child.size());
            at += child.size();
        }
    }
    at = rlp::write_bytes(at, items.value);
    WEFT_ASSERT(at == out.data() + out.size());
}

void make_references(std::span<const bytes_view> encodings, std::span<Reference* const> references) {
    WEFT_ASSERT(encodings.size() == references.size());
    constexpr size_t kBatch = 64;
    std::array<bytes_view, kBatch> messages;
    std::array<hash32, kBatch> digests;
    std::array<Reference*, kBatch> targets{};
    size_t count = 0;
    const auto hash_batch = [&] {
        crypto::keccak256_batch(std::span{messages}.first(count), std::span{digests}.first(count));
        for (size_t i = 0; i < count; ++i) targets[i]->set_hash(digests[i]);
        count = 0;
    };
    for (size_t i = 0; i < encodings.size(); ++i) {
        if (encodings[i].empty()) continue;
        if (encodings[i].size() < 32) {
            references[i]->set_item(encodings[i]);
            continue;
        }
        messages[count] = encodings[i];
        targets[count] = references[i];
        if (++count == kBatch) hash_batch();
    }
    hash_batch();
}

std::optional<HexPrefix> decode_hex_prefix(bytes_view encoded, std::span<uint8_t> nibbles) noexcept {
    if (encoded.empty()) return std::nullopt;
    const uint8_t flags = encoded[0] >> 4;
    const bool odd = (flags & 1) != 0;
    if (flags > 3 || (!odd && (encoded[0] & 0x0f) != 0)) return std::nullopt;
    const size_t size = 2 * (encoded.size() - 1) + (odd ? 1 : 0);
    if (size > nibbles.size()) return std::nullopt;
    if (odd) nibbles[0] = encoded[0] & 0x0f;
    unpack_nibbles(encoded.subspan(1), nibbles.data() + (odd ? 1 : 0));
    return HexPrefix{.is_leaf = (flags & 2) != 0, .size = size};
}

}  // namespace weft::trie
