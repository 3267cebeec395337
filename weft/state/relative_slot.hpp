// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/uint256.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::state {

/// How far a value may move, up and down, modulo 2^256, without anybody who looked at it noticing. All of it at first, nothing in the end.
struct Tolerance {
    uint256 more = ~uint256{};
    uint256 less = ~uint256{};

    /// Somebody would notice more than that.
    void narrow(const uint256& up, const uint256& down) noexcept {
        more = std::min(more, up);
        less = std::min(less, down);
    }
    /// Whether all would have gone the same way with `now` in place of `seen`.
    [[nodiscard]] bool allows(const uint256& seen, const uint256& now) const noexcept { return now - seen <= more || seen - now <= less; }
    [[nodiscard]] bool is_none() const noexcept { return more.is_zero() && less.is_zero(); }
};

/// A slot that a transaction uses without looking at its value: it adds, subtracts and stores the sum in the same slot, and otherwise
/// only compares. A token's balance, a counter, a sum of fees.
///
/// Let v be the value before the transaction. A word is *relative* to the slot when it is v + k, or k - v, modulo 2^256, where k follows
/// from everything else that the transaction read; so is the slot itself, as v + k, after a store. What instructions make of relative
/// words is
///   1. a relative word again, of an addition or the like;
///   2. a word that no v within a range would change, of a comparison or the like: the slot's tolerance is narrowed to that range;
///   3. anything else: the tolerance becomes none, and the slot is *exact* from then on, as all others are.
///
/// Claim: had v been v + d, with d within the tolerance, the transaction would have executed the same instructions, with the same operands
/// but for the words that are relative, and these would have moved by d or -d. Proof, by the number of instructions: the operands of the
/// next one are the same or moved, by assumption. If none is relative, it does the same. In case 1 its result moves, in case 2 it is the
/// same because d is within the range; case 3 leaves d = 0. Where the instruction's price, or whether it can be executed at all, depends
/// on an operand's value, the operand has been treated as in 2 or 3: SSTORE asks which of three values are zero (EIP-2200, EIP-3529), and
/// which are equal, which d does not change as long as all are v + k. What a reverted frame narrowed stays narrowed. Several slots move
/// independently of each other: no word is relative to two, and a range is about one.
///
/// So status, gas, refund, logs, output and all other changes are what they would have been, and the slot's new value is the one that
/// was found, moved by d.
struct RelativeSlot {
    uint32_t slot = 0;    ///< Index of its SlotEntry.
    uint64_t ticket = 0;  ///< Of the view's answer: ReadError::detail.
    Tolerance tolerance{};
};

}  // namespace weft::state
