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

void append_hex_prefix(bytes& out, nibbles_view path, bool is_leaf) {
    const size_t packed = path.size() / 2 + 1;
    if (packed > 1) rlp::encode_string_header(out, packed);
    const size_t odd = path.size() % 2;
    out.resize(out.size() + packed);
    uint8_t* at = out.data() + out.size() - packed;
    *at++ = static_cast<uint8_t>((is_leaf ? 0x20 : 0) | (odd != 0 ? 0x10 | path[0] : 0));
    for (size_t i = odd; i < path.size(); i += 2) *at++ = static_cast<uint8_t>(path[i] << 4 | path[i + 1]);
}

}  // namespace

void Reference::set_item(bytes_view item) noexcept {
    WEFT_ASSERT(!item.empty() && item.size() <= bytes_.size());
    std::memcpy(bytes_.data(), item.data(), item.size());
    size_ = static_cast<uint8_t>(item.size());
}

void append_leaf(bytes& out, nibbles_view path, bytes_view value) {
    rlp::encode_list_header(out, hex_prefix_length(path) + rlp::length_of(value));
    append_hex_prefix(out, path, true);
    rlp::encode_bytes(out, value);
}

void append_extension(bytes& out, nibbles_view path, bytes_view child) {
    rlp::encode_list_header(out, hex_prefix_length(path) + child.size());
    append_hex_prefix(out, path, false);
    rlp::append_raw(out, child);
}

void append_branch(bytes& out, const BranchItems& items) {
    size_t payload = rlp::length_of(items.value);
    for (const bytes_view child : items.children) payload += child.empty() ? 1 : child.size();
    rlp::encode_list_header(out, payload);
    const size_t size = payload - rlp::length_of(items.value);
    out.resize(out.size() + size);
    uint8_t* at = out.data() + out.size() - size;
    for (const bytes_view child : items.children) {
        if (child.empty()) {
            *at++ = 0x80;
        } else {
            std::memcpy(at, child.data(), child.size());
            at += child.size();
        }
    }
    rlp::encode_bytes(out, items.value);
}

void make_references(std::span<const bytes_view> encodings, std::span<Reference> references) {
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
            references[i].set_item(encodings[i]);
            continue;
        }
        messages[count] = encodings[i];
        targets[count] = &references[i];
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
    size_t at = 0;
    if (odd) nibbles[at++] = encoded[0] & 0x0f;
    for (const uint8_t byte : encoded.subspan(1)) {
        nibbles[at++] = byte >> 4;
        nibbles[at++] = byte & 0x0f;
    }
    return HexPrefix{.is_leaf = (flags & 2) != 0, .size = size};
}

}  // namespace weft::trie
