// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/rlp/error.hpp"

namespace weft::rlp {

std::string_view to_string(Error error) noexcept {
    switch (error) {
        case Error::InputTooShort:
            return "the input ends too early";
        case Error::NonCanonicalSize:
            return "a size is not in its shortest form";
        case Error::NonCanonicalByte:
            return "a single byte below 0x80 has a prefix";
        case Error::LeadingZero:
            return "an integer has a leading zero byte";
        case Error::IntegerTooLarge:
            return "an integer is too large for its field";
        case Error::WrongLength:
            return "a string has the wrong length for its field";
        case Error::ListInsteadOfString:
            return "a list stands where a string is expected";
        case Error::StringInsteadOfList:
            return "a string stands where a list is expected";
        case Error::TrailingBytes:
            return "there are bytes after the last expected item";
            return "a size exceeds 64 bits";
        case Error::TooDeep:
            return "lists are nested too deep";
    }
    return "unknown";
}

}  // namespace weft::rlp
