// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/uint256.hpp"

namespace weft::rlp {

/// Number of bytes that encode_* would append.
[[nodiscard]] size_t length_of(bytes_view string) noexcept;
[[nodiscard]] size_t length_of(uint64_t value) noexcept;
[[nodiscard]] size_t length_of(const uint256& value) noexcept;
/// Length of a list, prefix included, whose items take `payload_length` bytes.
[[nodiscard]] size_t length_of_list(size_t payload_length) noexcept;

/// Append the canonical encoding (Yellow Paper, appendix B) to `out`.
void encode_bytes(bytes& out, bytes_view string);
void encode_uint(bytes& out, uint64_t value);
void encode_uint(bytes& out, const uint256& value);
/// Prefix of a list whose items, `payload_length` bytes in all, the caller appends next.
void encode_list_header(bytes& out, size_t payload_length);
/// Prefix of a string whose `payload_length` bytes the caller appends next. Not for a single byte below 0x80.
void encode_string_header(bytes& out, size_t payload_length);
/// Bytes that are already encoded items.
void append_raw(bytes& out, bytes_view encoded);

/// Write the same as the functions of like names above to room that is there, and give the end of what they wrote.
[[nodiscard]] uint8_t* write_bytes(uint8_t* at, bytes_view string) noexcept;
[[nodiscard]] uint8_t* write_uint(uint8_t* at, uint64_t value) noexcept;
[[nodiscard]] uint8_t* write_uint(uint8_t* at, const uint256& value) noexcept;
[[nodiscard]] uint8_t* write_list_header(uint8_t* at, size_t payload_length) noexcept;
[[nodiscard]] uint8_t* write_string_header(uint8_t* at, size_t payload_length) noexcept;

/// A list around items that are already encoded.
[[nodiscard]] bytes wrap_list(bytes_view payload);

/// Builds one list whose length is not known beforehand: append items to `out` while it lives, then call `finish`,
/// which moves the payload up to make room for the prefix.
class ListBuilder {
  public:
    explicit ListBuilder(bytes& out) noexcept : out_(out), start_(out.size()) {}
    void finish();

  private:
    bytes& out_;
    size_t start_;
};

/// The functions above over an owned buffer.
class Encoder {
  public:
    Encoder& encode_bytes(bytes_view string) { return rlp::encode_bytes(out_, string), *this; }
    Encoder& encode_uint(uint64_t value) { return rlp::encode_uint(out_, value), *this; }
    Encoder& encode_uint(const uint256& value) { return rlp::encode_uint(out_, value), *this; }
    Encoder& append_raw(bytes_view encoded) { return rlp::append_raw(out_, encoded), *this; }
    Encoder& encode_list(bytes_view payload) {
        encode_list_header(out_, payload.size());
        return append_raw(payload);
    }
    /// What has been appended so far.
    [[nodiscard]] const bytes& payload() const noexcept { return out_; }
    /// All items so far, wrapped in a list.
    [[nodiscard]] bytes as_list() const { return wrap_list(out_); }

  private:
    bytes out_;
};

}  // namespace weft::rlp
