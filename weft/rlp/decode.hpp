// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/rlp/error.hpp"

#include <expected>

namespace weft::rlp {

/// Lists may be nested this deep; every structure of the protocol needs less than ten.
inline constexpr unsigned kMaxDepth = 1024;

template <typename T>
using Expected = std::expected<T, Error>;

/// One item: its kind, its payload, and the bytes of its whole encoding. All views point into the decoder's input.
struct Item {
    bool is_list = false;
    bytes_view payload;
    bytes_view encoded;
};

/// Cursor over a sequence of items. Strict: whatever is not the one canonical encoding is an error. Owns nothing and
/// allocates nothing; the input outlives it. A failed read leaves the cursor where it was.
class Decoder {
  public:
    explicit Decoder(bytes_view input) noexcept : rest_(input) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    /// The bytes not yet read.
    [[nodiscard]] bytes_view rest() const noexcept { return rest_; }
    /// Whether the next item is a list; false at the end.
    [[nodiscard]] bool next_is_list() const noexcept { return !rest_.empty() && rest_[0] >= 0xc0; }

    /// The next item of either kind. The items inside a list are not looked at.
    [[nodiscard]] Expected<Item> read_item() noexcept;
    /// The payload of the next item, which must be a string.
    Expected<bytes_view> read_string() noexcept;
    /// A cursor over the items of the next item, which must be a list.
    Expected<Decoder> read_list() noexcept;
    /// Big-endian integers without leading zeros.
    Expected<uint64_t> read_uint64() noexcept;
    Expected<uint256> read_uint256() noexcept;
    /// A string of exactly T::kSize bytes.
    template <typename T>
    Expected<T> read_fixed() noexcept {
        Decoder ahead = *this;
        const auto payload = ahead.read_string();
        if (!payload) return std::unexpected(payload.error());
        if (payload->size() != T::kSize) return std::unexpected(Error::WrongLength);
        *this = ahead;
        return fixed_from<T>(*payload);
    }
    /// Succeeds only when everything has been read.
    [[nodiscard]] Expected<void> finish() const noexcept;

  private:
    Decoder(bytes_view input, unsigned depth) noexcept : rest_(input), depth_(depth) {}

    bytes_view rest_;
    unsigned depth_ = 0;
};

/// Checks that `input` is exactly one item and that it and all items inside it are canonical.
[[nodiscard]] Expected<void> validate(bytes_view input) noexcept;

}  // namespace weft::rlp
