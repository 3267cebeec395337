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

}  // namespace
}  // namespace weft::execution::parallel
