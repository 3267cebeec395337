// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/shadow_executor.hpp"
#include "test/differential/block_generator.hpp"
#include "test/differential/stale_executor.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/types/sender_recovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::test {
namespace {

using execution::ShadowExecutor;

ShadowExecutor shadow_of_stale(const StaleExecutor::Fault& fault) {
    return ShadowExecutor([fault](const auto& block, auto& view, const auto& options) {
        return StaleExecutor(StaleExecutor::Past::committed, 4, fault).execute(block, view, options);
    });
}

TEST(ShadowExecutor, an_executor_that_is_right_keeps_its_outcome) {
    ShadowExecutor executor = shadow_of_stale({});
    size_t valid = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
        GeneratedBlock block = generate_block(seed);
        const auto outcome = executor.execute(block.input(), block.state, block.options);
        ASSERT_TRUE(outcome) << "seed " << seed << ": " << outcome.error();
        EXPECT_EQ(*outcome, execution::SequentialExecutor{}.execute(block.input(), block.state, block.options));
        valid += *outcome ? 1 : 0;
    }
    EXPECT_GT(valid, 150);
    EXPECT_LT(valid, 300);
}

/// What the shadow says of the first block where an executor with that fault goes wrong; empty: it never does.
std::string first_difference(const StaleExecutor::Fault& fault) {
    constexpr uint64_t kMost = 20'000;
    ShadowExecutor executor = shadow_of_stale(fault);
    for (uint64_t seed = 0; seed < kMost; ++seed) {
        GeneratedBlock block = generate_block(seed);
        if (const auto outcome = executor.execute(block.input(), block.state, block.options); !outcome) return outcome.error();
    }
    return {};
}

TEST(ShadowExecutor, a_faulty_executor_is_told_by_its_first_difference) {
    EXPECT_THAT(first_difference({.aspects = 0, .slots = true}), testing::StartsWith("differs from sequential execution: "));
    EXPECT_THAT(first_difference({.aspects = state::kObservedNonce}), testing::StartsWith("differs from sequential execution: "));
}

/// The only change that a wrong executor makes is in what `spoil` touches.
template <typename Spoil>
std::string difference_after(const Spoil& spoil) {
    GeneratedBlock block = generate_block(0);
    while (block.transactions.size() < 2 || !execution::SequentialExecutor{}.execute(block.input(), block.state, block.options))
        block = generate_block(block.seed + 1);
    ShadowExecutor executor([&](const auto& input, auto& view, const auto& options) {
        auto outcome = execution::SequentialExecutor{}.execute(input, view, options);
        spoil(outcome);
        return outcome;
    });
    const auto outcome = executor.execute(block.input(), block.state, block.options);
    return outcome ? std::string() : outcome.error();
}

TEST(ShadowExecutor, a_difference_names_what_differs) {
    using testing::HasSubstr;
    EXPECT_EQ(difference_after([](const auto&) {}), "");
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->receipts[1].cumulative_gas_used += 1; }),
                HasSubstr("receipt 1: cumulative gas"));
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->receipts.pop_back(); }), HasSubstr("number of receipts"));
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->gas_used += 1; }), HasSubstr("gas used: "));
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->blob_gas_used += 1; }), HasSubstr("blob gas used: "));
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->requests.emplace_back(); }), HasSubstr("requests"));
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->diff.accounts.erase(outcome->diff.accounts.begin()); }),
                HasSubstr("found no change"));
    EXPECT_THAT(difference_after([](auto& outcome) { outcome->effects.emplace_back(); }), HasSubstr("number of effects"));
    EXPECT_THAT(difference_after([](auto& outcome) {
                    outcome = std::unexpected(execution::BlockError{
                        .rule = execution::BlockRule::out_of_memory, .transaction = {}, .transaction_error = {}, .read_error = {}});
                }),
                HasSubstr("a valid block, found "));
}

TEST(ShadowExecutor, senders_are_recovered_by_who_is_watched) {
    GeneratedBlock block = generate_block(0);
    while (block.transactions.empty() || !execution::SequentialExecutor{}.execute(block.input(), block.state, block.options))
        block = generate_block(block.seed + 1);
    sign(block);
    execution::ParallelExecutor parallel(2);
    ShadowExecutor executor([&](const auto& input, auto& view, const auto& options) { return parallel.execute(input, view, options); });
    const auto expected = execution::SequentialExecutor{}.execute(block.input(), block.state, block.options);
    types::SenderRecovery recovery(block.transactions, block.rules.revision);
    execution::BlockInput input = block.input();
    input.senders = recovery.senders();
    input.recovery = &recovery;
    const auto outcome = executor.execute(input, block.state, block.options);
    ASSERT_TRUE(outcome) << outcome.error();
    EXPECT_EQ(*outcome, expected);
}

}  // namespace
}  // namespace weft::test
