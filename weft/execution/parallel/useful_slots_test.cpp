// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/useful_slots.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

TEST(UsefulSlots, those_of_the_block_before_are_kept_each_once) {
    UsefulSlots slots;
    for (uint64_t i = 0; i < 200; ++i) slots.add({.account = address_of(1), .slot = uint256{i % 100}});
    EXPECT_EQ(slots.count(), 200);
    EXPECT_TRUE(slots.of_last_block().empty());
    slots.begin_block();
    EXPECT_EQ(slots.count(), 0);
    EXPECT_EQ(slots.of_last_block().size(), 64);
    slots.remember({.account = address_of(2), .slot = uint256{5}}, 7);
    slots.add({.account = address_of(2), .slot = uint256{5}});
    EXPECT_EQ(slots.count(), 1);
    slots.begin_block();
    ASSERT_EQ(slots.of_last_block().size(), 1);
    EXPECT_EQ(slots.of_last_block()[0].location.account, address_of(2));
    EXPECT_EQ(slots.of_last_block()[0].step, 7);
}

}  // namespace
}  // namespace weft::execution::parallel
