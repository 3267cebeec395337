// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/uint256.hpp"
#include "weft/evm/context.hpp"

/// The bodies of instructions. A body is one of
///   void body(uint256* sp)               works on the stack alone,
///   void body(uint256* sp, Frame&)       also looks at the frame,
///   Step body(Registers&, Frame&)        is inlined and changes gas or the program counter,
///   Step body(Frame&, uint256* sp)       is a call of its own; Frame::gas takes gas in and out;
///   FastAndSlow                          a fast body of the third form and a slow one of any, for what the fast one
///                                        answers with Step::slow.
/// All find their operands at sp[-1] (the top), sp[-2], ... and leave results where the stack pointer will be after it moved
/// by stack_out - stack_in: a binary operation writes sp[-2], a push writes sp[0]. The dispatcher checks the stack, charges
/// the gas of the table and advances the program counter. A body that returns Step::blocked has changed nothing but its
/// scratch in the frame.
#define WEFT_BODY [[gnu::always_inline]] inline
#define WEFT_OUTLINED_BODY [[gnu::noinline]] inline

namespace weft::evm {

template <typename Slow>
struct FastAndSlow {
    Step (*fast)(Registers&, Frame&);
    Slow* slow;
};

}  // namespace weft::evm

namespace weft::evm::instructions {

/// Reads a stack word through general registers. A vector load of a word that was just stored limb by limb would wait until
/// the stores reach the cache; the empty statement keeps the compiler from forming one.
WEFT_BODY uint256 load_word(const uint256& word) noexcept {
    uint64_t w0 = word.w[0];
    uint64_t w1 = word.w[1];
    uint64_t w2 = word.w[2];
    uint64_t w3 = word.w[3];
    asm("" : "+r"(w0), "+r"(w1), "+r"(w2), "+r"(w3));
    return {w0, w1, w2, w3};
}

}  // namespace weft::evm::instructions
