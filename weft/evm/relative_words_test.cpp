// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/relative_words.hpp"

#include "weft/base/random.hpp"
#include "weft/evm/machine.hpp"
#include "weft/evm/opcode.hpp"
#include "weft/evm/precompiles/precompiles.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace weft::evm {
namespace {

using state::ReadError;
using state::ReadResult;
using state::Tolerance;
using types::Revision;
using enum Opcode;

constexpr address kSender = address_of(0x5e4d);
constexpr address kContract = address_of(0xc0de);
constexpr address kOther = address_of(0xbeef);
constexpr uint256 kLargest{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
constexpr uint256 kTopBit{0, 0, 0, uint64_t{1} << 63};

/// Code, written down.
class Code {
  public:
    Code& operator<<(Opcode opcode) { return data_.push_back(static_cast<uint8_t>(opcode)), *this; }
    /// Pushed.
    Code& operator<<(const uint256& value) {
        const unsigned size = std::max(1U, count_significant_bytes(value));
        std::array<uint8_t, 32> word{};
        store_be(word.data(), value);
        data_.push_back(static_cast<uint8_t>(0x5f + size));
        data_.insert(data_.end(), word.end() - size, word.end());
        return *this;
    }
    Code& operator<<(int value) { return *this << uint256{static_cast<uint64_t>(value)}; }
    Code& operator<<(const Code& other) { return data_.insert(data_.end(), other.data_.begin(), other.data_.end()), *this; }
    /// Takes a word and executes `otherwise`, which leaves the stack as it was and has no jumps, unless the word is true.
    Code& unless(const Code& otherwise) {
        const size_t target = data_.size() + 4 + otherwise.data_.size();
        data_.push_back(static_cast<uint8_t>(PUSH2));
        data_.push_back(static_cast<uint8_t>(target >> 8));
        data_.push_back(static_cast<uint8_t>(target));
        return *this << JUMPI << otherwise << JUMPDEST;
    }
    operator bytes_view() const { return data_; }  // NOLINT(google-explicit-constructor)

  private:
    bytes data_;
};

Code fail() { return Code{} << 0 << 0 << REVERT; }

/// Offers every slot as relative, and hesitates now and then.
class RelativeView final : public state::StateView {
  public:
    explicit RelativeView(StateView& base) : base_(base) {}
    ReadResult<std::optional<state::Account>> account(const address& addr) override { return base_.account(addr); }
    ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        if (++questions_ % 3 == 1) return std::unexpected(ReadError{.kind = ReadError::Kind::blocked, .detail = questions_});
        answers_.push_back(*base_.storage(addr, slot));
        return std::unexpected(ReadError{.kind = ReadError::Kind::relative, .detail = answers_.size() - 1});
    }
    ReadResult<const state::Code*> code(const hash32& code_hash) override { return base_.code(code_hash); }
    ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    uint256 relative_value(uint64_t ticket) const override { return answers_[ticket]; }

  private:
    StateView& base_;
    uint64_t questions_ = 0;
    std::vector<uint256> answers_;
};

struct Scene {
    bytes_view code;
    Revision revision = Revision::Osaka;
    int64_t gas = 1'000'000;
    bytes_view code_of_other{};
};

using Slots = std::map<uint64_t, uint256>;

/// All that an execution did.
struct Execution {
    Status status = Status::success;
    int64_t gas_left = 0;
    int64_t refund = 0;
    bytes output;
    std::vector<types::Log> logs;
    Slots slots;  ///< Afterwards: those that were met.
    std::map<uint64_t, Tolerance> tolerances;

