// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/timeline.hpp"
#include "test/differential/block_generator.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace weft::test {
namespace {

using execution::Timeline;
using Event = Timeline::Event;
using Kind = Timeline::Kind;
using Outcome = Timeline::Outcome;

bool is_execution(const Event& event) { return event.kind == Kind::execute || event.kind == Kind::resume || event.kind == Kind::repeat; }

/// Those events of all workers that `is_wanted`, by time.
template <typename IsWanted>
std::vector<Event> select(const Timeline& timeline, const IsWanted& is_wanted) {
    std::vector<Event> events;
    for (const Timeline::Track& track : timeline.tracks()) std::ranges::copy_if(track.events, std::back_inserter(events), is_wanted);
    std::ranges::sort(events, {}, &Event::begin);
    return events;
}

std::vector<Event> of_kind(const Timeline& timeline, Kind kind) {
    return select(timeline, [=](const Event& event) { return event.kind == kind; });
}

void expect_the_tracks_are_in_order(const Timeline& timeline) {
    for (const Timeline::Track& track : timeline.tracks()) {
        EXPECT_EQ(track.dropped, 0);
        EXPECT_TRUE(std::ranges::is_sorted(track.events, {}, &Event::end));
        for (const Event& event : track.events) EXPECT_LE(event.begin, event.end);
    }
}

/// What one transaction, or several payments, went through, from the first execution to the commit.
void expect_a_whole_life(const Timeline& timeline, const Event& commit) {
    const auto executions =
        select(timeline, [&](const Event& event) { return event.transaction == commit.transaction && is_execution(event); });
    ASSERT_FALSE(executions.empty());
    EXPECT_EQ(executions.front().kind, Kind::execute);
    for (const Event& execution : executions) EXPECT_EQ(execution.count, commit.count);
    const bool are_no_payments = executions.front().outcome == Outcome::failed;
    if (are_no_payments) {
        EXPECT_GT(commit.count, 1);
        EXPECT_EQ(executions.size(), 2);
        EXPECT_EQ(executions.back().kind, Kind::repeat);
    }
    EXPECT_EQ(executions.back().outcome, Outcome::done);
    for (size_t i = 0; i < executions.size(); ++i) {
        const bool follows_parking = i > 0 && executions[i - 1].outcome == Outcome::parked;
        if (executions[i].kind == Kind::resume) EXPECT_TRUE(follows_parking);
        if (executions[i].outcome == Outcome::parked) {
            EXPECT_LT(executions[i].other, commit.transaction);
            EXPECT_LT(i + 1, executions.size());
        }
        if (executions[i].kind == Kind::repeat) {
            EXPECT_GE(executions[i].begin, commit.begin);
            EXPECT_LE(executions[i].end, commit.end);
            EXPECT_EQ(executions[i].location == Timeline::kNone, are_no_payments);
        }
    }
    const auto validations =
        select(timeline, [&](const Event& event) { return event.transaction == commit.transaction && event.kind == Kind::validate; });
    ASSERT_EQ(validations.size(), 1);
    EXPECT_EQ(validations[0].outcome, are_no_payments                          ? Outcome::failed
                                      : executions.back().kind == Kind::repeat ? Outcome::conflict
                                                                               : Outcome::done);
}

TEST(TimelineOfRandomBlocks, every_transaction_is_executed_validated_and_committed_in_order) {
    constexpr uint64_t kBlocks = 400;
    constexpr unsigned kThreads = 3;
    execution::ParallelExecutor executor(kThreads);
    Timeline timeline(kThreads);
    executor.record(&timeline);
    size_t valid = 0;
    size_t joined = 0;
    for (uint64_t seed = 0; seed < kBlocks; ++seed) {
        SCOPED_TRACE(seed);
        GeneratedBlock block = generate_block(seed);
        const auto result = executor.execute(block.input(), block.state, block.options);
        EXPECT_EQ(result, execution::SequentialExecutor{}.execute(block.input(), block.state, block.options));
        expect_the_tracks_are_in_order(timeline);
        EXPECT_EQ(of_kind(timeline, Kind::prepare).size(), 1);
        if (!result) continue;
        ++valid;
        const auto commits = of_kind(timeline, Kind::commit);
        size_t committed = 0;
        for (const Event& commit : commits) {
            EXPECT_EQ(commit.transaction, committed);
            committed += commit.count;
            expect_a_whole_life(timeline, commit);
        }
        ASSERT_EQ(committed, block.transactions.size());
        size_t incarnations = 0;
        for (const Kind kind : {Kind::execute, Kind::repeat})
            for (const Event& execution : of_kind(timeline, kind)) incarnations += execution.count;
        EXPECT_EQ(incarnations - committed, executor.statistics().reexecutions);
        joined += executor.statistics().joined_payments;
        const auto parked = select(timeline, [](const Event& event) { return event.outcome == Outcome::parked; });
        EXPECT_EQ(parked.size(), executor.statistics().parked);
        EXPECT_EQ(of_kind(timeline, Kind::end).size(), 1);
    }
    EXPECT_GT(valid, kBlocks / 2);
    EXPECT_GT(joined, kBlocks);
}

TEST(TimelineOfRandomBlocks, nothing_is_recorded_any_more_when_it_is_taken_away) {
    execution::ParallelExecutor executor(2);
    Timeline timeline(2);
    GeneratedBlock block = generate_block(1);
    executor.record(&timeline);
    (void)executor.execute(block.input(), block.state, block.options);
    EXPECT_FALSE(timeline.is_empty());
    timeline.clear();
    executor.record(nullptr);
    (void)executor.execute(block.input(), block.state, block.options);
    EXPECT_TRUE(timeline.is_empty());
}

}  // namespace
}  // namespace weft::test
