// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Parallel execution of calls that take the next number of a counter.
#include "test/util/held_view.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/evm/opcode.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::execution {
namespace {

using enum evm::Opcode;

constexpr address kMint = address_of(0x3147);
constexpr uint32_t kTransactions = 60;
/// With two threads this one may begin before the first has ended.
constexpr uint32_t kFarAhead = sync::limit(40U, 5U);
address owner(uint64_t i) { return address_of(0x03e40000 + i); }

/// Gives the caller the token of the next number, which slot 0 holds, unless there are `most`: its slot, 64 further on, has its owner. Then
/// the number is more by what the first word of the call data says, behind a selector.
bytes mint_of(uint8_t most) {
    const auto code = [](auto... parts) { return bytes{static_cast<uint8_t>(parts)...}; };
    constexpr uint8_t kSold = 14;
    return code(PUSH1, 0, SLOAD, DUP1, PUSH1, most, GT, PUSH1, kSold, JUMPI, PUSH1, 0, DUP1, REVERT,  //
                JUMPDEST, CALLER, DUP2, PUSH1, 64, ADD, SSTORE, PUSH1, 4, CALLDATALOAD, ADD, PUSH1, 0, SSTORE);
}

/// All mint.
class CountersTest : public testing::Test {
  protected:
    CountersTest() {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = address_of(0xc01);
        state_.set_code(kMint, mint_of(200));
        state_.set_storage(kMint, 0, 1);
        for (uint32_t i = 0; i < kTransactions; ++i) {
            state_.insert(owner(i)).balance = uint256{1} << 100;
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.gas_limit = 100'000;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
            transaction.to = kMint;
            senders_.emplace_back(owner(i));
            call(i, 1, 1);
        }
    }

    /// Transaction `i` calls the function of that number and lets the counter go on by `step`.
    void call(uint32_t i, uint8_t function, uint8_t step) {
        bytes& data = transactions_[i].data;
        data.assign(36, 0);
        data.front() = function;
        data.back() = step;
    }
    /// Executes in order, and on two threads so that most transactions begin before the first has ended.
    BlockResult execute() {
        const BlockInput block{.header = &header_,
                               .transactions = transactions_,
                               .senders = senders_,
                               .ommers = {},
                               .withdrawals = {},
                               .rules = {.revision = types::Revision::Cancun}};
        const auto expected = SequentialExecutor{}.execute(block, state_);
        EXPECT_TRUE(expected);
        test::HeldView view(state_, owner(0), owner(kFarAhead));
        EXPECT_TRUE(executor_.execute(block, view) == expected);
        return expected.value_or(BlockResult{});
    }
    [[nodiscard]] uint64_t foretold() const { return executor_.statistics().foretold; }
    [[nodiscard]] uint64_t reexecutions() const { return executor_.statistics().reexecutions; }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
    ParallelExecutor executor_{2};
};

TEST_F(CountersTest, next_block_knows_the_counter) {
    execute();
    const BlockResult result = execute();
    EXPECT_EQ(std::ranges::count_if(result.receipts, &types::Receipt::status), kTransactions);
    if (optimisation::kForetoldCounters) {
        // Others go on from what these have written.
        EXPECT_GT(foretold(), 0);
        EXPECT_EQ(reexecutions(), 0);
    }
    executor_.forget_slots();
    execute();
    EXPECT_GT(reexecutions(), 0);
}

TEST_F(CountersTest, may_count_by_more_than_one) {
    state_.set_storage(kMint, 0, 3);
    for (uint32_t i = 0; i < kTransactions; ++i) call(i, 1, 3);
    for (int i = 0; i < 2; ++i) execute();
    if (optimisation::kForetoldCounters) EXPECT_EQ(reexecutions(), 0);
}

TEST_F(CountersTest, calls_of_different_functions_come_out_as_in_order) {
    for (uint32_t i = 0; i < kTransactions; ++i) call(i, i % 3 == 0 ? 2 : 1, i % 3 == 0 ? 0 : 1);
    for (int i = 0; i < 3; ++i) execute();
}

TEST_F(CountersTest, what_is_sold_out_is_not_foretold_for_long) {
    execute();
    state_.set_storage(kMint, 0, 201);
    const BlockResult result = execute();
    EXPECT_EQ(std::ranges::count_if(result.receipts, &types::Receipt::status), 0);
    EXPECT_EQ(foretold(), 0);
    execute();
    EXPECT_EQ(reexecutions(), 0) << "nobody writes";
}

TEST_F(CountersTest, who_takes_the_last_is_who_is_first) {
    state_.set_storage(kMint, 0, 180);
    for (int i = 0; i < 3; ++i) {
        const BlockResult result = execute();
        EXPECT_EQ(std::ranges::count_if(result.receipts, &types::Receipt::status), 20);
    }
}

}  // namespace
}  // namespace weft::execution
