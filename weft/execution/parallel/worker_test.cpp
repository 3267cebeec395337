// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/worker.hpp"

#include <gtest/gtest.h>

#include <set>

namespace weft::execution::parallel {
namespace {

class WorkerTest : public testing::Test {
  protected:
    void SetUp() override {
        executes_.join(0, attempts_, memory_.pool(0));
        commits_.join(1, attempts_, memory_.pool(1));
    }

    MultiVersionMemory memory_{2};
    AttemptPool attempts_;
    Worker executes_;
    Worker commits_;
};

TEST_F(WorkerTest, what_one_takes_and_another_recycles_comes_back) {
    std::set<const Attempt*> seen;
    for (int i = 0; i < 10'000; ++i) {
        Attempt& attempt = executes_.take_attempt();
        seen.insert(&attempt);
        commits_.recycle(attempt);
    }
    EXPECT_LE(seen.size(), 100u);
}

TEST_F(WorkerTest, a_recycled_attempt_is_like_a_new_one) {
    Attempt& attempt = executes_.take_attempt();
    attempt.has_result = true;
    attempt.gas_ahead = 1;
    attempt.repetitions = 2;
    attempt.held_after = 3;
    executes_.recycle(attempt);
    Attempt& again = executes_.take_attempt();
    EXPECT_EQ(&again, &attempt);
    EXPECT_FALSE(again.has_result);
    EXPECT_EQ(again.gas_ahead, Attempt::kAll);
    EXPECT_EQ(again.repetitions, 0u);
    EXPECT_EQ(again.held_after, kNever);
}

TEST_F(WorkerTest, who_waited_is_in_order_from_there_until_it_has_stored_what_others_wait_for) {
    Attempt& attempt = executes_.take_attempt();
    attempt.gas_used = 300'000;
    attempt.waits = 1;
    attempt.gas_ahead = 50'000;
    attempt.account_for_waits(200'000);
    // And 15,000 for the wait itself.
    EXPECT_EQ(attempt.gas_ahead, 135'000u);
    attempt.account_for_waits({});
    EXPECT_EQ(attempt.gas_ahead, 120'000u);
    attempt.waits = 10;
    attempt.account_for_waits({});
    EXPECT_EQ(attempt.gas_ahead, 1u) << "it is no repetition";
    attempt.gas_ahead = 0;
    attempt.account_for_waits({});
    EXPECT_EQ(attempt.gas_ahead, 0u);
}

TEST_F(WorkerTest, attempts_in_use_are_different_ones) {
    std::set<const Attempt*> taken;
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(taken.insert(i % 2 == 0 ? &executes_.take_attempt() : &commits_.take_attempt()).second);
}

}  // namespace
}  // namespace weft::execution::parallel
