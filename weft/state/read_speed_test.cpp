// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/read_speed.hpp"

#include <gtest/gtest.h>

namespace weft::state {
namespace {

using std::chrono::microseconds;

void note(ReadSpeed& speed, unsigned times, microseconds waited) {
    for (unsigned i = 0; i < times; ++i) speed.note(waited);
}

TEST(ReadSpeedTest, follows_how_long_reads_wait) {
    ReadSpeed speed;
    EXPECT_FALSE(speed.is_slow());
    note(speed, 1'000, microseconds(5));
    EXPECT_FALSE(speed.is_slow());
    note(speed, 1'000, microseconds(100));
    EXPECT_TRUE(speed.is_slow());
    note(speed, 1'000, microseconds(5));
    EXPECT_FALSE(speed.is_slow());
}

TEST(ReadSpeedTest, between_the_ends_it_stays_what_it_was) {
    ReadSpeed speed;
    note(speed, 1'000, microseconds(35));
    EXPECT_FALSE(speed.is_slow());
    note(speed, 1'000, microseconds(100));
    note(speed, 1'000, microseconds(35));
    EXPECT_TRUE(speed.is_slow());
}

TEST(ReadSpeedTest, loss_of_the_core_in_one_read_of_ten_is_not_slow) {
    ReadSpeed speed;
    for (unsigned i = 0; i < 10'000; ++i) {
        speed.note(i % 10 == 9 ? std::chrono::seconds(1) : microseconds(5));
        EXPECT_FALSE(speed.is_slow());
    }
}

}  // namespace
}  // namespace weft::state
