// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/core_distance.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

TEST(CoreDistance, is_known_after_two_blocks_in_which_the_lines_were_read) {
    CoreDistance distance;
    distance.begin_block(2);
    distance.write();
    EXPECT_EQ(distance.line_ns(), 0) << "nobody has read them";
    for (const bool is_known : {false, true}) {
        distance.begin_block(2);
        distance.write();
        distance.read(1);
        EXPECT_EQ(distance.line_ns() > 0, is_known);
    }
}

TEST(CoreDistance, is_asked_of_each_worker_in_turn) {
    constexpr unsigned kWorkers = 3;
    unsigned asked = 0;
    for (int blocks = 1; blocks <= 4; ++blocks) {
        CoreDistance distance;
        for (int i = 0; i < blocks; ++i) distance.begin_block(kWorkers);
        const auto is_asked = [&](unsigned worker) {
            distance.read(worker);
            distance.read(worker);
            return distance.line_ns() > 0;
        };
        const unsigned now = is_asked(1) ? 1 : 2;
        EXPECT_TRUE(is_asked(now));
        EXPECT_NE(now, asked);
        asked = now;
    }
}

}  // namespace
}  // namespace weft::execution::parallel
