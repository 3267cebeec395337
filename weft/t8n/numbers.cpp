// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/numbers.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"

#include <algorithm>

namespace weft::t8n {

std::optional<uint256> parse_number(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) return json::parse_quantity(text);
    uint256 value;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto product = checked_mul(value, 10);
        const auto sum = checked_add(product.value, static_cast<uint64_t>(c - '0'));
        if (product.overflow || sum.overflow) return std::nullopt;
        value = sum.value;
    }
    return value;
}

uint256 read_quantity(const json::Json& json) {
    if (!json.is_string()) return json.quantity();
    const auto value = parse_number(json.string());
    if (!value) json.report("not a hex or decimal number of at most 256 bits");
    return value.value_or(uint256{});
}

uint64_t read_number(const json::Json& json) {
    const uint256 value = read_quantity(json);
    if (!value.fits_u64()) json.report("exceeds 64 bits");
    return value.low64();
}

std::optional<uint256> read_optional_quantity(const json::Json& json) {
    return json.exists() ? std::optional(read_quantity(json)) : std::nullopt;
}

std::optional<uint64_t> read_optional_number(const json::Json& json) {
    return json.exists() ? std::optional(read_number(json)) : std::nullopt;
}

std::string to_decimal(const uint256& value) {
    std::string digits;
    uint256 rest = value;
    do {
        digits += static_cast<char>('0' + (rest % 10).low64());
        rest = rest / 10;
    } while (!rest.is_zero());
    std::ranges::reverse(digits);
    return digits;
}

std::string to_checksummed(const address& addr) {
    std::string text = to_hex(addr);
    const hash32 hash = crypto::keccak256({reinterpret_cast<const uint8_t*>(text.data()) + 2, text.size() - 2});
    for (size_t i = 2; i < text.size(); ++i) {
        const uint8_t byte = hash[(i - 2) / 2];
        const unsigned nibble = i % 2 == 0 ? byte >> 4 : byte & 0x0fU;
        if (nibble >= 8 && text[i] >= 'a') text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
    return text;
}

}  // namespace weft::t8n
