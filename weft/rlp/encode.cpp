// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/rlp/encode.hpp"

#include "weft/base/assert.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace weft::rlp {

namespace {

constexpr size_t kShortLimit = 56;

size_t bytes_of(uint64_t value) noexcept { return (static_cast<size_t>(std::bit_width(value)) + 7) / 8; }

size_t header_length(size_t payload_length) noexcept { return payload_length < kShortLimit ? 1 : 1 + bytes_of(payload_length); }

/// A prefix: `base` is 0x80 for strings, 0xc0 for lists..
struct Header {
    std::array<uint8_t, 9> bytes;
    size_t size;
};
uint8_t* write_header(uint8_t* at, uint8_t base, size_t payload_length) noexcept {
    if (payload_length < kShortLimit) {
        *at = static_cast<uint8_t>(base + payload_length);
        return at + 1;
    }
    const size_t width = bytes_of(payload_length);
    *at++ = static_cast<uint8_t>(base + kShortLimit - 1 + width);
    for (size_t i = width; i-- > 0;) *at++ = static_cast<uint8_t>(payload_length >> (8 * i));
    return at;
}
Header make_header(uint8_t base, size_t payload_length) noexcept {
    Header header{};
    header.size = static_cast<size_t>(write_header(header.bytes.data(), base, payload_length) - header.bytes.data());
    return header;
}

void append_header(bytes& out, uint8_t base, size_t payload_length) {
    const Header header = make_header(base, payload_length);
    out.insert(out.end(), header.bytes.begin(), header.bytes.begin() + static_cast<std::ptrdiff_t>(header.size));
}

constexpr uint8_t kString = 0x80;
constexpr uint8_t kList = 0xc0;

}  // namespace

size_t length_of(bytes_view string) noexcept {
    if (string.size() == 1 && string[0] < kString) return 1;
    return header_length(string.size()) + string.size();
}

size_t length_of(uint64_t value) noexcept { return value < kString ? 1 : 1 + bytes_of(value); }

size_t length_of(const uint256& value) noexcept { return value < uint256{kString} ? 1 : 1 + count_significant_bytes(value); }

size_t length_of_list(size_t payload_length) noexcept { return header_length(payload_length) + payload_length; }

void encode_bytes(bytes& out, bytes_view string) {
    if (string.size() != 1 || string[0] >= kString) append_header(out, kString, string.size());
    append_raw(out, string);
}

void encode_uint(bytes& out, uint64_t value) {
    std::array<uint8_t, 1 + sizeof(value)> encoded;
    out.insert(out.end(), encoded.data(), write_uint(encoded.data(), value));
}

void encode_uint(bytes& out, const uint256& value) {
    uint8_t word[32];
    store_be(word, value);
    const size_t size = count_significant_bytes(value);
    encode_bytes(out, bytes_view{word + 32 - size, size});
}

void encode_list_header(bytes& out, size_t payload_length) { append_header(out, kList, payload_length); }

void encode_string_header(bytes& out, size_t payload_length) { append_header(out, kString, payload_length); }

void append_raw(bytes& out, bytes_view encoded) { out.insert(out.end(), encoded.begin(), encoded.end()); }

uint8_t* write_bytes(uint8_t* at, bytes_view string) noexcept {
    if (string.size() != 1 || string[0] >= kString) at = write_header(at, kString, string.size());
    if (!string.empty()) std::memcpy(at, string.data(), string.size());
    return at + string.size();
}

uint8_t* write_uint(uint8_t* at, uint64_t value) noexcept {
    if (value != 0 && value < kString) {
        *at = static_cast<uint8_t>(value);
        return at + 1;
    }
    const size_t size = bytes_of(value);
    *at++ = static_cast<uint8_t>(kString + size);
    for (size_t i = size; i-- > 0;) *at++ = static_cast<uint8_t>(value >> (8 * i));
    return at;
}

uint8_t* write_uint(uint8_t* at, const uint256& value) noexcept {
    uint8_t word[32];
    store_be(word, value);
    const size_t size = count_significant_bytes(value);
    return write_bytes(at, bytes_view{word + 32 - size, size});
}

uint8_t* write_list_header(uint8_t* at, size_t payload_length) noexcept { return write_header(at, kList, payload_length); }

uint8_t* write_string_header(uint8_t* at, size_t payload_length) noexcept { return write_header(at, kString, payload_length); }

bytes wrap_list(bytes_view payload) {
    bytes out;
    out.reserve(length_of_list(payload.size()));
    encode_list_header(out, payload.size());
    append_raw(out, payload);
    return out;
}

void ListBuilder::finish() {
    WEFT_ASSERT(out_.size() >= start_);
    const Header header = make_header(kList, out_.size() - start_);
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start_), header.bytes.begin(),
                header.bytes.begin() + static_cast<std::ptrdiff_t>(header.size));
}

}  // namespace weft::rlp
