// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"

#include <array>

namespace weft {

namespace {

constexpr uint8_t kNoDigit = 0xff;

constexpr std::array<uint8_t, 256> kDigitValues = [] {
    std::array<uint8_t, 256> table{};
    table.fill(kNoDigit);
    for (uint8_t i = 0; i < 10; ++i) table['0' + i] = i;
    for (uint8_t i = 0; i < 6; ++i) table['a' + i] = table['A' + i] = static_cast<uint8_t>(10 + i);
    return table;
}();

}  // namespace

std::string to_hex(bytes_view data) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(2 + 2 * data.size(), '0');
    text[1] = 'x';
    char* out = text.data() + 2;
    for (const uint8_t byte : data) {
        *out++ = kDigits[byte >> 4];
        *out++ = kDigits[byte & 0xf];
    }
    return text;
}

std::optional<bytes> from_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.size() % 2 != 0) return std::nullopt;
    bytes data(text.size() / 2);
    for (size_t i = 0; i < data.size(); ++i) {
        const uint8_t high = kDigitValues[static_cast<uint8_t>(text[2 * i])];
        const uint8_t low = kDigitValues[static_cast<uint8_t>(text[2 * i + 1])];
        if ((high | low) == kNoDigit) return std::nullopt;
        data[i] = static_cast<uint8_t>(high << 4 | low);
    }
    return data;
}

}  // namespace weft
