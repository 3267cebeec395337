// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::rlp {

/// The rule of RLP's canonical form (Yellow Paper, appendix B) that an input breaks.
enum class Error : uint8_t {
    InputTooShort,        ///< the input ends inside an item, or where an item is expected
    NonCanonicalSize,     ///< a size with leading zero bytes, or the long form for a payload below 56 bytes
    NonCanonicalByte,     ///< a byte below 0x80 written with a prefix
    LeadingZero,          ///< an integer with a leading zero byte
    IntegerTooLarge,      ///< an integer beyond the width of its field
    WrongLength,          ///< a string whose length differs from that of its fixed-size field
    ListInsteadOfString,  ///< a list where a string is expected
    StringInsteadOfList,  ///< a string where a list is expected
    TrailingBytes,        ///< bytes after the last expected item
    TooDeep,              ///< lists nested beyond kMaxDepth
};

[[nodiscard]] std::string_view to_string(Error error) noexcept;

}  // namespace weft::rlp
