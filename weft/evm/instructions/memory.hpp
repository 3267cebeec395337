// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

#include <cstring>

namespace weft::evm::instructions {

WEFT_BODY bool is_within(const Frame& frame, const uint256& offset, uint64_t size) noexcept {
    return (offset.w[1] | offset.w[2] | offset.w[3] | (offset.w[0] >> 40)) == 0 && offset.w[0] + size <= frame.memory_size;
}

WEFT_BODY void load_from_memory(const Frame& frame, uint256* sp) noexcept { sp[-1] = load_word(load_be(frame.memory + sp[-1].w[0])); }
WEFT_BODY void store_to_memory(const Frame& frame, const uint256* sp) noexcept { store_be(frame.memory + sp[-1].w[0], load_word(sp[-2])); }
WEFT_BODY void store_byte_to_memory(const Frame& frame, const uint256* sp) noexcept {
    frame.memory[sp[-1].w[0]] = static_cast<uint8_t>(sp[-2].w[0]);
}

/// An access to `kSize` bytes at the offset on top of the stack: fast where the memory is there, slow where it has to grow.
template <uint64_t kSize, auto kAccess>
WEFT_BODY Step access_present(Registers& r, Frame& frame) {
    if (!is_within(frame, r.sp[-1], kSize)) [[unlikely]]
        return Step::slow;
    kAccess(frame, r.sp);
    return Step::next;
}
template <uint64_t kSize, auto kAccess>
[[gnu::noinline]] Step grow_and_access(Frame& frame, uint256* sp) {
    if (!charge_memory(frame, memory_range(sp[-1], kSize))) return halt(frame, Status::out_of_gas);
    kAccess(frame, sp);
    return Step::next;
}
template <uint64_t kSize, auto kAccess>
inline constexpr FastAndSlow kMemoryAccess{.fast = access_present<kSize, kAccess>, .slow = grow_and_access<kSize, kAccess>};

inline constexpr FastAndSlow mload = kMemoryAccess<32, load_from_memory>;
inline constexpr FastAndSlow mstore = kMemoryAccess<32, store_to_memory>;
inline constexpr FastAndSlow mstore8 = kMemoryAccess<1, store_byte_to_memory>;

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
