// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/fixtures/block_file.hpp"
#include "weft/fixtures/blockchain_tests.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/fixtures/state_tests.hpp"

namespace {

using namespace weft;

/// A refusal says why.
template <typename T>
void check(const Result<T>& result) {
    if (!result) WEFT_ASSERT(!result.error().message.empty());
}

void check_block_file(std::string_view text) {
    const auto block = fixtures::parse_block_file(text);
    check(block);
    // What was read can be written and read again.
    if (block) WEFT_ASSERT(fixtures::parse_block_file(fixtures::to_json(*block)).has_value());
}

}  // namespace

/// The first byte chooses the reader: block file, state tests, blockchain tests, gzip.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    switch (data[0]) {
        case 's':
            check(fixtures::parse_state_tests(text));
            break;
        case 'c':
            check(fixtures::parse_blockchain_tests(text));
            break;
        case 'z':
            check(fixtures::gunzip(text, {.max_size = 1 << 20}));
            break;
        default:
            check_block_file(text);
    }
    return 0;
}
