// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Parallel execution of tokens whose holders meet at one balance.
#include "test/util/held_view.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/evm/contract_address.hpp"
#include "weft/evm/opcode.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/parallel/timeline.hpp"
#include "weft/execution/system_contracts.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::execution {
namespace {

using types::Revision;
using enum evm::Opcode;

constexpr address kToken = address_of(0x70ce);
constexpr address kMeetingPoint = address_of(0x3ee7);
constexpr uint32_t kTransactions = 60;
/// With two threads this one may begin before the first has ended.
constexpr uint32_t kFarAhead = sync::limit(40U, 5U);
constexpr uint64_t kRiches = 1'000'000;

address holder(uint64_t i) { return address_of(0x5e4d0000 + i); }

/// A piece of code: opcodes, and numbers below 256, which are pushed.
class Code {
  public:
    Code& operator<<(evm::Opcode opcode) { return data_.push_back(static_cast<uint8_t>(opcode)), *this; }
    Code& operator<<(int value) {
        data_.insert(data_.end(), {static_cast<uint8_t>(PUSH1), static_cast<uint8_t>(value)});
        return *this;
    }
    /// Takes a word and reverts unless it is true.
    Code& require() {
        *this << static_cast<int>(data_.size() + 8) << JUMPI << 0 << 0 << REVERT << JUMPDEST;
        return *this;
    }
    [[nodiscard]] const bytes& data() const { return data_; }

  private:
    bytes data_;
};

/// How a token of some make does its sums, with the amount and the balance on the stack, the balance on top. Leaves the new balance.
struct Make {
    const char* name;
    void (*add)(Code&);
    void (*subtract)(Code&);

    friend void PrintTo(const Make& make, std::ostream* stream) { *stream << make.name; }
};

void add_unchecked(Code& code) { code << ADD; }
/// `assert balance >= amount`, as everywhere.
void subtract_if_enough(Code& code) { (code << DUP2 << DUP2 << LT << ISZERO).require() << SUB; }

constexpr Make kMakes[] = {
    // OpenZeppelin since 5.0: the sum of all balances cannot overflow.
    {.name = "openzeppelin", .add = add_unchecked, .subtract = subtract_if_enough},
    // The compiler's own checks, of the sum afterwards and of the difference before.
    {.name = "solidity_0_8",
     .add = [](Code& code) { (code << DUP1 << DUP3 << ADD << SWAP1 << DUP2 << LT << ISZERO).require() << SWAP1 << POP; },
     .subtract = [](Code& code) { (code << SWAP1 << DUP1 << DUP3 << LT << ISZERO).require() << SWAP1 << SUB; }},
    // if x > ~y, of earlier compilers
    {.name = "solidity_0_8_0",
     .add = [](Code& code) { (code << DUP2 << NOT << DUP2 << GT << ISZERO).require() << ADD; },
     .subtract = subtract_if_enough},
    // require(c >= a); require(b <= a)
    {.name = "safe_math",
     .add = [](Code& code) { (code << DUP1 << SWAP2 << ADD << SWAP1 << DUP2 << LT << ISZERO).require(); },
     .subtract = [](Code& code) { (code << DUP1 << DUP3 << GT << ISZERO).require() << SUB; }},
    // c = a - b; c > a fails
    {.name = "solmate",
     .add = add_unchecked,
     .subtract = [](Code& code) { (code << DUP1 << SWAP2 << SWAP1 << SUB << SWAP1 << DUP2 << GT << ISZERO).require(); }},
    // A flag in the top bit, as of a list of the blocked.
    {.name = "with_flag",
     .add =
         [](Code& code) {
             (code << DUP1 << 255 << SHR << ISZERO).require() << 0 << NOT << 1 << SHR << AND << ADD;
             (code << DUP1 << 255 << SHR << ISZERO).require();
         },
     .subtract =
         [](Code& code) {
             code << 0 << NOT << 1 << SHR << AND;
             subtract_if_enough(code);
         }},
};

/// The storage key of the account in the first word of memory is what its hash is.
void push_key(Code& code) { code << 0 << MSTORE << 32 << 0 << KECCAK256; }

/// Of a call with a single word, logs the balance of the account that it names. Others move the second word of the call data from the first
/// of two accounts, which the call data names first and third, to the other, and log the amount.
bytes token_of(const Make& make) {
    const auto change = [](Code& code, int who, void (*how)(Code&)) {
        code << who << CALLDATALOAD;
        push_key(code);
        code << DUP1 << 32 << CALLDATALOAD << SWAP1 << SLOAD;
        how(code);
        code << SWAP1 << SSTORE;
    };
    Code code;
    constexpr int kMoving = 28;
    code << 32 << CALLDATASIZE << SUB << kMoving << JUMPI << 0 << CALLDATALOAD;
    push_key(code);
    code << SLOAD << 0 << MSTORE << 32 << 0 << LOG0 << STOP << JUMPDEST;
    EXPECT_EQ(code.data().size(), kMoving + 1);
    change(code, 0, make.subtract);
    change(code, 64, make.add);
    code << 32 << CALLDATALOAD << 0 << MSTORE << 64 << CALLDATALOAD << 32 << 0 << LOG1;
    return code.data();
}

uint256 key_of(const address& addr) {
    const hash32 word = to_hash32(to_uint256(addr));
    return to_uint256(crypto::keccak256(word));
}

/// Everybody sends from a balance to another; all meet at one.
class RepairTest : public testing::TestWithParam<Make> {
  protected:
    RepairTest() {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = address_of(0xc01);
        state_.set_code(kToken, token_of(GetParam()));
        set_balance(kMeetingPoint, kRiches);
        for (uint32_t i = 0; i < kTransactions; ++i) {
            state_.insert(holder(i)).balance = uint256{1} << 100;
            set_balance(holder(i), kRiches);
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.gas_limit = 100'000;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
            transaction.to = kToken;
            senders_.emplace_back(holder(i));
            send(i, holder(i), kMeetingPoint, 1 + i);
        }
    }

