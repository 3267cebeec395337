// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weft {

/// Lower-case hex of `data`, with the prefix "0x".
[[nodiscard]] std::string to_hex(bytes_view data);

/// Bytes of a hex string with an even number of digits; the prefix "0x" is optional. nullopt: a character that is no
/// digit, or an odd number of digits.
[[nodiscard]] std::optional<bytes> from_hex(std::string_view text);

/// A fixed-size value of exactly 2*N hex digits ("0x" optional); nullopt otherwise.
template <typename T>
[[nodiscard]] std::optional<T> fixed_from_hex(std::string_view text) {
    const auto data = from_hex(text);
    if (!data || data->size() != T::kSize) return std::nullopt;
    return fixed_from<T>(*data);
}

}  // namespace weft
