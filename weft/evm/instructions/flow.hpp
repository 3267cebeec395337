// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

WEFT_BODY Step stop(Registers&, Frame& frame) noexcept { return halt(frame, Status::success); }
WEFT_BODY Step invalid(Registers&, Frame& frame) noexcept { return halt(frame, Status::invalid_opcode); }
WEFT_BODY void jump_destination(uint256*) noexcept {}
WEFT_BODY Step program_counter(Registers& r, Frame& frame) noexcept {
    *r.sp = static_cast<uint64_t>(r.pc - frame.code_start);
    return Step::next;
}
WEFT_BODY Step gas_left(Registers& r, Frame&) noexcept {
    *r.sp = static_cast<uint64_t>(r.gas);
    return Step::next;
}

/// Moves the program counter before the destination: the dispatcher advances over the jump's own byte.
WEFT_BODY Step jump_to_known(Registers& r, Frame& frame, const uint256& destination) noexcept {
    const uint64_t position = destination.w[0];
    if ((destination.w[1] | destination.w[2] | destination.w[3]) != 0 || position >= frame.code_size) [[unlikely]]
        return Step::slow;
    if ((frame.known_jump_destinations[position / 64].load(sync::kRelaxed) >> (position % 64) & 1) == 0) [[unlikely]]
        return Step::slow;
    r.pc = frame.code_start + position - 1;
    return Step::next;
}

/// The first jump to a destination, and any to none.
WEFT_BODY Step jump_anywhere(Registers& r, Frame& frame) noexcept {
    const uint256& destination = r.sp[-1];
    if (!destination.fits_u64() || !frame.code->is_jump_destination(destination.w[0])) return halt(frame, Status::bad_jump_destination);
    r.pc = frame.code_start + destination.w[0] - 1;
    return Step::next;
}

WEFT_BODY Step jump_if_known(Registers& r, Frame& frame) noexcept { return jump_to_known(r, frame, r.sp[-1]); }
WEFT_BODY Step jumpi_if_known(Registers& r, Frame& frame) noexcept {
    if (r.sp[-2].is_zero()) return Step::next;
    return jump_to_known(r, frame, r.sp[-1]);
}
WEFT_BODY Step jumpi_anywhere(Registers& r, Frame& frame) noexcept {
    if (r.sp[-2].is_zero()) return Step::next;
    return jump_anywhere(r, frame);
}

inline constexpr FastAndSlow jump{.fast = jump_if_known, .slow = jump_anywhere};
inline constexpr FastAndSlow jumpi{.fast = jumpi_if_known, .slow = jumpi_anywhere};

/// RETURN and REVERT (EIP-140).
inline Step end_with_output(Frame& frame, const uint256* sp, Status status) {
    const MemoryRange range = memory_range(sp[-1], sp[-2]);
    if (!charge_memory(frame, range)) return halt(frame, Status::out_of_gas);
    frame.output = view_of(frame, range);
    return halt(frame, status);
}
WEFT_OUTLINED_BODY Step return_(Frame& frame, uint256* sp) { return end_with_output(frame, sp, Status::success); }
WEFT_OUTLINED_BODY Step revert(Frame& frame, uint256* sp) { return end_with_output(frame, sp, Status::revert); }

}  // namespace weft::evm::instructions
