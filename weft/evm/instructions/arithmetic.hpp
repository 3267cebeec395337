// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/optimisation.hpp"
#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

WEFT_BODY void add(uint256* sp) noexcept { sp[-2] = load_word(sp[-1]) + load_word(sp[-2]); }
WEFT_BODY void mul(uint256* sp) noexcept { sp[-2] = load_word(sp[-1]) * load_word(sp[-2]); }
WEFT_BODY void sub(uint256* sp) noexcept { sp[-2] = load_word(sp[-1]) - load_word(sp[-2]); }
WEFT_BODY void div(uint256* sp) noexcept {
    sp[-2] = optimisation::kSpecialOperands ? sp[-1] / sp[-2] : weft::detail::divide(sp[-1], sp[-2]);
}
WEFT_BODY void sdiv(uint256* sp) noexcept { sp[-2] = weft::sdiv(sp[-1], sp[-2]); }
WEFT_BODY void mod(uint256* sp) noexcept {
    sp[-2] = optimisation::kSpecialOperands ? sp[-1] % sp[-2] : weft::detail::remainder(sp[-1], sp[-2]);
}
WEFT_BODY void smod(uint256* sp) noexcept { sp[-2] = weft::smod(sp[-1], sp[-2]); }
WEFT_BODY void addmod(uint256* sp) noexcept { sp[-3] = weft::addmod(sp[-1], sp[-2], sp[-3]); }
WEFT_BODY void mulmod(uint256* sp, Frame& frame) noexcept {
    if constexpr (optimisation::kRepeatedModulus)
        sp[-3] = frame.context->modulus.mulmod(sp[-1], sp[-2], sp[-3]);
    else
        sp[-3] = weft::mulmod(sp[-1], sp[-2], sp[-3]);
}

/// EIP-160 set the price of a byte of the exponent.
WEFT_OUTLINED_BODY Step exp(Frame& frame, uint256* sp) {
    if (!charge(frame, frame.context->rules->exp_byte * count_significant_bytes(sp[-2]))) return halt(frame, Status::out_of_gas);
    sp[-2] = weft::exp(sp[-1], sp[-2]);
    return Step::next;
}

WEFT_BODY void signextend(uint256* sp) noexcept { sp[-2] = weft::signextend(load_word(sp[-1]), sp[-2]); }

}  // namespace weft::evm::instructions
