// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/database.hpp"

#include "test/db/generated_chain.hpp"
#include "test/util/forwarding_store.hpp"
#include "test/util/temporary_folder.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/db/meta.hpp"
#include "weft/db/verify.hpp"
#include "weft/kv/memory_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace weft::test {
namespace {

using testing::IsEmpty;

constexpr db::Options kSmall{.cache_bytes = 1 << 20, .history_blocks = 8, .unindexed_history = 3};

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

/// A store that somebody else keeps, and that takes nothing any more after so many writes.
class MortalStore final : public ForwardingStore {
  public:
    MortalStore(std::shared_ptr<kv::Store> below, std::shared_ptr<uint64_t> writes_left)
        : ForwardingStore(std::move(below)), writes_left_(std::move(writes_left)) {}
    kv::Expected<void> write(const kv::Batch& batch, kv::Durability durability) override {
        if (*writes_left_ == 0) return std::unexpected(kv::Error{.kind = kv::ErrorKind::io, .context = "dead"});
        --*writes_left_;
        return ForwardingStore::write(batch, durability);
    }

  private:
    std::shared_ptr<uint64_t> writes_left_;
};

constexpr uint64_t kImmortal = std::numeric_limits<uint64_t>::max();

TEST(Database, derived_tables_follow_the_journal_after_the_process_was_killed) {
    unsigned behind = 0;
    unsigned refused = 0;
    unsigned killed_again = 0;
    for (uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        GeneratedChain chain(seed);
        Random random(seed);
        const auto tables = std::make_shared<kv::MemoryStore>(db::schema());
        auto writes_left = std::make_shared<uint64_t>(kImmortal);
        db::Options options{.cache_bytes = 1 << 20, .history_blocks = seed % 3 == 0 ? 0U : 8U, .unindexed_history = 1 + seed % 8};
        const auto open = [&] {
            auto database = db::Database::open(std::make_unique<MortalStore>(tables, writes_left), options, chain.identity());
            EXPECT_TRUE(database) << database.error().context;
            return std::move(*database);
        };
        auto database = open();
        commit(*database, chain.genesis());
        for (unsigned step = 0; step < 60; ++step) {
            const uint64_t number = chain.head().block.header.number;
            const uint64_t oldest = *database->oldest_state();
            if (random.chance(15) && oldest < number) {
                const uint64_t target = oldest + random.below(number - oldest + 1);
                ASSERT_TRUE(database->rewind(target));
                chain.cut(target);
            } else if (random.chance(10)) {
                // Puts everything into its place.
                const auto snapshot = database->store().snapshot();
            } else {
                commit(*database, chain.grow(), random.chance(50));
            }
            if (!random.chance(20)) continue;
            *writes_left = 0;
            database.reset();
            const auto placed = tables->get(db::id(db::Table::trie_head), db::kHeadKey);
            ASSERT_TRUE(placed);
            behind += !*placed || db::decode_trie_head(**placed)->number != chain.head().block.header.number;
            if (random.chance(30)) {
                // Whoever has another chain changes nothing.
                *writes_left = kImmortal;
                db::Identity other = chain.identity();
                ++other.chain_id;
                EXPECT_FALSE(db::Database::open(std::make_unique<MortalStore>(tables, writes_left), options, other));
                ++refused;
            }
            if (random.chance(50)) {
                // Killed again while it opens, also where the memory is too small for what is made anew.
                *writes_left = random.below(4);
                db::Options small = options;
                if (random.chance(70)) small.cache_bytes = 2'000;
                const auto opened = db::Database::open(std::make_unique<MortalStore>(tables, writes_left), small, chain.identity());
                killed_again += !opened;
                *writes_left = 0;
            }
            writes_left = std::make_shared<uint64_t>(kImmortal);
            database = open();
            ASSERT_NO_FATAL_FAILURE(expect_equal(*database, chain));
            ASSERT_NO_FATAL_FAILURE(expect_sound(*database, chain));
            if (testing::Test::HasFailure()) return;
        }
    }
    EXPECT_GT(behind, 20U);
    EXPECT_GT(refused, 10U);
    EXPECT_GT(killed_again, 10U);
}

TEST(Database, random_commits_and_rewinds_equal_the_model) {
    for (uint64_t seed = 0; seed < 12; ++seed) {
        SCOPED_TRACE(seed);
        GeneratedChain chain(seed);
        Random random(seed);
        const auto database = in_memory(chain, {.cache_bytes = 1 << 20, .history_blocks = 8, .unindexed_history = 1 + seed});
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

db::ErrorKind error_of_opening(const TemporaryFolder& folder, const db::Identity& identity) {
    const auto database = db::Database::open(folder.path(), kSmall, identity);
    EXPECT_FALSE(database);
    return database ? db::ErrorKind::io : database.error().kind;
}

TEST(Database, refuses_what_is_of_another_chain_and_second_processes) {
    const TemporaryFolder folder;
    const GeneratedChain chain(1);
    {
        const auto database = on_disk(folder, chain);
        commit(*database, chain.genesis());
        EXPECT_EQ(error_of_opening(folder, chain.identity()), db::ErrorKind::locked);
        EXPECT_EQ(database->head(), chain.genesis().id());
    }
    db::Identity other = chain.identity();
    other.chain_id = 2;
    EXPECT_EQ(error_of_opening(folder, other), db::ErrorKind::wrong_chain);
    other = chain.identity();
    other.genesis_hash.bytes[0] ^= 1;
    EXPECT_EQ(error_of_opening(folder, other), db::ErrorKind::wrong_chain);
    const auto any = db::Database::open_any(folder.path(), kSmall);
    ASSERT_TRUE(any);
    EXPECT_EQ((*any)->identity(), chain.identity());
    EXPECT_EQ((*any)->head(), chain.genesis().id());
}

TEST(Database, refuses_a_format_that_it_does_not_know) {
    const GeneratedChain chain(1);
    auto store = std::make_unique<kv::MemoryStore>(db::schema());
    kv::Batch batch;
    batch.put(db::id(db::Table::meta), db::kFormatKey, db::number_key(99));
    ASSERT_TRUE(store->write(batch, kv::Durability::synced));
    const auto database = db::Database::open(std::move(store), kSmall, chain.identity());
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().kind, db::ErrorKind::unknown_format);
}

TEST(Database, begins_with_the_genesis_block_and_goes_on_with_the_next) {
    GeneratedChain chain(1);
    chain.grow();
    const auto database = in_memory(chain);
    EXPECT_EQ(database->head(), std::nullopt);
    EXPECT_EQ(database->commit(chain.head().commit(true)).error().kind, db::ErrorKind::not_next);
    commit(*database, chain.genesis());
    EXPECT_EQ(database->commit(chain.genesis().commit(true)).error().kind, db::ErrorKind::not_next);
    commit(*database, chain.head());
    expect_equal(*database, chain);
}

TEST(Database, durable_head_is_what_was_synced) {
    GeneratedChain chain(1);
    const auto database = in_memory(chain);
    commit(*database, chain.genesis());
    commit(*database, chain.grow(), false);
    commit(*database, chain.grow(), false);
    EXPECT_EQ(database->durable_head(), chain.genesis().id());
    ASSERT_TRUE(database->flush());
    EXPECT_EQ(database->durable_head(), chain.head().id());
}

TEST(Database, history_is_kept_for_as_many_blocks_as_asked) {
    for (const uint64_t kept : {0, 1, 5}) {
        GeneratedChain chain(3);
        const auto database = in_memory(chain, {.cache_bytes = 1 << 20, .history_blocks = kept});
        commit(*database, chain.genesis());
        for (unsigned i = 0; i < 12; ++i) commit(*database, chain.grow());
        EXPECT_EQ(database->oldest_state(), 12 - kept);
        expect_equal(*database, chain);
        expect_sound(*database, chain);
        if (kept == 12) continue;
        EXPECT_EQ(database->state_at(11 - kept).error().kind, db::ErrorKind::pruned);
        EXPECT_EQ(database->rewind(11 - kept).error().kind, db::ErrorKind::pruned);
        EXPECT_EQ(database->state_at(13).error().kind, db::ErrorKind::unknown_block);
    }
}

TEST(Database, prune_forgets_what_a_longer_history_kept) {
    GeneratedChain chain(4);
    const TemporaryFolder folder;
    {
        const auto database = on_disk(folder, chain, {.cache_bytes = 1 << 20, .history_blocks = 100});
        commit(*database, chain.genesis());
        for (unsigned i = 0; i < 12; ++i) commit(*database, chain.grow(), false);
        EXPECT_EQ(database->oldest_state(), 0);
    }
    const auto database = on_disk(folder, chain, {.cache_bytes = 1 << 20, .history_blocks = 2});
    ASSERT_TRUE(database->prune());
    EXPECT_EQ(database->oldest_state(), 10);
    expect_equal(*database, chain);
    expect_sound(*database, chain);
}

TEST(Database, history_is_there_whichever_part_is_indexed) {
    GeneratedChain chain(6);
    const TemporaryFolder folder;
    commit(*on_disk(folder, chain), chain.genesis());
    for (const uint64_t unindexed : {100, 2, 5, 1, 100}) {
        const auto database = on_disk(folder, chain, {.cache_bytes = 1 << 20, .history_blocks = 12, .unindexed_history = unindexed});
        expect_equal(*database, chain);
        for (unsigned i = 0; i < 8; ++i) commit(*database, chain.grow(), i % 2 == 0);
        expect_equal(*database, chain);
        expect_sound(*database, chain);
        const uint64_t target = chain.head().block.header.number - 4;
        ASSERT_TRUE(database->rewind(target));
        chain.cut(target);
        expect_equal(*database, chain);
        expect_sound(*database, chain);
    }
}

TEST(Database, past_states_stay_while_the_head_moves) {
    GeneratedChain chain(5);
    const auto database = in_memory(chain);
    commit(*database, chain.genesis());
    commit(*database, chain.grow());
    const auto past = database->state_at(1);
    ASSERT_TRUE(past);
    for (unsigned i = 0; i < 20; ++i) commit(*database, chain.grow());
    GeneratedChain then = chain;
    then.cut(1);
    for (const auto& [addr, record] : then.head().state.accounts()) {
        const auto account = (*past)->account(addr);
        ASSERT_TRUE(account && *account);
        EXPECT_EQ((*account)->balance, record.balance);
        for (const auto& [slot, value] : record.storage) EXPECT_EQ((*past)->storage(addr, slot), value);
    }
}

TEST(Database, knows_blocks_beside_the_chain_and_where_transactions_are) {
    GeneratedChain chain(6);
    const auto database = in_memory(chain);
    commit(*database, chain.genesis());
    while (chain.head().block.transactions.empty()) commit(*database, chain.grow());
    const GeneratedBlock undone = chain.head();
    const hash32 transaction = types::hash(undone.block.transactions[0]);
    EXPECT_EQ(database->chain().transaction(transaction).value()->block_number, undone.block.header.number);
    EXPECT_EQ(database->chain().receipts(undone.hash).value(), undone.receipts);
    EXPECT_EQ(database->chain().senders(undone.hash).value(), undone.senders);

    ASSERT_TRUE(database->rewind(undone.block.header.number - 1));
    EXPECT_EQ(database->chain().block(undone.hash).value(), undone.block);
    EXPECT_EQ(database->chain().info(undone.hash).value()->total_difficulty, undone.total_difficulty);
    EXPECT_FALSE(database->chain().canonical_hash(undone.block.header.number).value());
    EXPECT_FALSE(database->chain().transaction(transaction).value());

    chain.cut(undone.block.header.number - 1);
    const GeneratedBlock side = chain.grow();
    ASSERT_TRUE(database->put_side_block(side.block, side.total_difficulty));
    EXPECT_EQ(database->chain().header(side.hash).value(), side.block.header);
    EXPECT_FALSE(database->chain().receipts(side.hash).value());
    commit(*database, side);
    expect_equal(*database, chain);
    expect_sound(*database, chain);

    ASSERT_TRUE(database->put_bad_block(undone.hash, "gas used"));
    EXPECT_EQ(database->chain().bad_block(undone.hash).value(), "gas used");
    EXPECT_FALSE(database->chain().bad_block(side.hash).value());
    expect_sound(*database, chain);
    ASSERT_TRUE(database->put_bad_block(side.hash, ""));
    EXPECT_THAT(db::verify(database->store(), {}).value().findings,
                testing::ElementsAre(testing::HasSubstr("a block of the chain is remembered as invalid")));
}

TEST(Database, remembers_so_many_bad_blocks_and_no_more) {
    const GeneratedChain chain(8);
    const auto database = in_memory(chain);
    const auto hash_of = [](uint64_t i) { return crypto::keccak256(to_hash32(uint256{i})); };
    constexpr uint64_t kMore = 5;
    for (uint64_t i = 0; i < db::Database::kMaxBadBlocks + kMore; ++i) ASSERT_TRUE(database->put_bad_block(hash_of(i), std::to_string(i)));
    // Whoever is met again is the newest.
    ASSERT_TRUE(database->put_bad_block(hash_of(kMore + 1), std::string(10'000, 'x')));
    const auto bad = database->chain().bad_blocks().value();
    ASSERT_LE(bad.size(), db::Database::kMaxBadBlocks);
    EXPECT_GE(bad.size(), db::Database::kMaxBadBlocks - 1);
    EXPECT_FALSE(database->chain().bad_block(hash_of(kMore - 1)).value());
    EXPECT_EQ(bad.back().hash, hash_of(kMore + 1));
    EXPECT_EQ(bad.back().why.size(), db::Database::kMaxReason);
    EXPECT_EQ(bad[bad.size() - 2].why, std::to_string(db::Database::kMaxBadBlocks + kMore - 1));
    ASSERT_TRUE(database->forget_bad_blocks());
    EXPECT_THAT(database->chain().bad_blocks().value(), IsEmpty());
}

TEST(Database, exports_the_canonical_blocks) {
    GeneratedChain chain(7);
    const auto database = in_memory(chain);
    commit(*database, chain.genesis());
    for (unsigned i = 0; i < 4; ++i) commit(*database, chain.grow());
    uint64_t next = 1;
    const auto exported = database->chain().export_blocks(1, 3, [&](uint64_t number, bytes_view encoded) {
        EXPECT_EQ(number, next);
        EXPECT_EQ(types::decode_block(encoded), chain.at(next).block);
        ++next;
        return true;
    });
    ASSERT_TRUE(exported);
    EXPECT_EQ(next, 4);
    EXPECT_EQ(database->chain().export_blocks(4, 5, [](uint64_t, bytes_view) { return true; }).error().kind, db::ErrorKind::unknown_block);
}

TEST(Database, a_commit_that_contradicts_itself_changes_nothing) {
    GeneratedChain chain(8);
    const auto database = in_memory(chain);
    commit(*database, chain.genesis());
    GeneratedBlock bad = chain.grow();
    bad.nodes.wiped_owners.push_back(hash32{});
    EXPECT_EQ(database->commit(bad.commit(true)).error().kind, db::ErrorKind::invalid_commit);
    bad = chain.head();
    bad.senders.emplace_back();
    EXPECT_EQ(database->commit(bad.commit(true)).error().kind, db::ErrorKind::invalid_commit);
    commit(*database, chain.head());
    expect_equal(*database, chain);
}

/// Each table with one thing missing or changed is found to be wrong.
TEST(Verify, finds_what_does_not_hang_together) {
    using db::Table;
    for (const Table table :
         {Table::headers, Table::bodies, Table::senders, Table::receipts, Table::block_infos, Table::canonical, Table::transactions,
          Table::accounts, Table::storage, Table::codes, Table::nodes, Table::undo, Table::account_history, Table::storage_history}) {
        GeneratedChain chain(9);
        const auto database = in_memory(chain);
        commit(*database, chain.genesis());
        for (unsigned i = 0; i < 12; ++i) commit(*database, chain.grow());
        expect_sound(*database, chain);
        kv::Batch batch;
        {
            const auto cursor = database->store().walk({.table = db::id(table)});
            ASSERT_TRUE(cursor->next().value()) << "table " << int{db::id(table)};
            batch.erase(db::id(table), cursor->key());
        }
        ASSERT_TRUE(database->store().write(batch, kv::Durability::later));
        const auto report = db::verify(database->store(), {});
        EXPECT_TRUE(!report || !report->findings.empty()) << "table " << int{db::id(table)};
    }
}

}  // namespace
}  // namespace weft::test
