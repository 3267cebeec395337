// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/frame.hpp"
#include "weft/evm/instruction_table.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace weft::evm {

/// How a word moves with the value of a slot.
struct Relation {
    state::SlotEntry* slot = nullptr;  ///< Null: not at all.
    bool is_opposed = false;           ///< It is k - v, not v + k.

    explicit operator bool() const noexcept { return slot != nullptr; }
};

/// Which words on the stack of the running frame are relative to a slot: state::RelativeSlot says what that means and what it is good for.
/// It is told of every instruction before and after, from one that meets a relative slot until no word is relative any more. It is a
/// list, not a second stack: there are one to three of them at a time.
///
/// A frame has no relative words when it enters a child: those that live on then are made exact.
///
/// Thread safety: none.
class RelativeWords {
  public:
    [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
    void clear() noexcept { count_ = 0; }

    /// The registers rest in `r`; a blocked instruction may be announced again.
    void before(const Frame& frame, const Registers& r);
    void after(const Registers& r, Step step);

  private:
    struct Word {
        const uint256* at;
        Relation relation;
    };
    struct Operand {
        uint256 value;
        Relation relation;
    };
    /// Of more, the slots become exact.
    static constexpr size_t kMost = 12;

    [[nodiscard]] std::span<const Word> words() const noexcept { return {words_.data(), count_}; }
    [[nodiscard]] Relation find(const uint256* at) const noexcept;
    [[nodiscard]] Operand operand(const uint256* at) const noexcept { return {.value = *at, .relation = find(at)}; }
    void add(const uint256* at, const Relation& relation);
    template <typename Condition>
    void drop(const Condition& condition) noexcept;
    void drop_from(const uint256* lowest) noexcept;

    void copy(const uint256* from, const uint256* to);
    void exchange(const uint256* a, const uint256* b) noexcept;
    void consume(const Instruction& instruction, const uint256* sp);
    [[nodiscard]] Relation result_of(const Instruction& instruction, const uint256* sp);

    // Of instructions: how the result moves.
    Relation be_exact(const Relation& relation);
    Relation be_exact(const Operand& a, const Operand& b);
    Relation sum(const Operand& a, const Operand& b);
    Relation less_than(const Operand& a, const Operand& b);
    Relation equal(const Operand& a, const Operand& b);
    Relation bit_and(const Operand& a, const Operand& b);
    Relation bit_or(const Operand& a, const Operand& b);
    Relation shifted_right(const Operand& count, const Operand& value, bool has_sign);
    Relation quotient(const Operand& dividend, const Operand& divisor);

    void keep_moving_within(const Operand& operand, const uint256& up, const uint256& down);
    void keep_zero_or_not(const Operand& operand) { equal(operand, Operand{}); }
    void settle_store(state::SlotEntry* met);

    std::array<Word, kMost> words_;
    size_t count_ = 0;
    state::State* state_ = nullptr;
    Opcode opcode_{};  ///< Of the instruction that executes.
    Operand stored_;   ///< By it, if it is SSTORE.
};

}  // namespace weft::evm
