// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_executor.hpp"

#include "weft/base/io_pool.hpp"
#include "weft/state/asynchronous_view.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

namespace weft::execution {
namespace {

constexpr uint64_t kTransferGas = 21'000;

class BlockExecutorTest : public testing::Test {
  protected:
    BlockExecutorTest() {
        header_.number = 100;
        header_.gas_limit = 1'000'000'000;
    }

    static address sender(uint64_t i) { return address_of(0x5e4d0000 + i); }

    /// `count` transfers, each by the sender that `sender_of` says.
    template <typename SenderOf>
    void add_transfers(uint64_t count, const SenderOf& sender_of) {
        std::vector<uint64_t> nonces(count);
        for (uint64_t i = 0; i < count; ++i) {
            const uint64_t number = sender_of(i);
            state_.insert(sender(number)).balance = uint256{1} << 100;
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.nonce = nonces[number]++;
            transaction.gas_limit = kTransferGas;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
            transaction.to = address_of(0xbee);
            senders_.emplace_back(sender(number));
        }
        header_.gas_used = count * kTransferGas;
    }

    BlockInput block() const {
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = {},
                .rules = {.revision = types::Revision::Istanbul}};
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

TEST_F(BlockExecutorTest, plans_order_for_an_empty_block) { EXPECT_EQ(plan_of(block(), 8, 0).workers, 1U); }

TEST_F(BlockExecutorTest, plans_order_for_few_transfers) {
    add_transfers(10, [](uint64_t i) { return i; });
    EXPECT_EQ(plan_of(block(), 8, 0).workers, 1U);
}

TEST_F(BlockExecutorTest, plans_order_on_one_thread) {
    add_transfers(2000, [](uint64_t i) { return i; });
    EXPECT_EQ(plan_of(block(), 1, 0).workers, 1U);
}

TEST_F(BlockExecutorTest, plans_parallel_execution_for_many_senders) {
    add_transfers(2000, [](uint64_t i) { return i; });
    EXPECT_EQ(plan_of(block(), 2, 0).workers, 2U);
    EXPECT_EQ(plan_of(block(), 3, 0).workers, 3U);
    EXPECT_GT(plan_of(block(), 16, 0).workers, 3U);
    EXPECT_LT(plan_of(block(), 16, 0).parallel_us, plan_of(block(), 3, 0).parallel_us);
}

TEST_F(BlockExecutorTest, plans_parallel_execution_of_one_large_call_beside_others) {
    add_transfers(4, [](uint64_t i) { return i; });
    for (types::Transaction& transaction : transactions_) transaction.gas_limit = 10'000'000;
    header_.gas_used = 30'000'000;
    EXPECT_EQ(plan_of(block(), 2, 0).workers, 2U);
}

TEST_F(BlockExecutorTest, plans_order_where_most_gas_is_for_new_code) {
    add_transfers(50, [](uint64_t i) { return i; });
    for (types::Transaction& transaction : transactions_) transaction.gas_limit = 250'000;
    header_.gas_used = 12'000'000;
    EXPECT_EQ(plan_of(block(), 2, 0).workers, 2U);
    for (types::Transaction& transaction : transactions_) transaction.to.reset();
    EXPECT_EQ(plan_of(block(), 2, 0).workers, 1U);
}

TEST_F(BlockExecutorTest, plans_order_for_the_calls_of_one_sender) {
    add_transfers(2000, [](uint64_t) { return 7; });
    EXPECT_EQ(plan_of(block(), 2, 0).workers, 2U) << "payments do not wait for each other";
    for (types::Transaction& transaction : transactions_) transaction.data.push_back(1);
    EXPECT_EQ(plan_of(block(), 8, 0).workers, 1U);
}

TEST_F(BlockExecutorTest, plans_order_for_so_little_that_two_threads_hardly_gain_anything) {
    add_transfers(2000, [](uint64_t i) { return i; });
    for (types::Transaction& transaction : transactions_) transaction.data.push_back(1);
    EXPECT_EQ(plan_of(block(), 2, 0).workers, 1U);
    EXPECT_EQ(plan_of(block(), 3, 0).workers, 3U);
}

TEST_F(BlockExecutorTest, plans_parallel_execution_of_payments_whatever_their_order) {
    add_transfers(2000, [](uint64_t) { return 7; });
    EXPECT_EQ(plan_of(block(), 2, 0.95, TransactionKind::payments).workers, 2U);
    EXPECT_EQ(plan_of(block(), 1, 0, TransactionKind::payments).workers, 1U);
    transactions_.resize(64);
    senders_.resize(64);
    EXPECT_EQ(plan_of(block(), 2, 0, TransactionKind::payments).workers, 1U);
}

TEST_F(BlockExecutorTest, plans_order_when_nearly_everything_conflicts) {
    add_transfers(2000, [](uint64_t i) { return i; });
    EXPECT_EQ(plan_of(block(), 8, 0.95).workers, 1U);
}

/// A millisecond in order, and as much work in parallel.
constexpr ExecutionPlan kPlan{.sequential_us = 1000, .shared_us = 1000};
constexpr uint64_t kMillisecond = 1'000'000;

/// What is learnt first, half of the share in order, as it counts as much as what was before. The block was prepared as fast as planned.
double share_after(ParallelStatistics statistics, const ExecutionPlan& plan = kPlan) {
    if (statistics.preparation_ns == 0) statistics.preparation_ns = 80'000 + 5'000 * (statistics.threads - 2);
    ConflictShare share;
    share.observe(statistics, plan);
    return share.value();
}

TEST_F(BlockExecutorTest, conflicts_are_forgotten_while_blocks_execute_in_order) {
    ConflictShare share;
    share.observe({.threads = 2, .gas = 100, .idle_share = 0.5, .preparation_ns = 80'000, .busy_ns = kMillisecond}, kPlan);
    EXPECT_EQ(share.value(), 0.5);
    for (int i = 0; i < 100; ++i) share.fade();
    EXPECT_LT(share.value(), 0.01);
}

TEST_F(BlockExecutorTest, what_blocks_gain_is_learnt_from_idle_time_and_from_what_was_in_vain) {
    EXPECT_EQ(share_after({.threads = 2, .gas = 300, .busy_ns = kMillisecond}), 0);
    EXPECT_DOUBLE_EQ(share_after({.threads = 2, .gas = 300, .gas_in_vain = 100, .busy_ns = kMillisecond}), 0.58 / 3) << "it gains 1.3";
    EXPECT_DOUBLE_EQ(share_after({.threads = 4, .gas = 300, .idle_share = 0.25, .busy_ns = kMillisecond}), 1.0 / 18) << "it gains 3";
    EXPECT_EQ(share_after({.threads = 4, .gas = 300, .idle_share = 0.9, .busy_ns = kMillisecond}), 0.5) << "it loses";
    EXPECT_EQ(share_after({.threads = 1, .gas = 300, .gas_in_vain = 300, .busy_ns = kMillisecond}), 0) << "one worker shows nothing";
    EXPECT_EQ(share_after({.threads = 2, .gas = 300, .gas_in_vain = 300}), 0) << "nor does no time";
}

TEST_F(BlockExecutorTest, what_parallel_execution_adds_is_no_gain) {
    EXPECT_NEAR(share_after({.threads = 2, .transactions = 625, .gas = 300, .busy_ns = kMillisecond}), 0.58 / 3, 1e-9) << "it gains 1.3";
    EXPECT_NEAR(share_after({.threads = 2, .gas = 300, .waits = 250, .busy_ns = kMillisecond}), 0.58 / 3, 1e-9);
    EXPECT_EQ(share_after({.threads = 2, .transactions = 10'000, .gas = 300, .busy_ns = kMillisecond}), 0.5);
    EXPECT_EQ(share_after({.threads = 2, .transactions = 625, .gas = 625 * 21'000, .busy_ns = kMillisecond, .joined_payments = 625}), 0);
}

TEST_F(BlockExecutorTest, what_was_repeated_took_time_in_vain) {
    EXPECT_DOUBLE_EQ(share_after({.threads = 2, .gas = 300, .repeated_ns = 250'000, .busy_ns = kMillisecond}), 0.58 / 3);
}

TEST_F(BlockExecutorTest, beginning_and_end_of_a_block_count) {
    EXPECT_DOUBLE_EQ(share_after({.threads = 2, .gas = 300, .preparation_ns = 180'000, .busy_ns = kMillisecond}), 0.1);
    const double share = share_after({.threads = 2, .gas = 300, .ending_ns = 100'000, .busy_ns = kMillisecond});
    EXPECT_NEAR(share, 0.68 / 1.15 - 0.58, 1e-9) << "in order the end takes 150 us";
}

TEST_F(BlockExecutorTest, a_plan_that_promises_less_explains_a_lower_gain) {
    const ParallelStatistics statistics{.threads = 2, .gas = 300, .gas_in_vain = 100, .busy_ns = kMillisecond};
    EXPECT_EQ(share_after(statistics, {.sequential_us = 1000, .shared_us = 1400}), 0);
    EXPECT_EQ(share_after(statistics, {.sequential_us = 46'000, .recovery_us = 45'000, .shared_us = 1000}), share_after(statistics));
}

TEST_F(BlockExecutorTest, cores_that_are_far_from_each_other_gain_less) {
    const auto share_with = [](double line_ns, ParallelStatistics statistics) {
        statistics.threads = 2;
        statistics.gas = 10'000'000;
        statistics.busy_ns = kMillisecond;
        statistics.line_ns = line_ns;
        return share_after(statistics);
    };
    EXPECT_NEAR(share_with(25, {}), 0.0305, 0.0001) << "it gains 1.64";
    EXPECT_NEAR(share_with(130, {}), 0.2038, 0.0001) << "it gains 1.28";
    EXPECT_GT(share_with(25, {.moved_slots = 1000}), share_with(25, {}));
    EXPECT_EQ(share_with(130, {.moved_slots = 1000}), 0.5) << "it loses";
    EXPECT_GT(share_with(130, {.waits = 10}), share_with(25, {.waits = 10}));
}

TEST_F(BlockExecutorTest, gas_for_new_code_hands_on_nothing) {
    const ParallelStatistics statistics{.threads = 2, .gas = 10'000'000, .busy_ns = kMillisecond, .line_ns = 130};
    ExecutionPlan plan = kPlan;
    plan.working_gas = 0.5;
    EXPECT_NEAR(share_after(statistics, plan), 0.0867, 0.0001) << "it gains 1.5";

    add_transfers(50, [](uint64_t i) { return i; });
    EXPECT_EQ(plan_of(block(), 2, 0).working_gas, 1);
    for (types::Transaction& transaction : transactions_) transaction.gas_limit = 250'000;
    header_.gas_used = 12'500'000;
    EXPECT_EQ(plan_of(block(), 2, 0).working_gas, 1);
    for (types::Transaction& transaction : transactions_) transaction.to.reset();
    EXPECT_LT(plan_of(block(), 2, 0).working_gas, 0.25);
}

TEST_F(BlockExecutorTest, what_was_tried_in_vain_is_tried_less_often) {
    ConflictShare share;
    const auto blocks_until_half = [&] {
        const double half = share.value() / 2;
        int blocks = 0;
        for (; share.value() > half; ++blocks) share.fade();
        return blocks;
    };
    const auto try_in_vain = [&] {
        share.observe({.threads = 2, .gas = 100, .gas_in_vain = 50, .idle_share = 0.3, .busy_ns = kMillisecond}, kPlan);
    };
    try_in_vain();
    const int first = blocks_until_half();
    try_in_vain();
    const int second = blocks_until_half();
    EXPECT_GE(second, first * 2 - 1);
    for (int i = 0; i < 10; ++i) try_in_vain();
    EXPECT_LE(blocks_until_half(), 120);
    share.observe({.threads = 2, .gas = 100, .gas_in_vain = 10, .idle_share = 0.2, .busy_ns = kMillisecond}, kPlan);
    EXPECT_LE(blocks_until_half(), 7);
}

TEST_F(BlockExecutorTest, the_result_does_not_depend_on_the_plan) {
    BlockExecutor executor(4);
    add_transfers(1000, [](uint64_t i) { return i / 2; });
    const auto expected = SequentialExecutor().execute(block(), state_);
    ASSERT_TRUE(expected.has_value());
    EXPECT_EQ(executor.execute(block(), state_), expected);
    EXPECT_GT(executor.plan().workers, 1U);
    EXPECT_EQ(executor.statistics().threads, executor.plan().workers);

    transactions_.resize(3);
    senders_.resize(3);
    header_.gas_used = 3 * kTransferGas;
    EXPECT_EQ(executor.execute(block(), state_), SequentialExecutor().execute(block(), state_));
    EXPECT_EQ(executor.plan().workers, 1U);
}

TEST_F(BlockExecutorTest, without_a_choice_all_threads_execute) {
    BlockExecutor executor(3, Choice::always_parallel);
    add_transfers(5, [](uint64_t i) { return i; });
    EXPECT_EQ(executor.execute(block(), state_), SequentialExecutor().execute(block(), state_));
    EXPECT_EQ(executor.plan().workers, 3U);
    EXPECT_EQ(executor.statistics().threads, 3U);
}

TEST_F(BlockExecutorTest, any_number_of_workers_gives_the_same_result) {
    ParallelExecutor executor(4);
    add_transfers(300, [](uint64_t i) { return i % 40; });
    const auto expected = SequentialExecutor().execute(block(), state_);
    for (const unsigned workers : {3U, 1U, 4U, 2U}) {
        EXPECT_EQ(executor.execute(block(), state_, {}, workers), expected);
        EXPECT_EQ(executor.statistics().threads, workers);
    }
}

TEST_F(BlockExecutorTest, slow_reads_are_waited_for_in_parallel) {
    add_transfers(3, [](uint64_t i) { return i; });
    IoPool pool(2, 16);
    BlockExecutor executor(8);
    const auto expected = executor.execute(block(), state_);
    EXPECT_EQ(executor.plan().workers, 1U);
    state::AsynchronousView view(state_, pool);
    EXPECT_EQ(executor.execute(block(), view), expected);
    EXPECT_EQ(executor.plan().workers, 3U);
    // A single one has nobody to give way to.
    transactions_.resize(1);
    senders_.resize(1);
    state::AsynchronousView next(state_, pool);
    EXPECT_TRUE(executor.execute(block(), next));
    EXPECT_EQ(executor.plan().workers, 1U);
}

}  // namespace
}  // namespace weft::execution
