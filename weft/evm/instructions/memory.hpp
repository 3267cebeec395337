// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

#include <cstring>

namespace weft::evm::instructions {

WEFT_BODY bool is_within(const Frame& frame, const uint256& offset, uint64_t size) noexcept {
    return (offset.w[1] | offset.w[2] | offset.w[3] | (offset.w[0] >> 40)) == 0 && offset.w[0] + size <= frame.memory_size;
}

/// Makes `size` bytes at `offset` accessible. Returns the gas left, negative when it does not suffice.
[[gnu::noinline]] inline int64_t reach(Frame& frame, int64_t gas, const uint256& offset, uint64_t size) {
    frame.gas = gas;
    return charge_memory(frame, memory_range(offset, size)) ? frame.gas : -1;
}

WEFT_BODY Step mload(Registers& r, Frame& frame) {
    if (!is_within(frame, r.sp[-1], 32)) [[unlikely]] {
        r.gas = reach(frame, r.gas, r.sp[-1], 32);
        if (r.gas < 0) return halt(frame, Status::out_of_gas);
    }
    r.sp[-1] = load_word(load_be(frame.memory + r.sp[-1].w[0]));
    return Step::next;
}

WEFT_BODY Step mstore(Registers& r, Frame& frame) {
    if (!is_within(frame, r.sp[-1], 32)) [[unlikely]] {
        r.gas = reach(frame, r.gas, r.sp[-1], 32);
        if (r.gas < 0) return halt(frame, Status::out_of_gas);
    }
    store_be(frame.memory + r.sp[-1].w[0], load_word(r.sp[-2]));
    return Step::next;
}

WEFT_BODY Step mstore8(Registers& r, Frame& frame) {
    if (!is_within(frame, r.sp[-1], 1)) [[unlikely]] {
        r.gas = reach(frame, r.gas, r.sp[-1], 1);
        if (r.gas < 0) return halt(frame, Status::out_of_gas);
    }
    frame.memory[r.sp[-1].w[0]] = static_cast<uint8_t>(r.sp[-2].w[0]);
    return Step::next;
}

WEFT_BODY void memory_size(uint256* sp, Frame& frame) noexcept { sp[0] = frame.memory_size; }

/// MCOPY (EIP-5656): source and destination may overlap; both are paid for.
WEFT_OUTLINED_BODY Step memory_copy(Frame& frame, uint256* sp) {
    const MemoryRange to = memory_range(sp[-1], sp[-3]);
    const MemoryRange from = memory_range(sp[-2], sp[-3]);
    const int64_t words = static_cast<int64_t>(words_of(to.size));
    if (!charge_memory(frame, to.end() > from.end() ? to : from) || !charge(frame, kCopyWordGas * words))
        return halt(frame, Status::out_of_gas);
    if (to.size > 0) std::memmove(frame.memory + to.offset, frame.memory + from.offset, to.size);
    return Step::next;
}

}  // namespace weft::evm::instructions
