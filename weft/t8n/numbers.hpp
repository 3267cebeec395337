// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/json/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weft::t8n {

/// A number of at most 256 bits as alloc and env write it: JSON number, hex with "0x", or decimal. What is none is reported.
[[nodiscard]] uint256 read_quantity(const json::Json& json);
/// The same, below 2^64.
[[nodiscard]] uint64_t read_number(const json::Json& json);
/// nullopt: the member is absent or null.
[[nodiscard]] std::optional<uint256> read_optional_quantity(const json::Json& json);
[[nodiscard]] std::optional<uint64_t> read_optional_number(const json::Json& json);

/// "0x" and hex digits, or decimal digits; nothing at all is zero. nullopt: anything else, or more than 256 bits.
[[nodiscard]] std::optional<uint256> parse_number(std::string_view text);

[[nodiscard]] std::string to_decimal(const uint256& value);
/// An address whose letters tell by their case whether it was mistyped (EIP-55).
[[nodiscard]] std::string to_checksummed(const address& addr);

}  // namespace weft::t8n
