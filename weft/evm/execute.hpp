// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/optimisation.hpp"
#include "weft/evm/handlers.hpp"

#include <type_traits>

namespace weft::evm {

/// Whether a body has a slow form, and what that is.
template <auto kBody>
inline constexpr bool has_slow_body = requires { kBody.slow; };
template <auto kBody>
    requires has_slow_body<kBody>
inline constexpr auto kSlowBody = kBody.slow;

/// Status::success, or what is wrong with a stack for an instruction that takes `kIn` words and leaves `kGrowth` more than it found.
template <int kIn, int kGrowth>
[[gnu::always_inline]] inline Status check_stack(const uint256* sp, const uint256* stack) noexcept {
    if constexpr (kIn > 0 && kGrowth > 0) {
        // One comparison for both ends: below the bottom the height wraps around.
        constexpr uintptr_t kRoom = (kMaxStackHeight - kGrowth - kIn) * sizeof(uint256);
        if (reinterpret_cast<uintptr_t>(sp) - reinterpret_cast<uintptr_t>(stack + kIn) > kRoom) [[unlikely]]
            return sp < stack + kIn ? Status::stack_underflow : Status::stack_overflow;
    } else if constexpr (kIn > 0) {
        if (sp < stack + kIn) [[unlikely]]
            return Status::stack_underflow;
    } else if constexpr (kGrowth > 0) {
        if (sp > stack + (kMaxStackHeight - kGrowth)) [[unlikely]]
            return Status::stack_overflow;
    }
    return Status::success;
}

/// Unsigned, so that the compiler tests the sign of the difference and does not compare before it subtracts.
[[gnu::always_inline]] inline int64_t subtract(int64_t gas, uint16_t cost) noexcept {
    return static_cast<int64_t>(static_cast<uint64_t>(gas) - cost);
}

/// One instruction: checks the stack, charges the gas of the table, runs the body and moves pc and sp behind it. Everything
/// but Step::blocked and Step::slow may leave the registers changed; the constants vanish into the code of each handler.
template <Opcode kOpcode, auto kBody>
[[gnu::always_inline]] inline Step execute(Registers& r, Frame& frame, uint256* stack) {
    constexpr Instruction kRow = kInstructions[static_cast<uint8_t>(kOpcode)];
    constexpr int kGrowth = kRow.stack_out - kRow.stack_in;
    const Registers before = r;

    if (const Status status = check_stack<kRow.stack_in, kGrowth>(r.sp, stack); status != Status::success) [[unlikely]]
        return halt(frame, status);

    if constexpr (!has_constant_gas(kOpcode))
        r.gas = subtract(r.gas, (*frame.context->table)[static_cast<uint8_t>(kOpcode)].gas);
    else if constexpr (kRow.gas > 0)
        r.gas = subtract(r.gas, kRow.gas);
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
        step = optimisation::kFastBodies ? kBody.fast(r, frame) : Step::slow;
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