    [[nodiscard]] Execution without_tolerances() const {
        Execution copy = *this;
        copy.tolerances.clear();
        return copy;
    }
    friend bool operator==(const Execution& a, const Execution& b) {
        return a.status == b.status && a.gas_left == b.gas_left && a.refund == b.refund && a.output == b.output && a.logs == b.logs &&
               a.slots == b.slots;
    }
};

Execution execute(const Scene& scene, const Slots& before, bool is_relative) {
    state::MemoryState world;
    world.insert(kSender).balance = 1000;
    world.insert(kContract).nonce = 1;
    world.set_code(kContract, scene.code);
    if (!scene.code_of_other.empty()) world.set_code(kOther, scene.code_of_other);
    for (const auto& [slot, value] : before) world.set_storage(kContract, slot, value);
    RelativeView relative(world);
    state::State state;
    state.begin(is_relative ? static_cast<state::StateView&>(relative) : world, scene.revision, is_precompile);
    const BlockContext block;
    const TransactionContext transaction{.origin = kSender, .gas_price = 1, .blob_hashes = {}};
    const Message message{.is_create = false, .gas = scene.gas, .sender = kSender, .recipient = kContract, .value = {}, .input = {}};
    Machine machine;
    Progress progress = machine.start(state, block, transaction, message);
    while (progress == Progress::blocked) progress = machine.resume();
    const Outcome& outcome = machine.outcome();
    Execution result{.status = outcome.status,
                     .gas_left = outcome.gas_left,
                     .refund = state.refund(),
                     .output = bytes(outcome.output.begin(), outcome.output.end()),
                     .logs = state.logs(),
                     .slots = {},
                     .tolerances = {}};
    const auto& slots = state.slots();
    for (uint32_t i = 0; i < slots.size(); ++i) result.slots[slots[i].key.low64()] = slots[i].current;
    for (const state::RelativeSlot& slot : state.relative_slots()) result.tolerances[slots[slot.slot].key.low64()] = slot.tolerance;
    return result;
}

/// By how much the slots are moved.
using Moves = std::map<uint64_t, uint256>;

/// What RelativeSlot claims, for one way to move the slots within their tolerances.
void expect_moved(const Scene& scene, const Slots& before, const Execution& relative, const Moves& moves) {
    Slots moved = before;
    Execution expected = relative;
    for (const auto& [slot, move] : moves) {
        moved[slot] = moved[slot] + move;
        expected.slots[slot] = expected.slots[slot] + move;
    }
    const Execution actual = execute(scene, moved, false);
    EXPECT_TRUE(actual == expected) << "moved slots make a difference: status " << static_cast<int>(actual.status) << " for "
                                    << static_cast<int>(expected.status) << ", gas " << actual.gas_left << " for " << expected.gas_left;
}

/// Executes with relative slots, and as usual on values from all over what they tolerate.
Execution run(const Scene& scene, const Slots& before, uint64_t seed = 1) {
    Random random(seed);
    const Execution relative = execute(scene, before, true);
    EXPECT_TRUE(relative == execute(scene, before, false)) << "relative slots make a difference";
    const auto choose = [&](const Tolerance& tolerance) -> uint256 {
        switch (random.below(6)) {
            case 0:
                return tolerance.more;
            case 1:
                return -tolerance.less;
            case 2:
                return std::min<uint256>(tolerance.more, 1 + random.below(3));
            case 3:
                return -std::min<uint256>(tolerance.less, 1 + random.below(3));
            case 4:
                return tolerance.more == kLargest ? random.next() : random.next() % (tolerance.more + 1);
            default:
                return -(tolerance.less >> random.below(256));
        }
    };
    for (const auto& [slot, tolerance] : relative.tolerances)
        for (const uint256& move : {tolerance.more, -tolerance.less}) expect_moved(scene, before, relative, {{slot, move}});
    for (int i = 0; i < 4; ++i) {
        Moves moves;
        for (const auto& [slot, tolerance] : relative.tolerances) moves[slot] = choose(tolerance);
        expect_moved(scene, before, relative, moves);
    }
    return relative;
}

/// Of slot 0, whose value is given.
Tolerance tolerance(const Code& code, const uint256& value, Revision revision = Revision::Osaka) {
    const Execution execution = run({.code = code, .revision = revision}, {{0, value}});
    EXPECT_EQ(execution.tolerances.count(0), 1);
    return execution.tolerances.at(0);
}

void expect_exact(const Code& code, const uint256& value = 100) { EXPECT_TRUE(tolerance(code, value).is_none()); }

const Code kLoad = Code{} << 0 << SLOAD;
const Code kStore = Code{} << 0 << SSTORE;

// ---- Tokens ----

TEST(RelativeWords, unchecked_addition_tolerates_all_but_zero) {
    const Tolerance found = tolerance(Code{} << kLoad << 5 << ADD << kStore, 100);
    EXPECT_EQ(found.less, 99);
    // 105 + more is the largest value.
    EXPECT_EQ(found.more, kLargest - 105);
}

TEST(RelativeWords, checked_addition_tolerates_what_does_not_overflow) {
    // c = a + b; a > c fails: what the Solidity compiler makes from 0.8.16 on.
    const Code newer = Code{} << kLoad << 5 << DUP2 << ADD << DUP1 << SWAP2 << GT << ISZERO;
    // a > ~b fails: before that, the slot once on either side.
    const Code older = Code{} << kLoad << 5 << DUP1 << NOT << DUP3 << GT << ISZERO;
    const Code swapped = Code{} << 5 << kLoad << DUP1 << NOT << DUP3 << GT << ISZERO;
    for (const Code& code : {Code(newer).unless(fail()), Code(older).unless(fail()) << ADD, Code(swapped).unless(fail()) << ADD}) {
        const Tolerance found = tolerance(Code(code) << kStore, 100);
        EXPECT_EQ(found.less, 99);
        EXPECT_EQ(found.more, kLargest - 105);
    }
    const Tolerance overflow = tolerance(Code(newer).unless(fail()) << kStore, kLargest - 2);
    EXPECT_EQ(overflow.less, 2);
    EXPECT_EQ(overflow.more, 2);
}

TEST(RelativeWords, addition_of_a_library_tolerates_what_does_not_overflow) {
    // c = a + b; require(c >= a)
    const Code add = (Code{} << kLoad << DUP1 << 5 << ADD << SWAP1 << DUP2 << LT << ISZERO).unless(fail()) << kStore;
    const Tolerance found = tolerance(add, 100);
    EXPECT_EQ(found.less, 99);
    EXPECT_EQ(found.more, kLargest - 105);
    // require(b <= a); c = a - b
    const Code subtract = (Code{} << kLoad << 40 << DUP2 << DUP2 << GT << ISZERO).unless(fail()) << SWAP1 << SUB << kStore;
    EXPECT_EQ(tolerance(subtract, 100).less, 59);
    EXPECT_EQ(tolerance(subtract, 39).more, 0);
    EXPECT_EQ(tolerance(subtract, 30).more, 9);
    EXPECT_EQ(tolerance(subtract, 30).less, 30);
}

TEST(RelativeWords, balance_below_the_amount_reverts_as_long_as_it_is) {
    // if (balance < amount) revert; balance - amount
    const Code code = (Code{} << kLoad << 70 << DUP2 << LT << ISZERO).unless(fail()) << 70 << SWAP1 << SUB << kStore;
    EXPECT_EQ(tolerance(code, 100).less, 29);  // 70 would leave zero, for which there is a refund
    EXPECT_EQ(tolerance(code, 70).less, 0);
    EXPECT_EQ(tolerance(code, 70).more, 0);
    EXPECT_EQ(tolerance(code, 69).more, 0);
    EXPECT_EQ(tolerance(code, 69).less, 69);
}

TEST(RelativeWords, signed_comparison_tolerates_what_keeps_the_order) {
    const Code code = (Code{} << 10 << kLoad << SLT).unless(Code{} << 1 << 1 << SSTORE);
    EXPECT_EQ(tolerance(code, 3).more, 6);
    EXPECT_EQ(tolerance(code, 3).less, kTopBit + 3);
    EXPECT_EQ(tolerance(code, 10).less, 0);
    EXPECT_EQ(tolerance(code, 10).more, kTopBit - 1 - 10);
}

TEST(RelativeWords, clamped_and_asserted_values_of_vyper_stay_relative) {
    // assert ge(add(x, y), x), and then the sum; the balance is taken from the stack once more.
    const Code code = (Code{} << 5 << DUP1 << kLoad << DUP1 << DUP3 << ADD << DUP2 << DUP2 << LT << ISZERO).unless(Code{} << INVALID)
                      << SWAP1 << POP << SWAP1 << POP << SWAP1 << POP << kStore;
    EXPECT_EQ(tolerance(code, 100).more, kLargest - 105);
}

TEST(RelativeWords, flag_in_the_top_bit_is_kept_apart_from_the_balance) {
    // balance = slot & (2^255 - 1); require(slot >> 255 == 0); require(balance + 5 <= 2^255 - 1)
    const uint256 mask = kTopBit - 1;
    Code code = Code{} << kLoad << mask << AND << 5 << ADD << mask << DUP2 << GT << ISZERO;
    code.unless(fail()) << kLoad << 255 << SHR << ISZERO;
    code.unless(fail()) << kStore;
    const Tolerance found = tolerance(code, 100);
    EXPECT_EQ(found.less, 99);
    EXPECT_EQ(found.more, mask - 105);
    // Somebody who is on the list.
    EXPECT_EQ(tolerance(code, kTopBit + 7).less, 7);
}

TEST(RelativeWords, packed_values_move_below_their_neighbours) {
    // The low 128 bits are a sum, those above stay.
    const uint256 low = (uint256{1} << 128) - 1;
    const Code code = Code{} << kLoad << DUP1 << low << AND << 5 << ADD << low << AND << SWAP1 << ~low << AND << OR << kStore;
    const Tolerance found = tolerance(code, (uint256{9} << 128) + 100);
    EXPECT_EQ(found.less, 100);
    EXPECT_EQ(found.more, low - 105);
}

// ---- What SSTORE costs ----

TEST(RelativeWords, eip2200_zero_before_or_after_has_its_price) {
    const Code add = Code{} << kLoad << 5 << ADD << kStore;
    EXPECT_TRUE(tolerance(add, 0).is_none());
    EXPECT_TRUE(tolerance(add, kLargest - 4).is_none());
    EXPECT_EQ(tolerance(Code{} << kLoad << 1 << SWAP1 << SUB << kStore, 7).less, 5);
    for (unsigned i = 0; i < types::kRevisionCount; ++i) {
        const auto revision = static_cast<Revision>(i);
        EXPECT_TRUE(tolerance(add, 0, revision).is_none());
        EXPECT_EQ(tolerance(add, 100, revision).less, 99);
    }
}

TEST(RelativeWords, storing_twice_moves_with_both) {
    const Code code = Code{} << kLoad << 5 << ADD << kStore << kLoad << 50 << SWAP1 << SUB << kStore;
    const Execution execution = run({.code = code}, {{0, 100}});
    EXPECT_EQ(execution.slots.at(0), 55);
    EXPECT_EQ(execution.tolerances.at(0).less, 54);
}

TEST(RelativeWords, putting_back_what_was_there_stays_relative) {
    const Code code = Code{} << kLoad << 5 << ADD << kStore << kLoad << 5 << SWAP1 << SUB << kStore;
    const Execution execution = run({.code = code}, {{0, 100}});
    EXPECT_EQ(execution.slots.at(0), 100);
    EXPECT_EQ(execution.tolerances.at(0).less, 99);
}

TEST(RelativeWords, reverted_stores_leave_their_ranges) {
    // The contract calls itself; the inner call has no value on its way, stores and reverts.
    const Code other = (Code{} << kLoad << 200 << GT).unless(Code{} << 1 << 1 << SSTORE) << kLoad << 5 << ADD << kStore << fail();
    const Code code = Code{} << 0 << 0 << 0 << 0 << to_uint256(kOther) << 100'000 << DELEGATECALL << POP << kLoad << 7 << ADD << kStore;
    const Execution execution = run({.code = code, .code_of_other = other}, {{0, 100}});
    EXPECT_EQ(execution.slots.at(0), 107);
    EXPECT_EQ(execution.tolerances.at(0).more, 99);
    EXPECT_EQ(execution.tolerances.at(0).less, 99);
}

// ---- What makes a slot exact ----

TEST(RelativeWords, whoever_looks_at_the_value_makes_it_exact) {
    expect_exact(Code{} << kLoad << 0 << MSTORE);
    expect_exact(Code{} << kLoad << 0 << 0 << LOG1);
    expect_exact(Code{} << kLoad << 3 << MUL);
    expect_exact(Code{} << kLoad << DUP1 << ADD);
    expect_exact(Code{} << kLoad << SLOAD);
    expect_exact(Code{} << kLoad << 5 << ADD << 1 << SSTORE);
    expect_exact(Code{} << 7 << kLoad << SSTORE);
    expect_exact(Code{} << kLoad << 5 << SUB << kStore);
    expect_exact(Code{} << 0 << kLoad << RETURN, 0);
    expect_exact(Code{} << kLoad << JUMP);
    expect_exact(Code{} << kLoad << 1 << SWAP1 << EXP);
    expect_exact(Code{} << kLoad << 0 << TSTORE);
    expect_exact(Code{} << kLoad << 0xff0 << AND);
    expect_exact(Code{} << kLoad << 2 << SHL);
}

TEST(RelativeWords, value_from_elsewhere_makes_it_exact) {
    expect_exact(Code{} << kLoad << POP << 3 << kStore);
    expect_exact(Code{} << 3 << kStore);
    const Execution execution = run({.code = Code{} << kLoad << 1 << SLOAD << ADD << kStore}, {{0, 100}, {1, 7}});
    EXPECT_TRUE(execution.tolerances.at(0).is_none());
    EXPECT_TRUE(execution.tolerances.at(1).is_none());
}

TEST(RelativeWords, value_that_waits_for_a_call_makes_it_exact) {
    expect_exact(Code{} << kLoad << 0 << 0 << 0 << 0 << 0 << to_uint256(kOther) << 1000 << CALL << POP << POP);
}

TEST(RelativeWords, several_slots_move_apart) {
    const Code code = Code{} << kLoad << 1 << SLOAD << 5 << ADD << 1 << SSTORE << 9 << SWAP1 << SUB << kStore;
    const Execution execution = run({.code = code}, {{0, 100}, {1, 200}});
    EXPECT_EQ(execution.slots.at(0), 91);
    EXPECT_EQ(execution.slots.at(1), 205);
    EXPECT_EQ(execution.tolerances.at(0).less, 90);
    EXPECT_EQ(execution.tolerances.at(1).less, 199);
}

TEST(RelativeWords, difference_of_two_words_of_one_slot_is_known) {
    const Tolerance found = tolerance(Code{} << kLoad << 5 << ADD << kStore << 0 << SLOAD << kLoad << 3 << ADD << SUB << 1 << SSTORE, 100);
    EXPECT_EQ(found.less, 99);
}

TEST(RelativeWords, more_words_than_are_kept_account_of_make_it_exact) {
    Code code = Code{} << kLoad;
    for (int i = 0; i < 20; ++i) code << DUP1;
    expect_exact(code);
}

TEST(RelativeWords, more_slots_than_are_kept_account_of_are_read_as_any) {
    Code code;
    Slots before;
    for (int i = 0; i < 40; ++i) {
        code << i << SLOAD << 1 << ADD << i << SSTORE;
        before[static_cast<uint64_t>(i)] = 50;
    }
    const Execution execution = run({.code = code}, before);
    EXPECT_EQ(execution.tolerances.size(), 32);
    EXPECT_EQ(execution.slots.at(39), 51);
}

// ---- Random code ----

/// Random code for two slots: arithmetic, comparisons, branches and stores, on few values near the edges of ranges.
class Writer {
  public:
    explicit Writer(Random& random) : random_(random) {}