    void set_balance(const address& addr, const uint256& amount) { state_.set_storage(kToken, key_of(addr), amount); }
    void send(uint32_t index, const address& from, const address& to, const uint256& amount) {
        bytes& data = transactions_[index].data;
        data.clear();
        for (const uint256& word : {to_uint256(from), amount, to_uint256(to)}) {
            const hash32 encoded = to_hash32(word);
            data.insert(data.end(), encoded.begin(), encoded.end());
        }
    }
    void ask(uint32_t index, const address& whose) {
        const hash32 encoded = to_hash32(to_uint256(whose));
        transactions_[index].data.assign(encoded.begin(), encoded.end());
    }
    [[nodiscard]] BlockInput block() const {
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = {},
                .rules = {.revision = Revision::Cancun}};
    }

    /// Executes in order, and on two threads so that most transactions begin before the first has ended.
    BlockResult execute(ParallelExecutor& executor, const BlockOptions& options = {}) {
        const auto expected = SequentialExecutor{}.execute(block(), state_, options);
        EXPECT_TRUE(expected);
        test::HeldView view(state_, holder(0), holder(kFarAhead));
        EXPECT_TRUE(executor.execute(block(), view, options) == expected);
        return expected.value_or(BlockResult{});
    }
    [[nodiscard]] static ptrdiff_t successes(const BlockResult& result) {
        return std::ranges::count_if(result.receipts, &types::Receipt::status);
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

/// What the build does without is not asked of it.
constexpr uint64_t most_of(uint64_t transactions) { return optimisation::kCommutativeSlots ? transactions * 2 / 3 : 0; }

TEST_P(RepairTest, payments_to_one_are_repaired) {
    ParallelExecutor executor(2);
    EXPECT_EQ(successes(execute(executor)), kTransactions);
    EXPECT_GE(executor.statistics().repaired, most_of(kFarAhead));
    if (optimisation::kCommutativeSlots) EXPECT_LE(executor.statistics().reexecutions, 10);
}

TEST_P(RepairTest, payments_are_executed_again_if_that_is_asked_for) {
    ParallelExecutor executor(2);
    execute(executor, {.repair_slots = false});
    EXPECT_EQ(executor.statistics().repaired, 0);
    EXPECT_GE(executor.statistics().reexecutions, kFarAhead * 2 / 3);
}

TEST_P(RepairTest, block_after_begins_with_what_was_repaired) {
    ParallelExecutor executor(2);
    execute(executor);
    execute(executor);
    if (!optimisation::kCommutativeSlots) return;
    EXPECT_EQ(executor.statistics().reexecutions, 0);
    EXPECT_GE(executor.statistics().repaired, most_of(kFarAhead));
}

TEST_P(RepairTest, what_is_only_added_to_is_written_by_nobody) {
    for (const unsigned threads : {2U, 4U}) {
        ParallelExecutor executor(threads);
        for (int i = 0; i < 2; ++i) execute(executor);
        EXPECT_GE(executor.statistics().repaired, most_of(kFarAhead));
        if (optimisation::kDeferredAdditions) EXPECT_EQ(executor.statistics().moved_slots, 0);
    }
}

TEST_P(RepairTest, who_asks_for_a_balance_gets_all_that_was_added) {
    for (const uint32_t asked : {kFarAhead / 2, kTransactions - 1}) {
        ask(asked, kMeetingPoint);
        for (const unsigned threads : {2U, 4U}) {
            ParallelExecutor executor(threads);
            for (int i = 0; i < 3; ++i) EXPECT_EQ(successes(execute(executor)), kTransactions);
        }
    }
}

TEST_P(RepairTest, balance_that_does_not_suffice_any_more_reverts) {
    // Half of them have nothing left to take.
    set_balance(kMeetingPoint, kTransactions);
    for (uint32_t i = 0; i < kTransactions; ++i) send(i, kMeetingPoint, holder(i), 2);
    ParallelExecutor executor(2);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(successes(execute(executor)), kTransactions / 2);
    EXPECT_GE(executor.statistics().repaired, most_of(kFarAhead / 2));
}

TEST_P(RepairTest, balance_that_becomes_something_or_nothing_has_its_price) {
    set_balance(kMeetingPoint, 0);
    for (uint32_t i = 0; i < kTransactions; ++i) i % 6 < 3 ? send(i, holder(i), kMeetingPoint, 5) : send(i, kMeetingPoint, holder(i), 5);
    ParallelExecutor executor(2);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(successes(execute(executor)), kTransactions);
}

TEST_P(RepairTest, sum_that_may_overflow_is_what_it_is_in_order) {
    set_balance(kMeetingPoint, ~uint256{} - 900);
    ParallelExecutor executor(2);
    for (int i = 0; i < 2; ++i) execute(executor);
    set_balance(kMeetingPoint, (uint256{1} << 255) - 900);
    for (int i = 0; i < 2; ++i) execute(executor);
}

TEST_P(RepairTest, effects_of_transactions_are_repaired_too) {
    ParallelExecutor executor(2);
    const BlockResult result = execute(executor, {.keep_effects = true});
    EXPECT_EQ(result.effects.size(), kTransactions + 1);
    EXPECT_GE(executor.statistics().repaired, most_of(kFarAhead));
}

TEST_P(RepairTest, timeline_shows_what_was_repaired) {
    ParallelExecutor executor(2);
    Timeline timeline(2);
    executor.record(&timeline);
    execute(executor);
    uint64_t repairs = 0;
    for (const Timeline::Track& track : timeline.tracks()) {
        for (const Timeline::Event& event : track.events) {
            if (event.kind != Timeline::Kind::repair) continue;
            ++repairs;
            ASSERT_NE(event.location, Timeline::kNone);
            EXPECT_EQ(track.locations[event.location], (Timeline::Location{.account = kToken, .slot = key_of(kMeetingPoint)}));
        }
    }
    EXPECT_EQ(repairs, executor.statistics().repaired);
}

/// Contracts whose storage comes and goes, beside one that everybody adds to.
class AdditionsTest : public testing::Test {
  protected:
    static constexpr address kCounter = address_of(0xc0);
    static constexpr address kFactory = address_of(0xfac);
    static constexpr address kMortal = address_of(0xdead);
    static constexpr uint32_t kCalls = 24;

    AdditionsTest() {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = address_of(0xc01);
        state_.set_code(kCounter, adder());
        state_.set_storage(kCounter, 0, 7);
        state_.set_code(kMortal, mortal());
        state_.set_storage(kMortal, 0, 7);
        state_.set_code(kFactory, factory());
        for (uint32_t i = 0; i < 4 * kCalls; ++i) state_.insert(holder(i)).balance = uint256{1} << 100;
    }

    /// Adds one to its slot 0.
    static bytes adder() { return (Code() << 1 << 0 << SLOAD << ADD << 0 << SSTORE << STOP).data(); }
    /// The same, unless it is called with something: then it goes.
    static bytes mortal() {
        constexpr int kGoing = 14;
        Code code;
        code << CALLDATASIZE << kGoing << JUMPI << 1 << 0 << SLOAD << ADD << 0 << SSTORE << STOP;
        EXPECT_EQ(code.data().size(), kGoing);
        return (code << JUMPDEST << CALLER << SELFDESTRUCT).data();
    }
    /// Called with nothing it closes for good; until then it creates what it is given.
    static bytes factory() {
        constexpr int kClosing = 26;
        constexpr int kClosed = kClosing + 7;
        Code code;
        code << CALLDATASIZE << ISZERO << kClosing << JUMPI << 0 << SLOAD << kClosed << JUMPI;
        code << CALLDATASIZE << 0 << 0 << CALLDATACOPY << 0 << CALLDATASIZE << 0 << 0;
        code << CREATE2 << STOP;
        EXPECT_EQ(code.data().size(), kClosing);
        code << JUMPDEST << 1 << 0 << SSTORE << STOP;
        EXPECT_EQ(code.data().size(), kClosed);
        return (code << JUMPDEST << STOP).data();
    }
    /// Of an adder whose slot begins with five.
    static bytes init_code() {
        const bytes runtime = adder();
        Code code;
        code << 5 << 0 << SSTORE;
        for (size_t i = 0; i < runtime.size(); ++i) code << static_cast<int>(runtime[i]) << static_cast<int>(i) << MSTORE8;
        return (code << static_cast<int>(runtime.size()) << 0 << RETURN).data();
    }
    static address created() { return evm::create2_address(kFactory, hash32{}, init_code()); }

    void call(const address& contract, bytes data = {}) {
        types::Transaction& transaction = transactions_.emplace_back();
        transaction.gas_limit = 500'000;
        transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
        transaction.to = contract;
        transaction.data = std::move(data);
        senders_.emplace_back(holder(static_cast<uint32_t>(senders_.size())));
    }
    void forget_calls() {
        transactions_.clear();
        senders_.clear();
    }
    /// In order, and in parallel so that all begin before the first has ended.
    void execute(ParallelExecutor& executor, Revision revision) {
        const BlockInput block{.header = &header_,
                               .transactions = transactions_,
                               .senders = senders_,
                               .ommers = {},
                               .withdrawals = {},
                               .rules = {.revision = revision}};
        for (const bool keeps_effects : {false, true}) {
            const BlockOptions options{.keep_effects = keeps_effects};
            const auto expected = SequentialExecutor{}.execute(block, state_, options);
            ASSERT_TRUE(expected);
            test::HeldView view(state_, holder(0), holder(std::min<uint32_t>(kFarAhead, static_cast<uint32_t>(senders_.size()) - 1)));
            EXPECT_TRUE(executor.execute(block, view, options) == expected);
        }
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

TEST_F(AdditionsTest, slot_may_never_have_come_to_be) {
    for (const unsigned threads : {2U, 4U}) {
        ParallelExecutor executor(threads);
        const state::MemoryState before = state_.separate_copy();
        state_.set_code(created(), adder());
        state_.set_storage(created(), 0, 5);
        // Others have read too early what the first one writes, so that both are known afterwards.
        for (const address& first : {created(), kCounter}) {
            forget_calls();
            call(first);
            for (uint32_t i = 0; i < kCalls; ++i) call(i % 2 == 0 ? created() : kCounter);
            execute(executor, Revision::Cancun);
        }
        EXPECT_GE(executor.statistics().repaired, most_of(kCalls));

        state_ = before.separate_copy();
        forget_calls();
        call(kFactory);
        call(kFactory, init_code());
        for (uint32_t i = 0; i < kCalls; ++i) call(i % 3 == 2 ? created() : kCounter);
        execute(executor, Revision::Cancun);
    }
}

TEST_F(AdditionsTest, go_with_the_storage_that_they_are_of) {
    for (const unsigned threads : {2U, 4U}) {
        ParallelExecutor executor(threads);
        for (int round = 0; round < 2; ++round) {
            forget_calls();
            for (uint32_t i = 0; i < kCalls; ++i) call(i % 2 == 0 ? kMortal : kCounter);
            // Known to the workers from the second round on.
            if (round == 1) call(kMortal, bytes{1});
            for (uint32_t i = 0; i < kCalls; ++i) call(i % 2 == 0 ? kMortal : kCounter);
            execute(executor, Revision::Shanghai);
            EXPECT_GE(executor.statistics().repaired, most_of(kCalls / 3));
        }
    }
}

TEST_F(AdditionsTest, system_calls_after_the_transactions_see_them) {
    state_.set_code(kWithdrawalRequests, adder());
    state_.set_storage(kWithdrawalRequests, 0, 7);
    state_.set_code(kConsolidationRequests, (Code() << STOP).data());
    for (const unsigned threads : {2U, 4U}) {
        ParallelExecutor executor(threads);
        forget_calls();
        for (uint32_t i = 0; i < kCalls; ++i) call(kWithdrawalRequests);
        for (int round = 0; round < 2; ++round) execute(executor, Revision::Prague);
        EXPECT_GE(executor.statistics().repaired, most_of(kCalls / 2));
    }
}

INSTANTIATE_TEST_SUITE_P(Makes, RepairTest, testing::ValuesIn(kMakes), [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace weft::execution
