// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/look_ahead.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

constexpr LookAhead::Commit kRepeated{.gas = 21'000, .in_order = 21'000, .was_ahead = true};
constexpr LookAhead::Commit kGood{.gas = 21'000, .in_order = 0, .was_ahead = true};
constexpr LookAhead::Commit kExact{.gas = 21'000, .in_order = 0, .was_ahead = false};

/// How many commits pass, all like this one, until the answer is `ahead`; at most 10,000.
uint32_t commits_until(LookAhead& look_ahead, const LookAhead::Commit& commit, bool ahead) {
    for (uint32_t count = 1; count < 10'000; ++count)
        if ((look_ahead.after(commit) != Reach::nothing) == ahead) return count;
    return 10'000;
}

TEST(LookAhead, stays_ahead_while_it_pays) {
    LookAhead look_ahead;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_NE(look_ahead.after(kGood), Reach::nothing);
        EXPECT_NE(look_ahead.after(i % 2 == 0 ? kRepeated : kGood), Reach::nothing);
    }
}

TEST(LookAhead, goes_in_order_for_longer_each_time_that_trying_fails) {
    LookAhead look_ahead;
    const uint32_t sample = commits_until(look_ahead, kRepeated, false);
    const uint32_t first = commits_until(look_ahead, kExact, true);
    EXPECT_EQ(commits_until(look_ahead, kRepeated, false), sample);
    EXPECT_EQ(commits_until(look_ahead, kExact, true), 2 * first);
    // It pays again, and a later failure begins from the start.
    for (uint32_t i = 0; i < sample; ++i) EXPECT_NE(look_ahead.after(kGood), Reach::nothing);
    EXPECT_EQ(commits_until(look_ahead, kRepeated, false), sample);
    EXPECT_EQ(commits_until(look_ahead, kExact, true), first);
}

TEST(LookAhead, goes_far_when_it_has_paid) {
    LookAhead look_ahead;
    const auto commits_until_far = [&] {
        uint32_t count = 1;
        while (count < 10'000 && look_ahead.after(kGood) != Reach::far) ++count;
        return count;
    };
    const uint32_t sample = commits_until_far();
    EXPECT_EQ(commits_until(look_ahead, kRepeated, false), sample);
    static_cast<void>(commits_until(look_ahead, kExact, true));
    EXPECT_EQ(commits_until_far(), sample) << "it is tried near by";
}

TEST(LookAhead, what_was_not_ahead_tells_nothing) {
    LookAhead look_ahead;
    for (int i = 0; i < 100; ++i) EXPECT_NE(look_ahead.after(kExact), Reach::nothing);
    const uint32_t sample = commits_until(look_ahead, kRepeated, false);
    LookAhead another;
    EXPECT_EQ(sample, commits_until(another, kRepeated, false));
}

TEST(LookAhead, judges_by_gas) {
    LookAhead look_ahead;
    // One of many, with most of the gas.
    constexpr LookAhead::Commit kDear{.gas = 10'000'000, .in_order = 9'000'000, .was_ahead = true};
    for (int i = 0; i < 1000 && look_ahead.is_ahead(); ++i) static_cast<void>(look_ahead.after(i % 8 == 0 ? kDear : kGood));
    EXPECT_FALSE(look_ahead.is_ahead());
}

TEST(RepetitionBudget, lasts_while_repetitions_hold_and_is_soon_used_up_where_they_do_not) {
    RepetitionBudget budget;
    budget.begin();
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(budget.take());
        budget.note_commit(true);
    }
    int in_vain = 0;
    while (in_vain < 1000 && budget.take()) ++in_vain;
    EXPECT_LE(in_vain, 16);
    // Now and then it is tried again.
    int tried = 0;
    for (int i = 0; i < 1000; ++i) {
        budget.note_commit(false);
        if (budget.take()) ++tried;
    }
    EXPECT_GT(tried, 10);
    EXPECT_LT(tried, 100);
}

}  // namespace
}  // namespace weft::execution::parallel
