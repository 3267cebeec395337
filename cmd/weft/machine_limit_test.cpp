// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/machine_limit.hpp"

#include "weft/execution/system_contracts.hpp"
#include "weft/workloads/workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace weft::cli {
namespace {

/// On two threads: speed-ups of 1.5, 1 and 2 beside limits of 2, 1 and 1.6.
LimitTimes three_rounds() {
    return limit_of(2, {.before_ms = {6, 4, 8}, .after_ms = {4, 4, 4}}, {.ms = {6, 8, 10}, .line_ns = {30, 130, 40}});
}

TEST(Limit, is_what_threads_gain_that_share_nothing) {
    const LimitTimes times = three_rounds();
    EXPECT_EQ(times.limit.ratios(), (std::vector<double>{2, 1, 1.6}));
    EXPECT_DOUBLE_EQ(times.estimate()->limit.median, 1.6);
    EXPECT_FALSE(times.estimate()->limit.interval);
}

TEST(Limit, share_is_speed_up_over_limit_round_by_round) {
    const LimitTimes times = three_rounds();
    EXPECT_EQ(times.share.ratios(), (std::vector<double>{0.75, 1, 1.25}));
    // Not the median of the speed-ups over the median of the limits, which is 1.5 / 1.6.
    EXPECT_DOUBLE_EQ(times.estimate()->share.median, 1);
}

TEST(Limit, six_rounds_have_an_interval) {
    const PairedTimes pairs{.before_ms = {6, 6, 6, 6, 6, 6}, .after_ms = {4, 4, 4, 4, 4, 4}};
    const auto estimate = limit_of(3, pairs, {.ms = {18, 9, 6, 12, 9, 9}, .line_ns = {}}).estimate();
    ASSERT_TRUE(estimate && estimate->limit.interval && estimate->share.interval);
    EXPECT_DOUBLE_EQ(estimate->limit.median, 2);
    EXPECT_DOUBLE_EQ(estimate->limit.interval->low, 1);
    EXPECT_DOUBLE_EQ(estimate->limit.interval->high, 3);
    EXPECT_DOUBLE_EQ(estimate->share.median, 0.75);
    EXPECT_DOUBLE_EQ(estimate->share.interval->low, 0.5);
    EXPECT_DOUBLE_EQ(estimate->share.interval->high, 1.5);
}

TEST(Limit, sums_and_geometric_means_go_round_by_round) {
    const std::vector<LimitTimes> all{limit_of(2, {.before_ms = {6}, .after_ms = {4}}, {.ms = {6}, .line_ns = {}}),
                                      limit_of(2, {.before_ms = {2}, .after_ms = {1}}, {.ms = {8}, .line_ns = {}})};
    // 8 ms in order, 5 in parallel, 14 together.
    const auto sum = sum_of(all, 1).estimate();
    EXPECT_DOUBLE_EQ(sum->limit.median, 16.0 / 14);
    EXPECT_DOUBLE_EQ(sum->share.median, (8.0 / 5) / (16.0 / 14));
    // Of 2 and 1/2, and of 3/4 and 4.
    const auto mean = geometric_mean_of(all, 1);
    EXPECT_DOUBLE_EQ(mean->limit.median, 1);
    EXPECT_DOUBLE_EQ(mean->share.median, std::sqrt(3.0));
}

TEST(Limit, what_was_not_measured_is_told_as_such) {
    const LimitTimes nothing = limit_of(2, {.before_ms = {6}, .after_ms = {4}}, {});
    EXPECT_FALSE(nothing.estimate());
    EXPECT_FALSE(sum_of(std::vector{nothing, nothing}, 1).estimate());
    EXPECT_FALSE(geometric_mean_of(std::vector{nothing, nothing}, 1));
    json::JsonItems json;
    add_limit(json, std::nullopt);
    EXPECT_EQ(json.object(), R"({"limit":null,"limit_interval":null,"share":null,"share_interval":null})");
    EXPECT_EQ(limit_columns(std::nullopt).size(), limit_heads().size());
}

TEST(Limit, columns_and_json_hold_medians_and_intervals) {
    const LimitEstimate estimate{.limit = {.median = 1.61, .interval = {{.low = 1.5, .high = 1.75}}},
                                 .share = {.median = 0.9, .interval = std::nullopt}};
    EXPECT_EQ(limit_columns(estimate), "   1.61 1.50 - 1.75   0.90           -");
    json::JsonItems json;
    add_limit(json, estimate);
    EXPECT_EQ(json.object(), R"({"limit":1.610000,"limit_interval":[1.500000,1.750000],"share":0.900000,"share_interval":null})");
}

TEST(Limit, the_legend_says_how_far_apart_the_cores_were) {
    const std::vector<LimitTimes> all{three_rounds(), three_rounds()};
    EXPECT_EQ(line_legend(2, all),
              "a line of memory that another of 2 threads wrote last took 40 ns to come (30 to 130, 6 measurements)\n");
    EXPECT_EQ(line_legend(2, {}), "");
}

class IndependentTest : public testing::Test {
  protected:
    IndependentTest() {
        workloads::Artifacts artifacts{workloads::Artifacts::default_folder()};
        const auto kind = std::ranges::find(workloads::workload_kinds(), "transfers", &workloads::WorkloadKind::name);
        block_ = *workloads::build_block(*kind, 2'000'000, 1, artifacts);
        execution::SequentialExecutor executor;
        expected_ = executor.execute(block_.input(), block_.pre_state);
    }

