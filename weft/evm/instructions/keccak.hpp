// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/crypto/keccak.hpp"
#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

WEFT_OUTLINED_BODY Step keccak256(Frame& frame, uint256* sp) {
    const MemoryRange data = memory_range(sp[-1], sp[-2]);
    if (!charge_memory(frame, data) || !charge(frame, kKeccakWordGas * static_cast<int64_t>(words_of(data.size))))
        return halt(frame, Status::out_of_gas);
    const bytes_view view = view_of(frame, data);
    sp[-2] = view.size() == 64 ? frame.context->hashes->of(view.data()) : to_uint256(crypto::keccak256(view));
    return Step::next;
}

}  // namespace weft::evm::instructions
