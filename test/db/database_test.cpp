// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/database.hpp"

#include "test/db/generated_chain.hpp"
#include "test/util/temporary_folder.hpp"
#include "weft/db/verify.hpp"
#include "weft/kv/memory_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::test {
namespace {

using testing::IsEmpty;

constexpr db::Options kSmall{.cache_bytes = 1 << 20, .history_blocks = 8};

std::unique_ptr<db::Database> in_memory(const GeneratedChain& chain, const db::Options& options = kSmall) {
    return std::move(db::Database::open(std::make_unique<kv::MemoryStore>(db::schema()), options, chain.identity()).value());
}

std::unique_ptr<db::Database> on_disk(const TemporaryFolder& folder, const GeneratedChain& chain, const db::Options& options = kSmall) {
    auto database = db::Database::open(folder.path(), options, chain.identity());
    EXPECT_TRUE(database) << database.error().context;
    return database ? std::move(*database) : nullptr;
}

void commit(db::Database& database, const GeneratedBlock& block, bool sync = true) {
    const auto committed = database.commit(block.commit(sync));
    ASSERT_TRUE(committed) << committed.error().context;
}

/// Everything in the database is what the chain says.
void expect_equal(db::Database& database, const GeneratedChain& chain) {
    const GeneratedBlock& head = chain.head();
    ASSERT_EQ(database.head(), head.id());
    EXPECT_EQ(chain.difference(*database.head_state(), head), "");
    for (uint64_t number = *database.oldest_state(); number <= head.block.header.number; ++number) {
        const auto state = database.state_at(number);
        ASSERT_TRUE(state) << state.error().context;
        EXPECT_EQ(chain.difference(**state, chain.at(number)), "") << "at block " << number;
    }
}

void expect_sound(db::Database& database, const GeneratedChain& chain) {
    EXPECT_EQ(GeneratedChain::node_difference(database, chain.head()), "");
    const auto report = db::verify(database.store(), {});
    ASSERT_TRUE(report) << report.error().context;
    EXPECT_THAT(report->findings, IsEmpty());
    EXPECT_EQ(report->blocks, chain.head().block.header.number + 1);
}

TEST(Database, random_commits_and_rewinds_equal_the_model) {
    for (uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        GeneratedChain chain(seed);
        Random random(seed);
        const auto database = in_memory(chain);
        commit(*database, chain.genesis());
        for (unsigned step = 0; step < 60; ++step) {
            const uint64_t number = chain.head().block.header.number;
            if (number > 0 && random.chance(20)) {
                const uint64_t oldest = *database->oldest_state();
                const uint64_t target = oldest + random.below(number - oldest + 1);
                ASSERT_TRUE(database->rewind(target));
                chain.cut(target);
            } else {
                commit(*database, chain.grow(), random.chance(50));
            }
            ASSERT_NO_FATAL_FAILURE(expect_equal(*database, chain));
            if (step % 6 == 0) ASSERT_NO_FATAL_FAILURE(expect_sound(*database, chain));
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(Database, is_there_again_after_opening) {
    const TemporaryFolder folder;
    GeneratedChain chain(1);
    commit(*on_disk(folder, chain), chain.genesis());
    for (unsigned i = 0; i < 20; ++i) {
        const auto database = on_disk(folder, chain);
        expect_equal(*database, chain);
        if (i % 5 == 4) {
            ASSERT_TRUE(database->rewind(i / 2));
            chain.cut(i / 2);
        }
        commit(*database, chain.grow(), i % 2 == 0);
        commit(*database, chain.grow(), i % 3 == 0);
    }
    const auto database = on_disk(folder, chain);
    expect_equal(*database, chain);
    expect_sound(*database, chain);
}

}  // namespace
}  // namespace weft::test
