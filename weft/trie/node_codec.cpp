// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/node_codec.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"

#include <bit>

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

/// Room for `size` bytes more at the end.
uint8_t* add_room(bytes& out, size_t size) {
    out.resize(out.size() + size);
    return out.data() + out.size() - size;
}

}  // namespace

// Four bytes and eight nibbles at a time, the first of them lowest in a word.
static_assert(std::endian::native == std::endian::little);

void pack_nibbles(nibbles_view nibbles, uint8_t* packed) noexcept {
    const uint8_t* from = nibbles.data();
    size_t left = nibbles.size() / 2;
    for (; left >= 4; left -= 4, from += 8, packed += 4) {
        uint64_t word = 0;
        std::memcpy(&word, from, 8);
        word = (word << 4 | word >> 8) & 0x00ff00ff00ff00ff;
        word = (word | word >> 8) & 0x0000ffff0000ffff;
        word |= word >> 16;
        std::memcpy(packed, &word, 4);
    }
    for (; left != 0; --left, from += 2) *packed++ = static_cast<uint8_t>(from[0] << 4 | from[1]);
}

void unpack_nibbles(bytes_view packed, uint8_t* nibbles) noexcept {
    const uint8_t* from = packed.data();
    size_t left = packed.size();
    for (; left >= 4; left -= 4, from += 4, nibbles += 8) {
        uint32_t bytes = 0;
        std::memcpy(&bytes, from, 4);
        uint64_t word = bytes;
        word = (word | word << 16) & 0x0000ffff0000ffff;
        word = (word | word << 8) & 0x00ff00ff00ff00ff;
        word = (word >> 4 & 0x000f000f000f000f) | (word << 8 & 0x0f000f000f000f00);
        std::memcpy(nibbles, &word, 8);
    }
    for (; left != 0; --left) {
        *nibbles++ = *from >> 4;
        *nibbles++ = *from++ & 0x0f;
    }
}

void Reference::set_item(bytes_view item) noexcept {
    WEFT_ASSERT(!item.empty() && item.size() <= bytes_.size());
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
