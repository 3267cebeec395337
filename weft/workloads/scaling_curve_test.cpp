// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/scaling_curve.hpp"

#include "weft/base/hex.hpp"
#include "weft/workloads/world.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weft::workloads {
namespace {

constexpr address kContract = address_of(0xc0de);

class ScalingOf : public testing::Test {
  protected:
    ScalingOf() {
        world_.fund(0, 20);
        // sstore(0, sload(0) + 1)
        world_.state().set_code(kContract, *from_hex("0x5f546001015f55"));
    }

    void pay(uint64_t from, uint64_t to, const uint256& value = 1) {
        world_.append({.from = account(from), .to = account(to), .value = value, .data = {}, .gas_limit = 21'000}, batch_);
    }
    void count(uint64_t from) {
        world_.append({.from = account(from), .to = kContract, .value = {}, .data = {}, .gas_limit = 500'000}, batch_);
    }
    [[nodiscard]] MeasuredBlock measure() {
        const types::Header header = world_.next_header(100'000'000);
        auto measured = measure_for_schedule(block_of(batch_, header, world_.rules()), world_.state(), [] {});
        EXPECT_TRUE(measured && *measured);
        EXPECT_EQ((*measured)->block.transactions.size(), batch_.transactions.size());
        return **std::move(measured);
    }
    using Writers = std::vector<uint32_t>;

    Artifacts artifacts_{"/nonexistent"};
    World world_{artifacts_};
    Batch batch_;
};

TEST_F(ScalingOf, payments_depend_on_nobody) {
    for (uint64_t i = 0; i < 5; ++i) pay(i, 19);
    const auto transactions = measure().block.transactions;
    for (const ScheduledTransaction& transaction : transactions) {
        EXPECT_EQ(transaction.writers, Writers{});
        EXPECT_EQ(transaction.previous, ScheduledTransaction::kNone);
        EXPECT_GT(transaction.repeat, 0);
    }
    // Of all five together.
    EXPECT_GT(transactions[0].execute, 0);
    for (size_t i = 1; i < 5; ++i) EXPECT_EQ(transactions[i].execute, 0);
}

TEST_F(ScalingOf, a_counter_depends_on_who_counted_last) {
    count(0);
    pay(1, 19);
    count(2);
    count(0);
    const auto transactions = measure().block.transactions;
    EXPECT_EQ(transactions[0].writers, Writers{});
    EXPECT_EQ(transactions[1].writers, Writers{});
    EXPECT_EQ(transactions[2].writers, Writers{0});
    EXPECT_EQ(transactions[3].writers, Writers{2});
    EXPECT_EQ(transactions[3].previous, 0);
}

TEST_F(ScalingOf, what_was_just_received_depends_on_who_sent_it) {
    const uint256 amount{1'000'000'000'000'000'000};
    pay(0, 100, amount);
    pay(100, 101, amount - uint256{21'000} * kMaxFee);
    EXPECT_EQ(measure().block.transactions[1].writers, Writers{0});
}

TEST_F(ScalingOf, the_curve_has_a_point_for_each_number_of_threads) {
    for (uint64_t i = 0; i < 20; ++i) count(i);
    const types::Header header = world_.next_header(100'000'000);
    constexpr std::array<unsigned, 3> kThreads{1, 2, 16};
    const auto curve = simulate_scaling(block_of(batch_, header, world_.rules()), world_.state(), [] {}, kThreads);
    ASSERT_TRUE(curve && *curve);
    ASSERT_EQ((*curve)->size(), 3);
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_EQ((**curve)[i].threads, kThreads[i]);
        EXPECT_GT((**curve)[i].speedup, 0);
        EXPECT_GE((**curve)[i].bound, 1);
        EXPECT_LE((**curve)[i].speedup, (**curve)[i].bound);
    }
    EXPECT_EQ((**curve)[0].repeated, 0);
    // All others begin before the first has counted.
    EXPECT_GT((**curve)[2].repeated, 10);
}

TEST_F(ScalingOf, a_block_that_breaks_a_rule_is_an_error) {
    pay(0, 1);
    batch_.transactions[0].nonce = 7;
    const types::Header header = world_.next_header(100'000'000);
    EXPECT_FALSE(measure_for_schedule(block_of(batch_, header, world_.rules()), world_.state(), [] {}));
}

}  // namespace
}  // namespace weft::workloads
