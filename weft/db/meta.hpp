// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

#include <array>

/// The keys of the tables of what is said of the database as a whole.
namespace weft::db {

inline constexpr std::array<uint8_t, 6> kFormatKey{'f', 'o', 'r', 'm', 'a', 't'};  ///< -> the number of the format, eight bytes
inline constexpr std::array<uint8_t, 5> kIdentityKey{'c', 'h', 'a', 'i', 'n'};     ///< -> Identity
inline constexpr std::array<uint8_t, 4> kHeadKey{'h', 'e', 'a', 'd'};              ///< -> HeadRecord; in Table::trie_head -> TrieHead

}  // namespace weft::db
