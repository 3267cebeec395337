// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/counter.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

TEST(Counter, is_known_when_two_have_added_the_same) {
    Counter counter;
    counter.note_write(5, 6);
    EXPECT_FALSE(counter.is_known());
    counter.note_write(9, 10);
    EXPECT_TRUE(counter.is_known());
    EXPECT_EQ(counter.step(), 1);
    counter.note_write(10, 12);
    EXPECT_FALSE(counter.is_known());
    counter.begin();
    counter.note_write(1, 2);
    EXPECT_FALSE(counter.is_known());
}

TEST(Counter, may_count_down_and_past_zero) {
    Counter counter;
    for (int i = 0; i < 2; ++i) counter.note_write(1, ~uint256{});
    EXPECT_TRUE(counter.is_known());
    EXPECT_EQ(uint256{10} + counter.step(), 8);
}

TEST(Counter, what_stays_or_jumps_is_none) {
    Counter counter;
    for (int i = 0; i < 5; ++i) counter.note_write(7, 7);
    EXPECT_FALSE(counter.is_known());
    for (int i = 0; i < 5; ++i) counter.note_write(0, uint256{1, 1, 0, 0});
    EXPECT_FALSE(counter.is_known());
    for (int i = 0; i < 5; ++i) counter.note_write(0, uint256{uint64_t{1} << 63});
    EXPECT_FALSE(counter.is_known());
}

TEST(Counter, errors_cost_more_than_writes_give) {
    Counter counter;
    counter.presume(3);
    EXPECT_TRUE(counter.is_known());
    for (uint256 i = 0; i < 30; i += 3) counter.note_write(i, i + 3);
    for (int i = 0; i < 2; ++i) counter.note_error();
    EXPECT_TRUE(counter.is_known());
    for (int i = 0; i < 2; ++i) counter.note_error();
    EXPECT_FALSE(counter.is_known());
    counter.note_write(0, 3);
    EXPECT_TRUE(counter.is_known());
}

}  // namespace
}  // namespace weft::execution::parallel
