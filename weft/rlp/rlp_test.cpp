// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/rlp/encode.hpp"

#include <gtest/gtest.h>

#include <random>

namespace weft::rlp {
namespace {

bytes raw(std::string_view hex) { return from_hex(hex).value(); }

TEST(RlpEncode, strings_take_the_shortest_form) {
    EXPECT_EQ(Encoder{}.encode_bytes({}).payload(), raw("80"));
    EXPECT_EQ(Encoder{}.encode_bytes(raw("00")).payload(), raw("00"));
    EXPECT_EQ(Encoder{}.encode_bytes(raw("7f")).payload(), raw("7f"));
    EXPECT_EQ(Encoder{}.encode_bytes(raw("80")).payload(), raw("8180"));
    const bytes longest_short(55, 1);
    EXPECT_EQ(Encoder{}.encode_bytes(longest_short).payload()[0], 0xb7);
    const bytes shortest_long(56, 1);
    EXPECT_EQ(to_hex(Encoder{}.encode_bytes(shortest_long).payload()).substr(0, 6), "0xb838");
    const bytes two_byte_size(256, 1);
    EXPECT_EQ(to_hex(Encoder{}.encode_bytes(two_byte_size).payload()).substr(0, 8), "0xb90100");
}

TEST(RlpEncode, integers_have_no_leading_zeros) {
    EXPECT_EQ(Encoder{}.encode_uint(uint64_t{0}).payload(), raw("80"));
    EXPECT_EQ(Encoder{}.encode_uint(uint64_t{0x7f}).payload(), raw("7f"));
    EXPECT_EQ(Encoder{}.encode_uint(uint64_t{0x80}).payload(), raw("8180"));
    EXPECT_EQ(Encoder{}.encode_uint(uint64_t{0x0400}).payload(), raw("820400"));
    EXPECT_EQ(Encoder{}.encode_uint(~uint256{}).payload(), raw("a0" + std::string(64, 'f')));
}

TEST(RlpEncode, lengths_are_those_of_the_encodings) {
    for (unsigned bit = 0; bit < 256; ++bit) {
        for (const uint256 value : {uint256{1} << bit, (uint256{1} << bit) - 1}) {
            EXPECT_EQ(length_of(value), Encoder{}.encode_uint(value).payload().size());
            EXPECT_EQ(length_of(value.low64()), Encoder{}.encode_uint(value.low64()).payload().size());
        }
    }
    for (const size_t size : {0, 1, 2, 55, 56, 255, 256, 65535, 65536}) {
        const bytes string(size, 0x80);
        EXPECT_EQ(length_of(string), Encoder{}.encode_bytes(string).payload().size());
        EXPECT_EQ(length_of_list(size), wrap_list(string).size());
    }
}

TEST(RlpEncode, list_builder_makes_the_list_that_wrapping_makes) {
    for (const size_t count : {0, 1, 55, 56, 300}) {
        bytes out = raw("c0");
        ListBuilder list(out);
        Encoder items;
        for (size_t i = 0; i < count; ++i) {
            encode_uint(out, uint64_t{1});
            items.encode_uint(uint64_t{1});
        }
        list.finish();
        bytes expected = raw("c0");
        append_raw(expected, items.as_list());
        EXPECT_EQ(out, expected);
    }
}

TEST(RlpDecode, integers_are_strict) {
    EXPECT_EQ(Decoder(raw("80")).read_uint64(), uint64_t{0});
    EXPECT_EQ(Decoder(raw("820400")).read_uint64(), uint64_t{0x400});
    EXPECT_EQ(Decoder(raw("00")).read_uint64().error(), Error::LeadingZero);
    EXPECT_EQ(Decoder(raw("820001")).read_uint64().error(), Error::LeadingZero);
    EXPECT_EQ(Decoder(raw("89010000000000000000")).read_uint64().error(), Error::IntegerTooLarge);
    EXPECT_EQ(Decoder(raw("c0")).read_uint64().error(), Error::ListInsteadOfString);
    EXPECT_EQ(Decoder(raw("a0" + std::string(64, 'f'))).read_uint256(), ~uint256{});
    EXPECT_EQ(Decoder(raw("a101" + std::string(64, '0'))).read_uint256().error(), Error::IntegerTooLarge);
}

TEST(RlpDecode, each_non_canonical_form_names_its_rule) {
    EXPECT_EQ(validate(raw("")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("8100")).error(), Error::NonCanonicalByte);
    EXPECT_EQ(validate(raw("817f")).error(), Error::NonCanonicalByte);
    EXPECT_TRUE(validate(raw("8180")));
    EXPECT_EQ(validate(raw("b800")).error(), Error::NonCanonicalSize);
    EXPECT_EQ(validate(raw("b837" + std::string(110, '1'))).error(), Error::NonCanonicalSize);
    EXPECT_EQ(validate(raw("b90038" + std::string(112, '1'))).error(), Error::NonCanonicalSize);
    EXPECT_EQ(validate(raw("f800")).error(), Error::NonCanonicalSize);
    EXPECT_EQ(validate(raw("b8")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("81")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("c281")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("c28101")).error(), Error::NonCanonicalByte);
    EXPECT_EQ(validate(raw("c182")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("bfffffffffffffffff")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("ffffffffffffffffff")).error(), Error::InputTooShort);
    EXPECT_EQ(validate(raw("0000")).error(), Error::TrailingBytes);
    EXPECT_TRUE(validate(raw("c7c0c1c0c3c0c1c0")));
}

TEST(RlpDecode, inner_item_may_not_reach_beyond_its_list) {
    EXPECT_EQ(validate(raw("c3c28201"
                           "02"))
                  .error(),
              Error::InputTooShort);
    EXPECT_EQ(validate(raw("c4c2"
                           "8201"
                           "02"))
                  .error(),
              Error::InputTooShort);
}

TEST(RlpDecode, failed_read_leaves_the_cursor) {
    const bytes input = raw("8200017f");
    Decoder items(input);
    EXPECT_FALSE(items.read_uint64());
    EXPECT_FALSE(items.read_list());
    EXPECT_FALSE(items.read_fixed<address>());
    EXPECT_EQ(items.rest().size(), input.size());
    EXPECT_TRUE(items.read_string());
    EXPECT_EQ(items.finish().error(), Error::TrailingBytes);
    EXPECT_EQ(items.read_uint64(), uint64_t{0x7f});
    EXPECT_TRUE(items.finish());
    EXPECT_EQ(items.read_uint64().error(), Error::InputTooShort);
}

TEST(RlpDecode, nesting_is_limited) {
    bytes nested = raw("c0");
    for (unsigned depth = 1; depth < kMaxDepth; ++depth) nested = wrap_list(nested);
    EXPECT_TRUE(validate(nested));
    nested = wrap_list(nested);
    EXPECT_EQ(validate(nested).error(), Error::TooDeep);

    Decoder items(nested);
    for (unsigned depth = 0; depth < kMaxDepth; ++depth) {
        auto inner = items.read_list();
        ASSERT_TRUE(inner);
        items = *inner;
    }
    EXPECT_EQ(items.read_list().error(), Error::TooDeep);
}

/// Decodes and encodes again, recursively.
bool reencode(Decoder items, bytes& out) {
    while (!items.at_end()) {
        if (items.next_is_list()) {
            const auto inner = items.read_list();
            if (!inner) return false;
            ListBuilder list(out);
            if (!reencode(*inner, out)) return false;
            list.finish();
        } else {
            const auto string = items.read_string();
            if (!string) return false;
            encode_bytes(out, *string);
        }
    }
    return true;
}

TEST(RlpDecode, what_is_accepted_encodes_to_the_same_bytes) {
    std::mt19937_64 rng(7);
    int accepted = 0;
    for (int i = 0; i < 300'000; ++i) {
        bytes input(1 + rng() % 6);
        static constexpr uint8_t kLikely[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0xb8, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xf8, 0x38};
        for (auto& byte : input) byte = rng() % 8 == 0 ? static_cast<uint8_t>(rng()) : kLikely[rng() % std::size(kLikely)];
        bytes out;
        const bool valid = validate(input).has_value();
        const bool decoded = reencode(Decoder(input), out);
        if (valid) {
            ++accepted;
            ASSERT_TRUE(decoded) << to_hex(input);
        }
        if (decoded) {
            ASSERT_EQ(out, input);
        }
    }
    EXPECT_GT(accepted, 10'000);
}

TEST(RlpEncode, written_into_room_is_the_same_as_appended) {
    for (const size_t size : {0, 1, 2, 55, 56, 255, 256, 65536}) {
        bytes appended;
        encode_bytes(appended, bytes(size, 0x7f));
        bytes written(length_of(bytes(size, 0x7f)));
        EXPECT_EQ(write_bytes(written.data(), bytes(size, 0x7f)), written.data() + written.size());
        EXPECT_EQ(written, appended);

        bytes header;
        encode_list_header(header, size);
        bytes written_header(header.size());
        EXPECT_EQ(write_list_header(written_header.data(), size), written_header.data() + header.size());
        EXPECT_EQ(written_header, header);
    }
    for (const uint256& value : {uint256{}, uint256{0x7f}, uint256{0x80}, ~uint256{}}) {
        bytes appended;
        encode_uint(appended, value);
        bytes written(length_of(value));
        EXPECT_EQ(write_uint(written.data(), value), written.data() + written.size());
        EXPECT_EQ(written, appended);
    }
    for (unsigned bits = 0; bits <= 64; ++bits) {
        for (const uint64_t value : {bits == 0 ? 0 : uint64_t{1} << (bits - 1), bits == 0 ? 0 : ~uint64_t{} >> (64 - bits)}) {
            bytes appended;
            encode_uint(appended, uint256{value});
            bytes written(length_of(value));
            EXPECT_EQ(write_uint(written.data(), value), written.data() + written.size());
            EXPECT_EQ(written, appended) << value;
        }
    }
}

}  // namespace
}  // namespace weft::rlp
