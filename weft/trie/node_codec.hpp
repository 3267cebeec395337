// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <span>

namespace weft::trie {

/// A part of a key: one nibble per byte, most significant first.
using nibbles_view = std::span<const uint8_t>;

/// Two nibbles a byte: an even number of them, into half as many bytes.
void pack_nibbles(nibbles_view nibbles, uint8_t* packed) noexcept;
/// The reverse.
void unpack_nibbles(bytes_view packed, uint8_t* nibbles) noexcept;

/// How a parent names a child: the child's own RLP where that takes fewer than 32 bytes, else the RLP string of its
/// Keccak hash (Yellow Paper, eq. 193: n(I, i)). Size zero: not known.
class Reference {
  public:
    Reference() noexcept {}  // NOLINT(modernize-use-equals-default): bytes nobody has set stay as they are

    [[nodiscard]] bool is_known() const noexcept { return size_ != 0; }
    [[nodiscard]] bytes_view item() const noexcept { return {bytes_.data(), size_}; }
    void forget() noexcept { size_ = 0; }

    void set_hash(const hash32& hash) noexcept {
        bytes_[0] = 0xa0;
        std::memcpy(bytes_.data() + 1, hash.data(), 32);
        size_ = 33;
    }
    /// `item`: an encoded item of at most 33 bytes.
    void set_item(bytes_view item) noexcept;

  private:
    uint8_t size_ = 0;
    std::array<uint8_t, 33> bytes_;  // the first size_ of them
};

/// What a branch needs to be encoded: the children's encoded items (empty: no child) and its own value (empty: none).
struct BranchItems {
    std::array<bytes_view, 16> children;
    bytes_view value;
};

/// Append the RLP of one node (Yellow Paper, eq. 194: c(I, i)).
void append_leaf(bytes& out, nibbles_view path, bytes_view value);
/// `child`: the encoded item that names the child.
void append_extension(bytes& out, nibbles_view path, bytes_view child);
void append_branch(bytes& out, const BranchItems& items);

/// Sets the references of several encoded nodes. They are hashed together, so pass as many at a time as there are.
/// `encodings` and `references` have the same size; an empty encoding leaves its reference alone.
void make_references(std::span<const bytes_view> encodings, std::span<Reference* const> references);

/// A path with its leaf flag, out of the hex-prefix encoding (Yellow Paper, appendix C).
struct HexPrefix {
    bool is_leaf = false;
    size_t size = 0;
};
/// Unpacks `encoded` into `nibbles`. nullopt: not canonical (unknown flag, non-zero padding) or too long for `nibbles`.
[[nodiscard]] std::optional<HexPrefix> decode_hex_prefix(bytes_view encoded, std::span<uint8_t> nibbles) noexcept;

}  // namespace weft::trie
