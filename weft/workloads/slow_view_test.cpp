// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/slow_view.hpp"

#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/workloads/workload.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace weft::workloads {
namespace {

using namespace std::chrono_literals;

constexpr address kAlice = address_of(0xa11ce);
constexpr address kBob = address_of(0xb0b);

template <typename Work>
std::chrono::nanoseconds duration_of(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::steady_clock::now() - start;
}

TEST(SlowView, the_first_read_of_each_location_takes_its_time) {
    state::MemoryState state;
    state.insert(kAlice).balance = 5;
    state.set_storage(kAlice, 1, 7);
    SlowView view(state, 2ms);
    EXPECT_GE(duration_of([&] { EXPECT_EQ(view.account(kAlice).value()->balance, uint256{5}); }), 2ms);
    EXPECT_GE(duration_of([&] { EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7}); }), 2ms);
    EXPECT_GE(duration_of([&] { EXPECT_EQ(view.storage(kAlice, 2).value(), uint256{}); }), 2ms);
    EXPECT_GE(duration_of([&] { EXPECT_FALSE(view.account(kBob).value()); }), 2ms);
    EXPECT_EQ(view.cold_reads(), 4U);
}

TEST(SlowView, what_was_read_is_known_until_it_is_forgotten) {
    state::MemoryState state;
    SlowView view(state, 1us);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(view.account(kAlice));
    EXPECT_EQ(view.cold_reads(), 1U);
    view.forget();
    EXPECT_EQ(view.cold_reads(), 0U);
    EXPECT_TRUE(view.account(kAlice));
    EXPECT_EQ(view.cold_reads(), 1U);
}

TEST(SlowView, changes_no_result) {
    Artifacts artifacts("/nonexistent");
    auto block = build_block(workload_kinds().front(), 2'000'000, 1, artifacts);
    ASSERT_TRUE(block) << block.error().message;
    execution::SequentialExecutor sequential;
    const auto expected = sequential.execute(block->input(), block->pre_state);
    ASSERT_TRUE(expected);
    SlowView view(block->pre_state, 1us);
    EXPECT_TRUE(sequential.execute(block->input(), view) == expected);
    const uint64_t reads = view.cold_reads();
    EXPECT_GT(reads, block->batch.transactions.size());
    view.forget();
    execution::ParallelExecutor parallel(4);
    EXPECT_TRUE(parallel.execute(block->input(), view) == expected);
    EXPECT_EQ(view.cold_reads(), reads);
}

}  // namespace
}  // namespace weft::workloads
