// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/block_facts.hpp"
#include "test/differential/judge.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weft::test {
namespace {

constexpr uint64_t kBlocks = 300;

BlockFacts facts_of_many(Profile profile) {
    BlockFacts facts;
    for (uint64_t seed = 0; seed < kBlocks; ++seed) {
        GeneratedBlock block = generate_block(seed, profile);
        facts += facts_of(block);
    }
    // Most are valid, and have more than a few transactions.
    EXPECT_LT(facts.invalid_blocks, kBlocks / 2);
    EXPECT_GT(facts.transactions, 5 * kBlocks);
    return facts;
}

TEST(Profiles, hot_slots_are_read_and_written_by_most) {
    const BlockFacts facts = facts_of_many(Profile::hot_slots);
    EXPECT_GT(facts.slot_readers, facts.transactions / 2);
    EXPECT_GT(facts.slot_writers, facts.transactions / 4);
    // Half of them at least only read: they compare, copy and log.
    EXPECT_GT(facts.slot_readers, facts.slot_writers);
    // What a slot decides includes payments.
    EXPECT_GT(facts.lookers, kBlocks / 4);
}

TEST(Profiles, balances_are_paid_looked_at_and_emptied) {
    const BlockFacts facts = facts_of_many(Profile::balances);
    EXPECT_GT(facts.bare_credits, facts.transactions / 4);
    EXPECT_GT(facts.lookers, facts.transactions / 2);
    EXPECT_GT(facts.failed_funds, facts.transactions / 20);
    EXPECT_GT(facts.emptied, facts.transactions / 50);
}

TEST(Profiles, recreations_come_between_readers) {
    const BlockFacts facts = facts_of_many(Profile::recreations);
    EXPECT_GT(facts.wipes, kBlocks / 2);
    EXPECT_GT(facts.recreations, kBlocks / 4);
    EXPECT_GT(facts.wiped_readers, kBlocks / 4);
}

TEST(Profiles, recreations_under_the_rules_of_cancun_are_there_too) {
    BlockFacts facts;
    for (uint64_t seed = 0; seed < 2 * kBlocks; ++seed) {
        GeneratedBlock block = generate_block(seed, Profile::recreations);
        if (block.rules.revision >= types::Revision::Cancun) facts += facts_of(block);
    }
    EXPECT_GT(facts.wipes, 3);
    EXPECT_GT(facts.recreations, 0);
}

TEST(Profiles, chains_follow_each_other_and_run_out_of_funds) {
    const BlockFacts facts = facts_of_many(Profile::chains);
    EXPECT_GT(facts.followers, facts.transactions / 2);
    EXPECT_GT(facts.lookers, facts.transactions / 2);
    EXPECT_GT(facts.invalid_blocks, kBlocks / 100);
}

TEST(Profiles, payments_are_executed_by_accounts_and_some_hold_something_else) {
    size_t by_account = 0;
    size_t otherwise = 0;
    for (uint64_t seed = 0; seed < kBlocks; ++seed) {
        GeneratedBlock block = generate_block(seed, Profile::payments);
        // A new one has no memory of blocks that were none.
        execution::ParallelExecutor executor(2);
        if (!executor.execute(block.input(), block.state, block.options)) continue;
        (executor.statistics().is_by_account ? by_account : otherwise) += 1;
    }
    EXPECT_GT(by_account, kBlocks / 4);
    EXPECT_GT(otherwise, kBlocks / 20);
}

TEST(Profiles, all_of_them_are_among_the_blocks_of_any_seed) {
    std::array<size_t, kProfiles> count{};
    for (uint64_t seed = 0; seed < kBlocks; ++seed) ++count[static_cast<size_t>(generate_block(seed).profile)];
    for (const size_t some : count) EXPECT_GT(some, kBlocks / 20);
}

TEST(Profiles, every_way_of_executing_gives_the_same) {
    using Past = StaleExecutor::Past;
    Judge judge({parallel_subject(2), parallel_subject(4), stale_subject(Past::committed, 3), stale_subject(Past::imagined, 5)});
    for (size_t profile = 0; profile < kProfiles; ++profile)
        for (uint64_t seed = 0; seed < kBlocks / 5; ++seed) {
            const auto finding = judge.examine(generate_block(seed, static_cast<Profile>(profile)), seed);
            EXPECT_FALSE(finding) << "profile " << profile << ", seed " << seed << ", " << finding->subject << ": " << finding->difference;
        }
}

}  // namespace
}  // namespace weft::test
