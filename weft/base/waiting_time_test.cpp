// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/waiting_time.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace weft {
namespace {

using std::chrono::milliseconds;

TEST(WaitingTimeTest, counts_what_is_waited_for) {
    const WaitingTime time;
    std::this_thread::sleep_for(milliseconds(2));
    EXPECT_GE(time.passed(), milliseconds(2));
}

TEST(WaitingTimeTest, counts_nothing_that_is_computed) {
    const auto end = WaitingTime::Clock::now() + milliseconds(20);
    const WaitingTime time;
    while (WaitingTime::Clock::now() < end) {
    }
    EXPECT_EQ(time.passed(), WaitingTime::Clock::duration::zero());
}

}  // namespace
}  // namespace weft