    [[nodiscard]] uint256 value() {
        const uint256 edge = random_.pick<uint256>({0, 0, 100, uint256{1} << 128, kTopBit, kLargest});
        return random_.chance(50) ? edge + random_.below(4) : edge - random_.below(4);
    }
    Code code() {
        Code code;
        for (uint64_t i = 2 + random_.below(6); i > 0; --i) statement(code, 1);
        if (random_.chance(10)) code << fail();
        return code;
    }

  private:
    void expression(Code& code, unsigned depth) {
        const uint64_t kind = random_.below(depth == 0 ? 4 : 16);
        if (kind < 2) {
            code << static_cast<int>(random_.below(2)) << SLOAD;
        } else if (kind < 4) {
            code << value();
        } else if (kind == 4) {
            expression(code, depth - 1);
            code << random_.pick({ISZERO, NOT});
        } else if (kind == 5) {
            expression(code, depth - 1);
            const uint256 mask = (uint256{1} << random_.pick<uint64_t>({1, 7, 128, 255})) - 1;
            code << (random_.chance(50) ? mask : ~mask) << random_.pick({AND, OR});
        } else if (kind == 6) {
            expression(code, depth - 1);
            code << random_.pick<uint256>({0, 1, 7, 128, 255, 256, 300}) << random_.pick({SHR, SAR});
        } else if (kind == 7) {
            expression(code, depth - 1);
            code << DUP1 << random_.pick({ADD, SUB, LT, EQ, SLT});
        } else if (kind == 8) {
            expression(code, depth - 1);
            code << random_.pick<uint256>({0, 1, 2, 10, uint256{1} << 128}) << SWAP1 << random_.pick({DIV, DIV, MOD, MUL});
        } else {
            expression(code, depth - 1);
            expression(code, depth - 1);
            if (random_.chance(20))
                code << DUP2 << random_.pick({GT, LT, SGT, EQ}) << ADD;
            else
                code << random_.pick({ADD, ADD, SUB, SUB, LT, GT, SLT, SGT, EQ, AND, OR, XOR});
        }
    }
    /// At depth 0 without branches.
    void statement(Code& code, unsigned depth) {
        const int slot = static_cast<int>(random_.below(2));
        switch (random_.below(depth == 0 ? 4 : 8)) {
            case 0:
                expression(code, 3);
                code << slot << SSTORE;
                return;
            case 1:
            case 2:
                code << slot << SLOAD << value() << random_.pick({ADD, SUB}) << slot << SSTORE;
                return;
            case 3:
                expression(code, 2);
                code << (random_.chance(20) ? Code{} << 0 << MSTORE : Code{} << POP);
                return;
            default:
                expression(code, 2);
                Code body;
                if (random_.chance(20))
                    body << fail();
                else
                    statement(body, 0);
                code.unless(body);
        }
    }
    Random& random_;
};

TEST(RelativeWords, random_code_moves_as_claimed) {
    uint64_t tolerant = 0;
    uint64_t exact = 0;
    for (uint64_t seed = 0; seed < 1000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        Writer writer(random);
        const Code code = writer.code();
        const auto revision = random.chance(50) ? Revision::Osaka : static_cast<Revision>(random.below(types::kRevisionCount));
        const int64_t gas = random.chance(80) ? 1'000'000 : static_cast<int64_t>(random.below(60'000));
        const Execution execution = run({.code = code, .revision = revision, .gas = gas}, {{0, writer.value()}, {1, writer.value()}}, seed);
        for (const auto& [slot, tolerance] : execution.tolerances) ++(tolerance.is_none() ? exact : tolerant);
    }
    EXPECT_GT(tolerant, 250);
    EXPECT_GT(exact, 250);
}

}  // namespace
}  // namespace weft::evm
