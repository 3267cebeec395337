// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/types/block.hpp"

#include <algorithm>

/// What decodes encodes to the same bytes, with and without the kept encodings of the transactions.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const weft::bytes_view input{data, size};
    auto block = weft::types::decode_block(input);
    if (!block) {
        WEFT_ASSERT(!to_string(block.error()).empty());
        return 0;
    }
    WEFT_ASSERT(std::ranges::equal(encode(*block), input));
    block->encoded_transactions.clear();
    WEFT_ASSERT(std::ranges::equal(encode(*block), input));
    return 0;
}
