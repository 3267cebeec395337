// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/sync.hpp"

#include <gtest/gtest.h>

namespace weft::sync {
namespace {

using namespace std::chrono_literals;

TEST(PausesIn, are_more_in_a_longer_time_and_one_at_least) {
    EXPECT_EQ(pauses_in(0ns), 1U);
    // In a build that simulates always one.
    EXPECT_GE(pauses_in(10us), limit(2U, 1U) * pauses_in(1us));
    // Rounded down.
    EXPECT_NEAR(pauses_in(1ms), limit(10.0, 1.0) * pauses_in(100us), 10);
}

}  // namespace
}  // namespace weft::sync
