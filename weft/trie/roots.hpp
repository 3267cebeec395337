// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/node_codec.hpp"

#include <functional>
#include <span>
#include <utility>

/// Roots of tries whose whole content is known (Yellow Paper, appendix D), in one pass over sorted keys and without
/// keeping any node.
namespace weft::trie {

/// The root of the trie without entries: keccak256(rlp("")).
inline constexpr hash32 kEmptyRoot{{{0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
                                     0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21}}};

/// Root of the trie rlp(i) -> items[i]: transactions, receipts, withdrawals (Yellow Paper, section 4.3.2). An empty
/// item is no entry, as everywhere in a trie.
[[nodiscard]] hash32 ordered_root(std::span<const bytes> items);

/// Root of a whole state or a whole storage: keys strictly ascending, no value empty (a zero is an absent key).
[[nodiscard]] hash32 sorted_root(std::span<const std::pair<hash32, bytes>> entries);

/// A node that is not part of another's encoding: its path from the root and its encoding, both valid during the call.
using NodeVisitor = std::function<void(nibbles_view path, bytes_view encoded)>;

/// The same, and shows every node that is kept under a path of its own (node_store.hpp), those below before those above.
[[nodiscard]] hash32 sorted_root(std::span<const std::pair<hash32, bytes>> entries, const NodeVisitor& visit);

/// The root for raw keys of any lengths, one of which may be the beginning of another.
[[nodiscard]] hash32 sorted_root(std::span<const std::pair<bytes, bytes>> entries);

}  // namespace weft::trie
