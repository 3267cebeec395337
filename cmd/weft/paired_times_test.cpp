// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/paired_times.hpp"

#include "weft/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace weft::cli {
namespace {

TEST(ValuesOutside, are_those_of_printed_tables) {
    // Tables of the sign test at five percent, two-sided.
    EXPECT_FALSE(values_outside(0));
    EXPECT_FALSE(values_outside(1));
    EXPECT_FALSE(values_outside(5));
    EXPECT_EQ(values_outside(6), 0);
    EXPECT_EQ(values_outside(8), 0);
    EXPECT_EQ(values_outside(9), 1);
    EXPECT_EQ(values_outside(10), 1);
    EXPECT_EQ(values_outside(20), 5);
    EXPECT_EQ(values_outside(30), 9);
    EXPECT_EQ(values_outside(31), 9);
    EXPECT_EQ(values_outside(50), 17);
    EXPECT_EQ(values_outside(100), 39);
}

TEST(ValuesOutside, thousands_are_no_difficulty) {
    // By the normal approximation: 5000 - 0.98 * 100 - 1/2.
    const auto outside = values_outside(10'000);
    ASSERT_TRUE(outside);
    EXPECT_NEAR(static_cast<double>(*outside), 4'901, 1);
}

TEST(Estimated, median_and_order_statistics) {
    std::vector<double> values(31);
    std::iota(values.begin(), values.end(), 1);
    std::ranges::reverse(values);
    const Estimate result = estimate(values);
    EXPECT_DOUBLE_EQ(result.median, 16);
    ASSERT_TRUE(result.interval);
    EXPECT_DOUBLE_EQ(result.interval->low, 10);
    EXPECT_DOUBLE_EQ(result.interval->high, 22);
}

TEST(Estimated, few_values_have_no_interval) {
    EXPECT_DOUBLE_EQ(estimate({3, 1}).median, 2);
    EXPECT_FALSE(estimate({3, 1}).interval);
    EXPECT_FALSE(estimate({1, 2, 3, 4, 5}).interval);
    EXPECT_TRUE(estimate({1, 2, 3, 4, 5, 6}).interval);
}

TEST(Estimated, the_interval_holds_the_median_as_often_as_it_says) {
    // Of a skewed distribution, so that nothing but the order helps: the square of a uniform number, whose median is a quarter.
    Random random(1);
    constexpr int kTrials = 4'000;
    int held = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
        std::vector<double> values(30);
        for (double& value : values) {
            const double uniform = static_cast<double>(random.below(1'000'000)) / 1e6;
            value = uniform * uniform;
        }
        const Estimate result = estimate(values);
        held += result.interval->low <= 0.25 && 0.25 <= result.interval->high ? 1 : 0;
    }
    // 95.7 percent for thirty values; four standard deviations of the count are 1.3 percent.
    EXPECT_NEAR(static_cast<double>(held) / kTrials, 0.957, 0.013);
}

TEST(Paired, ratio_is_the_median_of_the_ratios) {
    // Moods of the machine that last for a pair do not matter.
    const PairedTimes times{.before_ms = {2, 20, 200}, .after_ms = {1, 10, 50}};
    EXPECT_EQ(times.ratios(), (std::vector<double>{2, 2, 4}));
    EXPECT_DOUBLE_EQ(times.speedup()->median, 2);
    EXPECT_FALSE(PairedTimes{}.speedup());
}

TEST(Paired, sums_and_geometric_means_go_pair_by_pair) {
    const std::vector<PairedTimes> all{{.before_ms = {4, 1, 9}, .after_ms = {1, 1, 1}}, {.before_ms = {4, 4, 4}, .after_ms = {4, 1, 4}}};
    const PairedTimes sum = sum_of(all, 3);
    EXPECT_EQ(sum.before_ms, (std::vector<double>{8, 5, 13}));
    EXPECT_EQ(sum.after_ms, (std::vector<double>{5, 2, 5}));
    // Of 4 and 1, of 1 and 4, of 9 and 1: the median of 2, 2 and 3.
    EXPECT_DOUBLE_EQ(geometric_mean_of(all, 3).median, 2);
}

TEST(Measured, short_executions_are_repeated) {
    Measurement measurement(5);
    int executions = 0;
    EXPECT_DOUBLE_EQ(measurement.measure([&] { return ++executions, 2.0; }), 2);
    EXPECT_EQ(executions, 3);
    // As many as before, though fewer would do now.
    EXPECT_DOUBLE_EQ(measurement.measure([&] { return ++executions, 4.0; }), 4);
    EXPECT_EQ(executions, 6);
    // More, because so many would not do.
    EXPECT_DOUBLE_EQ(measurement.measure([&] { return ++executions, 1.0; }), 1);
    EXPECT_EQ(executions, 11);
    EXPECT_EQ(measurement.executions(), 5);
}

TEST(Measured, long_executions_are_not) {
    Measurement measurement(5);
    int executions = 0;
    EXPECT_DOUBLE_EQ(measurement.measure([&] { return ++executions, 7.5; }), 7.5);
    EXPECT_EQ(executions, 1);
}

TEST(Grouped, name_and_members) {
    const auto group = parse_group("full=13217637,14029313");
    ASSERT_TRUE(group);
    EXPECT_EQ(group->name, "full");
    EXPECT_EQ(group->members, (std::vector<std::string>{"13217637", "14029313"}));
    EXPECT_EQ(parse_group("one=a")->members, (std::vector<std::string>{"a"}));
    for (const char* wrong : {"", "full", "=a", "full=", "full=a,", "full=,a", "full=a,,b"}) EXPECT_FALSE(parse_group(wrong)) << wrong;
}

}  // namespace
}  // namespace weft::cli
