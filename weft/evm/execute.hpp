// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/handlers.hpp"

#include <type_traits>

namespace weft::evm {

/// Whether a body has a slow form, and what that is.
template <auto kBody>
inline constexpr bool has_slow_body = requires { kBody.slow; };
template <auto kBody>
    requires has_slow_body<kBody>
inline constexpr auto kSlowBody = kBody.slow;

/// One instruction: checks the stack, charges the gas of the table, runs the body and moves pc and sp behind it. Everything
/// but Step::blocked and Step::slow may leave the registers changed; the constants vanish into the code of each handler.
template <Opcode kOpcode, auto kBody>
[[gnu::always_inline]] inline Step execute(Registers& r, Frame& frame, uint256* stack) {
    constexpr Instruction kRow = kInstructions[static_cast<uint8_t>(kOpcode)];
    constexpr int kGrowth = kRow.stack_out - kRow.stack_in;
    const Registers before = r;

    if constexpr (kRow.stack_in > 0)
        if (r.sp < stack + kRow.stack_in) [[unlikely]]
            return halt(frame, Status::stack_underflow);
    if constexpr (kGrowth > 0)
        if (r.sp > stack + (kMaxStackHeight - kGrowth)) [[unlikely]]
            return halt(frame, Status::stack_overflow);

    if constexpr (!has_constant_gas(kOpcode))
        r.gas -= (*frame.context->table)[static_cast<uint8_t>(kOpcode)].gas;
    else if constexpr (kRow.gas > 0)
        r.gas -= kRow.gas;
    if (r.gas < 0) [[unlikely]]
        return halt(frame, Status::out_of_gas);

    Step step = Step::next;
    if constexpr (std::is_invocable_v<decltype(kBody), uint256*>) {
        kBody(r.sp);
    } else if constexpr (std::is_invocable_v<decltype(kBody), uint256*, Frame&>) {
        kBody(r.sp, frame);
    } else if constexpr (std::is_invocable_v<decltype(kBody), Registers&, Frame&>) {
        step = kBody(r, frame);
    } else if constexpr (has_slow_body<kBody>) {
        step = kBody.fast(r, frame);
        if (step == Step::slow) [[unlikely]] {
            r = before;
            return step;
        }
    } else {
        frame.gas = r.gas;
        step = kBody(frame, r.sp);
        r.gas = frame.gas;
        if (step == Step::blocked) [[unlikely]] {
            r = before;
            return step;
        }
    }
    r.sp += kGrowth;
    r.pc += 1 + kRow.immediate;
    return step;
}

}  // namespace weft::evm
