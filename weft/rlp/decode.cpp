// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/rlp/decode.hpp"

#include <array>

namespace weft::rlp {

namespace {

constexpr uint8_t kShortString = 0x80;
constexpr uint8_t kLongString = 0xb8;
constexpr uint8_t kShortList = 0xc0;
constexpr uint8_t kLongList = 0xf8;
constexpr uint64_t kShortLimit = 56;

/// The size that follows a long-form prefix in `width` bytes.
Expected<uint64_t> read_long_size(bytes_view input, size_t width) noexcept {
    if (input.size() < 1 + width) return std::unexpected(Error::InputTooShort);
    if (input[1] == 0) return std::unexpected(Error::NonCanonicalSize);
    uint64_t size = 0;
    for (size_t i = 1; i <= width; ++i) size = size << 8 | input[i];
    if (size < kShortLimit) return std::unexpected(Error::NonCanonicalSize);
    return size;
}

/// The next item of `items` as the bytes of an integer of at most `width` bytes.
Expected<bytes_view> read_integer(Decoder& items, size_t width) noexcept {
    Decoder ahead = items;
    const auto payload = ahead.read_string();
    if (!payload) return payload;
    if (!payload->empty() && (*payload)[0] == 0) return std::unexpected(Error::LeadingZero);
    if (payload->size() > width) return std::unexpected(Error::IntegerTooLarge);
    items = ahead;
    return payload;
}

}  // namespace

Expected<Item> Decoder::read_item() noexcept {
    if (rest_.empty()) return std::unexpected(Error::InputTooShort);
    const uint8_t prefix = rest_[0];
    size_t header = 1;
    uint64_t size = 0;
    if (prefix < kShortString) {
        header = 0;
        size = 1;
    } else if (prefix < kLongString) {
        size = prefix - kShortString;
    } else if (prefix < kShortList || prefix >= kLongList) {
        const size_t width = prefix - (prefix < kShortList ? kLongString : kLongList) + 1;
        const auto long_size = read_long_size(rest_, width);
        if (!long_size) return std::unexpected(long_size.error());
        header = 1 + width;
        size = *long_size;
    } else {
        size = prefix - kShortList;
    }
    if (size > rest_.size() - header) return std::unexpected(Error::InputTooShort);
    if (prefix == kShortString + 1 && rest_[1] < kShortString) return std::unexpected(Error::NonCanonicalByte);

    const Item item{.is_list = prefix >= kShortList, .payload = rest_.subspan(header, size), .encoded = rest_.first(header + size)};
    rest_ = rest_.subspan(header + size);
    return item;
}

Expected<bytes_view> Decoder::read_string() noexcept {
    if (next_is_list()) return std::unexpected(Error::ListInsteadOfString);
    const auto item = read_item();
    if (!item) return std::unexpected(item.error());
    return item->payload;
}

Expected<Decoder> Decoder::read_list() noexcept {
    if (!rest_.empty() && !next_is_list()) return std::unexpected(Error::StringInsteadOfList);
    if (depth_ >= kMaxDepth) return std::unexpected(Error::TooDeep);
    const auto item = read_item();
    if (!item) return std::unexpected(item.error());
    return Decoder(item->payload, depth_ + 1);
}

Expected<uint64_t> Decoder::read_uint64() noexcept {
    const auto payload = read_integer(*this, 8);
    if (!payload) return std::unexpected(payload.error());
    uint64_t value = 0;
    for (const uint8_t byte : *payload) value = value << 8 | byte;
    return value;
}

Expected<uint256> Decoder::read_uint256() noexcept {
    const auto payload = read_integer(*this, 32);
    if (!payload) return std::unexpected(payload.error());
    return from_be(*payload);
}

Expected<void> Decoder::finish() const noexcept {
    if (!rest_.empty()) return std::unexpected(Error::TrailingBytes);
    return {};
}

Expected<void> validate(bytes_view input) noexcept {
    // Ends of the lists that are open, as bytes left behind them: an explicit stack, so that depth costs no machine stack.
    std::array<size_t, kMaxDepth> open;
    size_t depth = 0;
    bytes_view rest = input;
    size_t behind = 0;  // bytes of `rest` that lie behind the innermost open list
    bool first = true;
    while (first || depth > 0) {
        if (!first && rest.size() == behind) {
            behind = open[--depth];
            continue;
        }
        first = false;
        Decoder items(rest.first(rest.size() - behind));
        const auto item = items.read_item();
        if (!item) return std::unexpected(item.error());
        if (item->is_list) {
            if (depth == kMaxDepth) return std::unexpected(Error::TooDeep);
            open[depth++] = behind;
            behind += items.rest().size();
            rest = rest.subspan(item->encoded.size() - item->payload.size());
        } else {
            rest = rest.subspan(item->encoded.size());
        }
    }
    if (!rest.empty()) return std::unexpected(Error::TrailingBytes);
    return {};
}

}  // namespace weft::rlp
