// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/simulated_schedule.hpp"

#include <gtest/gtest.h>

namespace weft::workloads {
namespace {

/// Transactions that take `execute` each, and committing nothing.
ScheduledBlock block_of(uint32_t transactions, double execute = 1) {
    ScheduledBlock block;
    block.transactions.assign(transactions, {.execute = execute, .repeat = execute});
    return block;
}

TEST(SimulatedSchedule, one_thread_takes_the_sum) {
    ScheduledBlock block{.begin = 3, .end = 4};
    for (uint32_t i = 0; i < 10; ++i) block.transactions.push_back({.execute = 1.0 + i, .repeat = 100, .commit = 0.5});
    for (uint32_t i = 1; i < 10; ++i) block.transactions[i].writers = {i - 1};
    block.transactions[5].previous = 2;
    const ScheduleOutcome outcome = simulate_schedule(block, 1);
    EXPECT_DOUBLE_EQ(outcome.time, 3 + 55 + 10 * 0.5 + 4);
    EXPECT_EQ(outcome.repeated, 0);
}

TEST(SimulatedSchedule, independent_transactions_are_shared_evenly) {
    for (const unsigned threads : {2U, 4U, 8U, 16U}) EXPECT_DOUBLE_EQ(simulate_schedule(block_of(1'600), threads).time, 1'600.0 / threads);
}

TEST(SimulatedSchedule, a_chain_of_one_sender_gains_nothing_and_repeats_nothing) {
    ScheduledBlock block = block_of(200);
    for (uint32_t i = 1; i < 200; ++i) {
        block.transactions[i].previous = i - 1;
        block.transactions[i].writers = {i - 1};
    }
    for (const unsigned threads : {2U, 16U}) {
        EXPECT_DOUBLE_EQ(simulate_schedule(block, threads).time, 200);
        EXPECT_EQ(simulate_schedule(block, threads).repeated, 0);
    }
}

TEST(SimulatedSchedule, a_chain_that_the_block_waits_for_goes_ahead) {
    // Sixty for one thread, and then sixty that follow each other.
    ScheduledBlock block = block_of(120);
    for (ScheduledTransaction& transaction : block.transactions) transaction.gas = 10;
    for (uint32_t i = 61; i < 120; ++i) block.transactions[i].previous = i - 1;
    EXPECT_NEAR(simulate_schedule(block, 2).time, 60, 1);
    // Not if it is thought to be cheap: half of the others' time, then its own.
    for (uint32_t i = 60; i < 120; ++i) block.transactions[i].gas = 9;
    EXPECT_NEAR(simulate_schedule(block, 2).time, 90, 1);
}

TEST(SimulatedSchedule, dear_ones_that_the_block_waits_for_go_ahead) {
    // Sixty for one thread, and one near the end that takes as long.
    ScheduledBlock block = block_of(60);
    for (ScheduledTransaction& transaction : block.transactions) transaction.gas = 50'000;
    block.transactions[55] = {.execute = 60, .repeat = 60, .gas = 3'000'000};
    EXPECT_NEAR(simulate_schedule(block, 2).time, 60, 1);
    // Not if it looks like others: half of the others' time, then its own.
    block.transactions[55].gas = 50'000;
    EXPECT_NEAR(simulate_schedule(block, 2).time, 87, 2);
    // In vain if it reads what one of those wrote.
    block.transactions[55].gas = 3'000'000;
    block.transactions[55].writers = {54};
    EXPECT_EQ(simulate_schedule(block, 2).repeated, 1);
    EXPECT_NEAR(simulate_schedule(block, 2).time, 120, 1);
}

TEST(SimulatedSchedule, a_chain_of_many_senders_is_executed_twice) {
    ScheduledBlock block = block_of(200);
    for (uint32_t i = 1; i < 200; ++i) block.transactions[i].writers = {i - 1};
    const ScheduleOutcome outcome = simulate_schedule(block, 4);
    // Nearly all begin too early; who repeats them does nothing else, so that they cannot gain.
    EXPECT_GT(outcome.repeated, 190);
    EXPECT_GE(outcome.time, 190);
}

TEST(SimulatedSchedule, commits_go_one_after_another) {
    ScheduledBlock block = block_of(1'000);
    for (ScheduledTransaction& transaction : block.transactions) transaction.commit = 0.25;
    // Four threads could commit all the time; more wait for them.
    EXPECT_NEAR(simulate_schedule(block, 2).time, 625, 5);
    EXPECT_NEAR(simulate_schedule(block, 16).time, 250, 5);
}

TEST(SimulatedSchedule, who_begins_after_the_writer_need_not_repeat) {
    // Two at a time: 0 and 1, then 2, which reads what 0 wrote.
    ScheduledBlock block = block_of(4);
    block.transactions[2].writers = {0};
    EXPECT_EQ(simulate_schedule(block, 2).repeated, 0);
    EXPECT_DOUBLE_EQ(simulate_schedule(block, 2).time, 2);
    block.transactions[1].writers = {0};
    EXPECT_EQ(simulate_schedule(block, 2).repeated, 1);
    EXPECT_DOUBLE_EQ(simulate_schedule(block, 2).time, 3);
}

TEST(SimulatedSchedule, one_long_transaction_keeps_the_window_only_so_long) {
    ScheduledBlock block = block_of(400);
    block.transactions[0].execute = 1'000;
    // 64 + 2 * 8 transactions, itself among them, may be begun before it is committed.
    EXPECT_DOUBLE_EQ(simulate_schedule(block, 2).time, 1'000 + 320.0 / 2);
}

TEST(SimulatedSchedule, beginning_and_end_count_once_and_shared) {
    ScheduledBlock block = block_of(0);
    block.begin = 7;
    block.end = 8;
    EXPECT_DOUBLE_EQ(simulate_schedule(block, 4).time, 9);
}

}  // namespace
}  // namespace weft::workloads
