// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/types/header.hpp"

#include <algorithm>

/// What decodes encodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const weft::bytes_view input{data, size};
    const auto header = weft::types::decode_header(input);
    WEFT_ASSERT(!header || std::ranges::equal(encode(*header), input));
    if (!header) WEFT_ASSERT(!to_string(header.error()).empty());
    return 0;
}