    workloads::WorkloadBlock block_;
    execution::BlockOutcome expected_;
};

TEST_F(IndependentTest, all_give_the_result_of_execution_in_order) {
    ASSERT_TRUE(expected_ && !expected_->receipts.empty());
    IndependentExecutions executions(3, block_.input(), block_.pre_state, {});
    for (const unsigned threads : {3u, 1u, 2u, 3u}) {
        const auto ms = executions.execute(threads, expected_);
        ASSERT_TRUE(ms) << ms.error();
        EXPECT_GT(*ms, 0);
    }
}

TEST_F(IndependentTest, a_line_takes_longer_than_a_cycle_and_less_than_a_millisecond) {
    IndependentExecutions executions(3, block_.input(), block_.pre_state, {});
    EXPECT_EQ(executions.line_ns(1), std::nullopt);
    for (const unsigned threads : {2u, 3u, 2u}) {
        const auto ns = executions.line_ns(threads);
        ASSERT_TRUE(ns);
        EXPECT_GT(*ns, 0.2) << threads;
        EXPECT_LT(*ns, 1e6) << threads;
    }
}

TEST_F(IndependentTest, another_result_is_an_error) {
    IndependentExecutions executions(2, block_.input(), block_.pre_state, {});
    expected_->receipts.back().cumulative_gas_used += 1;
    const auto ms = executions.execute(2, expected_);
    ASSERT_FALSE(ms);
    EXPECT_NE(ms.error().find("2 threads at the same time"), std::string::npos) << ms.error();
}

TEST_F(IndependentTest, analysis_of_code_is_not_shared) {
    // PUSH1 3, JUMP, JUMPDEST: a contract that every block calls.
    const bytes jump{0x60, 0x03, 0x56, 0x5b};
    block_.pre_state.set_code(execution::kBeaconRoots, jump);
    const state::Code* const code = *block_.pre_state.code(state::code_hash_of(jump));
    const auto known = [&] { return code->known_jump_destinations()[0].load(sync::kRelaxed); };
    execution::SequentialExecutor executor;
    expected_ = executor.execute(block_.input(), block_.pre_state);
    ASSERT_EQ(known(), 0b1000u);

    block_.pre_state.forget_analysis();
    IndependentExecutions executions(2, block_.input(), block_.pre_state, {});
    EXPECT_EQ(known(), 0u);
    // Nor forgotten for others.
    static_cast<void>(code->is_jump_destination(3));
    EXPECT_TRUE(executions.execute(2, expected_));
    EXPECT_EQ(known(), 0b1000u);
}

TEST_F(IndependentTest, what_comes_to_the_state_afterwards_does_not_matter) {
    IndependentExecutions executions(2, block_.input(), block_.pre_state, {});
    block_.pre_state.apply(expected_->diff);
    EXPECT_TRUE(executions.execute(2, expected_));
}

}  // namespace
}  // namespace weft::cli
