// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

WEFT_BODY void coinbase(uint256* sp, Frame& frame) noexcept { sp[0] = to_uint256(frame.context->block->coinbase); }
WEFT_BODY void timestamp(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->timestamp; }
WEFT_BODY void number(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->number; }
/// DIFFICULTY before the merge (EIP-4399).
WEFT_BODY void prev_randao(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->prev_randao; }
WEFT_BODY void gas_limit(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->gas_limit; }
/// EIP-1344
WEFT_BODY void chain_id(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->chain_id; }
/// EIP-3198
WEFT_BODY void base_fee(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->base_fee; }
/// EIP-7516
WEFT_BODY void blob_base_fee(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->block->blob_base_fee; }

/// EIP-4844
WEFT_BODY void blob_hash(uint256* sp, Frame& frame) noexcept {
    const auto hashes = frame.context->transaction->blob_hashes;
    sp[-1] = sp[-1].fits_u64() && sp[-1].w[0] < hashes.size() ? to_uint256(hashes[sp[-1].w[0]]) : uint256{};
}

/// The hash of one of the 256 ancestors, else zero (Yellow Paper, BLOCKHASH).
WEFT_OUTLINED_BODY Step block_hash(Frame& frame, uint256* sp) {
    const uint64_t current = frame.context->block->number;
    const uint64_t wanted = sp[-1].low64();
    if (!sp[-1].fits_u64() || wanted >= current || current - wanted > 256) {
        sp[-1] = 0;
        return Step::next;
    }
    hash32 hash;
    if (!frame.context->state->block_hash(wanted, hash)) return Step::blocked;
    sp[-1] = to_uint256(hash);
    return Step::next;
}

}  // namespace weft::evm::instructions
