// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/rlp/encode.hpp"

#include <gmp.h>
#include <gtest/gtest.h>
#include <simdjson.h>

namespace weft::rlp {
namespace {

namespace dom = simdjson::dom;

/// Big-endian bytes of a decimal integer of any size; RLP writes them as a string.
bytes decimal_bytes(std::string_view digits) {
    mpz_t value;
    mpz_init_set_str(value, std::string(digits).c_str(), 10);
    bytes result((mpz_sizeinbase(value, 2) + 7) / 8);
    mpz_export(result.data(), nullptr, 1, 1, 1, 0, value);
    mpz_clear(value);
    return result;
}

bytes_view as_bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

void encode_value(bytes& out, dom::element value) {
    if (value.is_array()) {
        ListBuilder list(out);
        for (const dom::element item : dom::array(value)) encode_value(out, item);
        list.finish();
    } else if (value.is_string()) {
        const std::string_view text(value);
        if (text.starts_with('#')) {
            encode_bytes(out, decimal_bytes(text.substr(1)));
        } else {
            encode_bytes(out, as_bytes(text));
        }
    } else {
        encode_uint(out, uint64_t(value));
    }
}

/// The decoder must find in `items` exactly what the fixture says.
void expect_value(Decoder& items, dom::element value) {
    if (value.is_array()) {
        auto inner = items.read_list();
        ASSERT_TRUE(inner);
        for (const dom::element item : dom::array(value)) expect_value(*inner, item);
        EXPECT_TRUE(inner->finish());
    } else if (value.is_string()) {
        const std::string_view text(value);
        const auto string = items.read_string();
        ASSERT_TRUE(string);
        const bytes expected = text.starts_with('#') ? decimal_bytes(text.substr(1)) : bytes(text.begin(), text.end());
        EXPECT_EQ(bytes(string->begin(), string->end()), expected);
    } else {
        EXPECT_EQ(items.read_uint64(), uint64_t(value));
    }
}

TEST(EthereumRlpTests, valid_cases_encode_and_decode_and_invalid_ones_are_rejected) {
    const auto folder = test::conformance().value_or("conformance") / "ethereum-tests/RLPTests";
    WEFT_REQUIRE_FIXTURES(folder);
    size_t valid = 0;
    size_t invalid = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json") continue;
        dom::parser parser;
        const dom::object cases = parser.load(entry.path().string());
        for (const auto [name, test] : cases) {
            SCOPED_TRACE(entry.path().filename().string() + ": " + std::string(name));
            const auto encoded = from_hex(std::string_view(test["out"]));
            ASSERT_TRUE(encoded);
            const dom::element input = test["in"];
            const std::string_view verdict = input.is_string() ? std::string_view(input) : std::string_view{};
            if (verdict == "INVALID") {
                EXPECT_FALSE(validate(*encoded));
                ++invalid;
                continue;
            }
            EXPECT_TRUE(validate(*encoded));
            ++valid;
            if (verdict == "VALID") continue;
            bytes out;
            encode_value(out, input);
            EXPECT_EQ(to_hex(out), to_hex(*encoded));
            Decoder items(*encoded);
            expect_value(items, input);
            EXPECT_TRUE(items.finish());
        }
    }
    EXPECT_GE(valid, 28U);
    EXPECT_GE(invalid, 25U);
}

}  // namespace
}  // namespace weft::rlp
