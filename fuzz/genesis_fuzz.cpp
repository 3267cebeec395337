// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/chain/genesis.hpp"

/// A genesis file is read, or refused for a reason. What is read can be encoded, and its schedule answers everywhere.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto genesis = weft::chain::parse_genesis(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!genesis) {
        WEFT_ASSERT(!genesis.error().message.empty());
        return 0;
    }
    WEFT_ASSERT(weft::types::decode_block(encode(genesis->block)) == genesis->block);
    for (uint64_t point = 1; point != 0; point <<= 1) {
        const auto rules = genesis->spec.rules_at(point, point, (point & 0x5555'5555'5555'5555) != 0);
        WEFT_ASSERT(rules.blob.target <= rules.blob.max);
        static_cast<void>(genesis->spec.bomb_delay_at(point));
    }
    return 0;
}
