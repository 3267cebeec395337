// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/judge.hpp"
#include "weft/fixtures/block_file.hpp"
#include "weft/fixtures/block_verification.hpp"

#include <gtest/gtest.h>

namespace weft::test {
namespace {

/// How many of the first blocks it takes until a subject with a fault is found out; nullopt: it never is.
std::optional<uint64_t> blocks_until_found(const StaleExecutor::Fault& fault, uint64_t most) {
    Judge judge({{.name = "faulty", .execute = [fault](const auto& block, auto& view, const auto& options) {
                      return StaleExecutor(StaleExecutor::Past::committed, 4, fault).execute(block, view, options);
                  }}});
    for (uint64_t seed = 0; seed < most; ++seed)
        if (judge.examine(generate_block(seed, Profile::mixed), seed)) return seed + 1;
    return std::nullopt;
}

constexpr uint64_t kMost = 20'000;

TEST(Judge, validation_blind_to_nonces_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedNonce}, kMost)); }

TEST(Judge, validation_blind_to_balances_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedBalance}, kMost)); }

TEST(Judge, validation_blind_to_funds_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedFunds}, kMost)); }

TEST(Judge, validation_blind_to_code_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedCode}, kMost)); }

TEST(Judge, validation_blind_to_existence_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedExistence}, kMost)); }

TEST(Judge, validation_blind_to_emptiness_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedEmptiness}, kMost)); }

TEST(Judge, validation_blind_to_earlier_storage_is_found_out) {
    EXPECT_TRUE(blocks_until_found({.aspects = state::kObservedHasStorage}, kMost));
}

TEST(Judge, validation_blind_to_storage_is_found_out) { EXPECT_TRUE(blocks_until_found({.aspects = 0, .slots = true}, kMost)); }

TEST(Judge, repair_without_bounds_is_found_out) {
    EXPECT_TRUE(blocks_until_found({.aspects = 0, .slots = false, .tolerances = true}, kMost));
}

TEST(Judge, random_blocks_are_repaired) {
    StaleExecutor executor(StaleExecutor::Past::committed, 4, {});
    for (uint64_t seed = 0; seed < 300; ++seed) {
        GeneratedBlock block = generate_block(seed);
        (void)executor.execute(block.input(), block.state, block.options);
    }
    EXPECT_GT(executor.repaired(), 10);
}

TEST(Judge, a_seed_names_one_block) {
    const GeneratedBlock first = generate_block(42);
    const GeneratedBlock second = generate_block(42);
    EXPECT_EQ(first.transactions, second.transactions);
    EXPECT_EQ(first.header, second.header);
    EXPECT_EQ(first.state.root(), second.state.root());
}

TEST(Judge, most_generated_blocks_are_valid_and_some_are_not) {
    Judge judge({});
    for (uint64_t seed = 0; seed < 500; ++seed) EXPECT_FALSE(judge.examine(generate_block(seed), seed));
    EXPECT_GT(judge.tally().valid_blocks, 300);
    EXPECT_LT(judge.tally().valid_blocks, 500);
}

TEST(Judge, a_finding_is_made_small) {
    const Subject faulty{
        .name = "faulty", .execute = [](const auto& block, auto& view, const auto& options) {
            return StaleExecutor(StaleExecutor::Past::committed, 4, {.aspects = 0, .slots = true}).execute(block, view, options);
        }};
    Judge judge({faulty});
    for (uint64_t seed = 0; seed < kMost; ++seed) {
        const GeneratedBlock block = generate_block(seed);
        if (block.transactions.size() < 6 || !judge.examine(block, seed)) continue;
        const GeneratedBlock small = judge.minimise(block, 1);
        EXPECT_LE(small.transactions.size(), 4);
        EXPECT_TRUE(judge.examine(small, seed));
        return;
    }
    FAIL() << "no block of that size shows the fault";
}

/// What `weft replay` does with a file; nullopt: all is verified.
std::optional<std::string> replay(const std::filesystem::path& path) {
    auto file = fixtures::read_block_file(path);
    if (!file) return file.error().message;
    std::vector<std::optional<address>> senders;
    for (const types::Transaction& transaction : file->transactions)
        senders.push_back(types::recover_sender(transaction, file->rules.revision));
    fixtures::Verification verification;
    fixtures::verify_input(*file, senders, verification);
    execution::SequentialExecutor executor;
    const auto result = executor.execute(file->input(senders), file->pre_state);
    if (!result) return execution::to_string(result.error());
    fixtures::verify_result(*file, *result, verification);
    if (const fixtures::Check* mismatch = verification.first_mismatch()) return fixtures::to_string(*mismatch);
    return std::nullopt;
}

TEST(Judge, a_written_block_replays) {
    const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "weft_judge_block.json.gz";
    execution::SequentialExecutor executor;
    size_t replayed = 0;
    for (uint64_t seed = 0; seed < 150; ++seed) {
        GeneratedBlock block = generate_block(seed);
        block.options = {};
        block.broken_account.reset();
        if (!executor.execute(block.input(), block.state, block.options)) continue;
        ++replayed;
        const auto written = write_block(block, path);
        ASSERT_TRUE(written) << written.error().message;
        const auto problem = replay(path);
        EXPECT_FALSE(problem) << "seed " << seed << " " << types::to_string(block.rules.revision) << ": " << *problem;
    }
    EXPECT_GT(replayed, 100);
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace weft::test
