// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/types/receipt.hpp"

#include <algorithm>

/// What decodes encodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const weft::bytes_view input{data, size};
    const auto receipt = weft::types::decode_receipt(input);
    WEFT_ASSERT(!receipt || std::ranges::equal(encode(*receipt), input));
    if (!receipt) WEFT_ASSERT(!to_string(receipt.error()).empty());
    const auto receipts = weft::types::decode_compact_receipts(input);
    WEFT_ASSERT(!receipts || std::ranges::equal(encode_compact(*receipts), input));
    return 0;
}
