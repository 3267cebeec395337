// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/relative_words.hpp"

#include "weft/evm/context.hpp"
#include "weft/evm/interpreter.hpp"
#include "weft/evm/switch_loop.hpp"

#include <algorithm>

namespace weft::evm {

namespace {

constexpr uint256 kLargest{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
constexpr uint256 kHalf = uint256{1} << 255;

constexpr Relation opposite(const Relation& relation) noexcept { return {.slot = relation.slot, .is_opposed = !relation.is_opposed}; }

/// Ones from the lowest bit up.
constexpr bool is_low_mask(const uint256& mask) noexcept { return (mask & (mask + 1)).is_zero(); }

/// Ones below the lowest bit of a value that is not zero.
constexpr uint256 below_lowest_bit(const uint256& value) noexcept { return (value ^ (value - 1)) >> 1; }

constexpr uint8_t number_of(Opcode opcode, Opcode first) noexcept {
    return static_cast<uint8_t>(static_cast<uint8_t>(opcode) - static_cast<uint8_t>(first));
}

}  // namespace

// ---- The list ----

Relation RelativeWords::find(const uint256* at) const noexcept {
    const auto found = std::ranges::find(words(), at, &Word::at);
    return found == words().end() ? Relation{} : found->relation;
}

template <typename Condition>
void RelativeWords::drop(const Condition& condition) noexcept {
    const auto end = std::remove_if(words_.begin(), words_.begin() + static_cast<ptrdiff_t>(count_), condition);
    count_ = static_cast<size_t>(end - words_.begin());
}

/// What was above is off the stack, or overwritten.
void RelativeWords::drop_from(const uint256* lowest) noexcept {
    drop([=](const Word& word) { return word.at >= lowest; });
}

void RelativeWords::add(const uint256* at, const Relation& relation) {
    if (!relation) return;
    if (count_ == kMost)
        be_exact(relation);
    else
        words_[count_++] = {.at = at, .relation = relation};
}

void RelativeWords::copy(const uint256* from, const uint256* to) { add(to, find(from)); }

void RelativeWords::exchange(const uint256* a, const uint256* b) noexcept {
    for (size_t i = 0; i < count_; ++i) {
        const uint256*& at = words_[i].at;
        if (at == a)
            at = b;
        else if (at == b)
            at = a;
    }
}

// ---- Instructions ----

void RelativeWords::before(const Frame& frame, const Registers& r) {
    const Instruction& instruction = kInstructions[*r.pc];
    state_ = frame.context->state;
    opcode_ = instruction.opcode;
    stored_.relation = {};
    static_cast<void>(state_->take_met());
    // Without its operands it halts.
    if (r.sp - frame.stack < instruction.stack_in) return;
    if (opcode_ >= Opcode::DUP1 && opcode_ <= Opcode::DUP16) {
        copy(r.sp - 1 - number_of(opcode_, Opcode::DUP1), r.sp);
    } else if (opcode_ >= Opcode::SWAP1 && opcode_ <= Opcode::SWAP16) {
        exchange(r.sp - 1, r.sp - 2 - number_of(opcode_, Opcode::SWAP1));
    } else if (opcode_ == Opcode::SSTORE) {
        be_exact(find(r.sp - 1));
        stored_ = operand(r.sp - 2);
    } else {
        consume(instruction, r.sp);
    }
}

void RelativeWords::consume(const Instruction& instruction, const uint256* sp) {
    const uint256* lowest = sp - instruction.stack_in;
    if (std::ranges::none_of(words(), [=](const Word& word) { return word.at >= lowest; })) return;
    const Relation result = result_of(instruction, sp);
    drop_from(lowest);
    add(lowest, result);
}

Relation RelativeWords::result_of(const Instruction& instruction, const uint256* sp) {
    const Operand a = operand(sp - 1);
    const Operand b = instruction.stack_in > 1 ? operand(sp - 2) : Operand{};
    switch (instruction.opcode) {
        case Opcode::POP:
            return {};
        case Opcode::ADD:
            return sum(a, b);
        case Opcode::SUB:
            return sum(a, {.value = -b.value, .relation = opposite(b.relation)});
        case Opcode::NOT:
            return opposite(a.relation);
        case Opcode::LT:
            return less_than(a, b);
        case Opcode::GT:
            return less_than(b, a);
        case Opcode::SLT:
            return less_than({a.value + kHalf, a.relation}, {b.value + kHalf, b.relation});
        case Opcode::SGT:
            return less_than({b.value + kHalf, b.relation}, {a.value + kHalf, a.relation});
        case Opcode::EQ:
            return equal(a, b);
        case Opcode::ISZERO:
            return equal(a, {});
        case Opcode::JUMPI:
            be_exact(a.relation);
            return equal(b, {});
        case Opcode::AND:
            return a.relation ? bit_and(a, b) : bit_and(b, a);
        case Opcode::OR:
            return a.relation ? bit_or(a, b) : bit_or(b, a);
        case Opcode::SHR:
        case Opcode::SAR:
            return shifted_right(a, b, instruction.opcode == Opcode::SAR);
        case Opcode::DIV:
            return quotient(a, b);
        default:
            for (int i = 1; i <= instruction.stack_in; ++i) be_exact(find(sp - i));
            return {};
    }
}

void RelativeWords::after(const Registers& r, Step step) {
    if (step == Step::blocked) return;
    state::SlotEntry* met = state_->take_met();
    if (opcode_ == Opcode::SSTORE) settle_store(met);
    switch (step) {
        case Step::next:
            if (opcode_ == Opcode::SSTORE) drop_from(r.sp);
            if (opcode_ == Opcode::SLOAD) add(r.sp - 1, {.slot = met});
            break;
        case Step::enter:
            while (!is_empty()) be_exact(words_[0].relation);
            break;
        default:
            clear();
    }
}

/// The new value is relative to the slot as the old one was; otherwise both its origin and the slot become exact. Gas and refund depend on
/// which of the values before the transaction, before the instruction and behind it are zero, and on which are equal. The second of
/// them is the first, or was stored and looked at then.
void RelativeWords::settle_store(state::SlotEntry* met) {
    const Relation relation = stored_.relation;
    if (met == nullptr || relation.slot != met || relation.is_opposed) {
        be_exact(relation);
        be_exact({.slot = met});
        return;
    }
    keep_zero_or_not({.value = met->original, .relation = relation});
    keep_zero_or_not({.value = stored_.value, .relation = relation});
}

// ---- What becomes of operands ----

Relation RelativeWords::be_exact(const Relation& relation) {
    if (!relation || !relation.slot->is_relative) return {};
    state_->make_exact(*relation.slot);
    drop([slot = relation.slot](const Word& word) { return word.relation.slot == slot; });
    return {};
}

Relation RelativeWords::be_exact(const Operand& a, const Operand& b) {
    be_exact(a.relation);
    return be_exact(b.relation);
}

/// From here on the operand goes up and down by no more than that.
void RelativeWords::keep_moving_within(const Operand& operand, const uint256& up, const uint256& down) {
    const bool is_opposed = operand.relation.is_opposed;
    state_->narrow(*operand.relation.slot, is_opposed ? down : up, is_opposed ? up : down);
}

Relation RelativeWords::sum(const Operand& a, const Operand& b) {
    if (!a.relation) return b.relation;
    if (!b.relation) return a.relation;
    const bool cancel_out = a.relation.slot == b.relation.slot && a.relation.is_opposed != b.relation.is_opposed;
    return cancel_out ? Relation{} : be_exact(a, b);
}

/// What is smaller stays so.
Relation RelativeWords::less_than(const Operand& a, const Operand& b) {
    const bool is_less = a.value < b.value;
    if (a.relation && b.relation) {
        // They move together, until one of them wraps around.
        if (a.relation.slot != b.relation.slot || a.relation.is_opposed != b.relation.is_opposed) return be_exact(a, b);
        if (a.value != b.value) keep_moving_within(a, kLargest - std::max(a.value, b.value), std::min(a.value, b.value));
    } else if (a.relation) {
        is_less ? keep_moving_within(a, b.value - 1 - a.value, a.value) : keep_moving_within(a, kLargest - a.value, a.value - b.value);
    } else if (b.relation) {
        is_less ? keep_moving_within(b, kLargest - b.value, b.value - a.value - 1) : keep_moving_within(b, a.value - b.value, b.value);
    }
    return {};
}

Relation RelativeWords::equal(const Operand& a, const Operand& b) {
    if (a.relation && b.relation) {
        const bool move_together = a.relation.slot == b.relation.slot && a.relation.is_opposed == b.relation.is_opposed;
        return move_together ? Relation{} : be_exact(a, b);
    }
    if (!a.relation && !b.relation) return {};
    const Operand& moving = a.relation ? a : b;
    const uint256& fixed = a.relation ? b.value : a.value;
    if (moving.value == fixed)
        keep_moving_within(moving, 0, 0);
    else
        keep_moving_within(moving, fixed - 1 - moving.value, moving.value - fixed - 1);
    return {};
}

/// Of the low bits, which are relative as long as nothing is carried out of them, or of the high bits, which stay then. `a` is relative.
Relation RelativeWords::bit_and(const Operand& a, const Operand& b) {
    if (b.relation) return be_exact(a, b);
    const bool keeps_low = is_low_mask(b.value);
    if (!keeps_low && !is_low_mask(~b.value)) return be_exact(a.relation);
    const uint256 mask = keeps_low ? b.value : ~b.value;
    const uint256 low = a.value & mask;
    if (!mask.is_zero() && mask != kLargest) keep_moving_within(a, mask - low, low);
    const bool has_low_bits = keeps_low != mask.is_zero();
    return has_low_bits ? a.relation : Relation{};
}

/// A sum as long as the relative value fits below the other's lowest bit. `a` is relative.
Relation RelativeWords::bit_or(const Operand& a, const Operand& b) {
    if (b.relation) return be_exact(a, b);
    if (b.value.is_zero()) return a.relation;
    const uint256 room = below_lowest_bit(b.value);
    if (room < a.value) return be_exact(a.relation);
    keep_moving_within(a, room - a.value, a.value);
    return a.relation;
}

/// The same as long as nothing is carried out of the bits that are lost.
Relation RelativeWords::shifted_right(const Operand& count, const Operand& value, bool has_sign) {
    if (count.relation) return be_exact(count, value);
    if (count.value.is_zero()) return value.relation;
    // All that may be left is the sign.
    const bool is_out_of_reach = !count.value.fits_u64() || count.value.low64() > 255;
    if (is_out_of_reach && !has_sign) return {};
    const uint256 mask = (uint256{1} << (is_out_of_reach ? 255 : count.value.low64())) - 1;
    const uint256 low = value.value & mask;
    keep_moving_within(value, mask - low, low);
    return {};
}

Relation RelativeWords::quotient(const Operand& dividend, const Operand& divisor) {
    if (divisor.relation) return be_exact(dividend, divisor);
    if (divisor.value.is_zero()) return {};
    if (divisor.value == 1) return dividend.relation;
    const uint256 remainder = dividend.value % divisor.value;
    keep_moving_within(dividend, std::min(divisor.value - 1 - remainder, kLargest - dividend.value), remainder);
    return {};
}

// ---- The loop ----

namespace {

class Follower {
  public:
    explicit Follower(RelativeWords& words) noexcept : words_(words) {}

    void before(const Frame& frame, const Registers& r) { words_.before(frame, r); }
    void after(const Frame& /*frame*/, const Registers& r, Step step) { words_.after(r, step); }
    [[nodiscard]] bool has_seen_all() const noexcept { return words_.is_empty(); }

  private:
    RelativeWords& words_;
};

}  // namespace

Step interpret_relative(Frame& frame) {
    Context& context = *frame.context;
    context.state->follow_relative(true);
    const Step step = run_switch_loop(frame, Follower{context.relative_words});
    context.state->follow_relative(false);
    return step;
}

}  // namespace weft::evm
