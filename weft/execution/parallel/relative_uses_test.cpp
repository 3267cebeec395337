// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/relative_uses.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

using Verdict = RelativeUses::Verdict;

TEST(RelativeUses, what_is_never_good_is_tried_twice) {
    RelativeUses uses;
    EXPECT_EQ(uses.verdict(), Verdict::unknown);
    uses.note_end(false);
    EXPECT_EQ(uses.verdict(), Verdict::unknown);
    uses.note_end(false);
    EXPECT_EQ(uses.verdict(), Verdict::in_vain);
    uses.begin();
    EXPECT_EQ(uses.verdict(), Verdict::unknown);
}

TEST(RelativeUses, slot_that_is_used_in_both_ways_is_tried_again_and_again) {
    RelativeUses uses;
    for (int i = 0; i < 100; ++i) {
        uses.note_end(true);
        EXPECT_EQ(uses.verdict(), Verdict::good);
        uses.note_end(false);
        EXPECT_EQ(uses.verdict(), Verdict::unknown);
    }
}

TEST(RelativeUses, slot_whose_readers_tolerate_too_little_is_given_up) {
    RelativeUses uses;
    int tries = 0;
    for (; uses.verdict() != Verdict::in_vain && tries < 10; ++tries) {
        uses.note_end(true);
        uses.note_conflict();
    }
    EXPECT_EQ(tries, 2);
}

TEST(RelativeUses, good_slot_survives_a_conflict) {
    RelativeUses uses;
    for (int i = 0; i < 10; ++i) uses.note_end(true);
    uses.note_conflict();
    EXPECT_EQ(uses.verdict(), Verdict::good);
}

TEST(RepairedSlots, those_of_the_block_before_are_kept_each_once) {
    RepairedSlots slots;
    for (uint64_t i = 0; i < 200; ++i) slots.add({.account = address_of(1), .slot = uint256{i % 100}});
    EXPECT_EQ(slots.count(), 200);
    EXPECT_TRUE(slots.of_last_block().empty());
    slots.begin_block();
    EXPECT_EQ(slots.count(), 0);
    EXPECT_EQ(slots.of_last_block().size(), 64);
    slots.add({.account = address_of(2), .slot = uint256{5}});
    slots.add({.account = address_of(2), .slot = uint256{5}});
    slots.begin_block();
    ASSERT_EQ(slots.of_last_block().size(), 1);
    EXPECT_EQ(slots.of_last_block()[0].account, address_of(2));
}

}  // namespace
}  // namespace weft::execution::parallel
