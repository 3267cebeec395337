// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/rlp/encode.hpp"

#include <algorithm>

namespace {

using namespace weft;

/// Walks the items with the cursor and encodes them again; false at the first error.
bool reencode(rlp::Decoder items, bytes& out) {
    while (!items.at_end()) {
        const rlp::Decoder before = items;
        if (items.next_is_list()) {
            const auto inner = items.read_list();
            if (!inner) return false;
            rlp::ListBuilder list(out);
            if (!reencode(*inner, out)) return false;
            list.finish();
            continue;
        }
        const auto string = items.read_string();
        if (!string) return false;
        const size_t start = out.size();
        rlp::encode_bytes(out, *string);
        WEFT_ASSERT(out.size() - start == rlp::length_of(*string));

        rlp::Decoder as_number = before;
        if (const auto number = as_number.read_uint256()) {
            bytes again;
            rlp::encode_uint(again, *number);
            WEFT_ASSERT(std::ranges::equal(again, bytes_view(out).subspan(start)));
        }
        rlp::Decoder as_word = before;
        const auto small = as_word.read_uint64();
        WEFT_ASSERT(!small || rlp::length_of(*small) == out.size() - start);
    }
    return true;
}

}  // namespace

/// What the validator accepts, the cursor accepts, and it encodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const bytes_view input{data, size};
    const bool valid = rlp::validate(input).has_value();
    bytes out;
    const bool walked = reencode(rlp::Decoder(input), out);
    WEFT_ASSERT(walked || !valid);
    WEFT_ASSERT(!walked || std::ranges::equal(out, input));
    return 0;
}
