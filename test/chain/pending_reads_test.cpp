// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/chain/chain_maker.hpp"
#include "test/util/held_store.hpp"
#include "weft/chain/blockchain.hpp"
#include "weft/chain/database_store.hpp"
#include "weft/db/tables.hpp"
#include "weft/db/verify.hpp"
#include "weft/execution/block_executor.hpp"
#include "weft/kv/memory_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::chain {
namespace {

using test::ChainMaker;
using test::HeldStore;
using test::MadeBlock;
using testing::HasSubstr;
using testing::IsEmpty;

/// A chain that executes on a database whose cache is empty.
struct OnDatabase {
    OnDatabase(const ChainMaker& maker, std::shared_ptr<kv::Store> tables, const DatabaseStoreOptions& options, unsigned threads)
        : OnDatabase(maker, std::make_unique<HeldStore>(std::move(tables)), options, threads) {}
    OnDatabase(const ChainMaker& maker, std::unique_ptr<HeldStore> held, const DatabaseStoreOptions& options, unsigned threads)
        : disk(*held),
          database(db::Database::open(std::move(held), {.cache_bytes = 1 << 20, .history_blocks = 16},
                                      {.chain_id = 1, .genesis_hash = maker.genesis().hash})
                       .value()),
          store(DatabaseStore::open(*database, options).value()),
          executor(std::make_unique<execution::BlockExecutor>(threads)),
          chain(Blockchain::open(maker.genesis(), *store,
                                 [this](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& how) {
                                     return executor->execute(block, view, how);
                                 })
                    .value()) {}

    HeldStore& disk;
    std::unique_ptr<db::Database> database;
    std::unique_ptr<DatabaseStore> store;
    std::unique_ptr<execution::BlockExecutor> executor;
    Blockchain chain;
};

class PendingReadsTest : public testing::Test {
  protected:
    PendingReadsTest() {
        OnDatabase on(maker, tables, {}, 1);
        for (unsigned i = 0; i < 8; ++i) {
            blocks.push_back(&next());
            EXPECT_TRUE(on.chain.append(blocks.back()->encoded));
        }
        EXPECT_TRUE(on.store->flush());
        blocks.push_back(&next());
    }

    /// A block in which every user calls the contract once.
    const MadeBlock& next() {
        const MadeBlock& parent = *blocks.back();
        test::Wishes wishes;
        for (size_t user = 0; user < ChainMaker::users(); ++user)
            wishes.transactions.push_back(maker.call(parent, user, ChainMaker::contract(), user));
        return maker.make(parent, std::move(wishes));
    }
    [[nodiscard]] static HeldStore::Keys account(const address& addr) { return {db::id(db::Table::accounts), {addr.begin(), addr.end()}}; }
    [[nodiscard]] HeldStore::Keys sender(size_t index) const {
        types::SenderRecovery recovery(blocks.back()->block.transactions, types::Revision::London);
        recovery.work();
        return account(*recovery.await_all()[index]);
    }
    [[nodiscard]] static HeldStore::Keys slots_of_contract() {
        const address contract = ChainMaker::contract();
        return {db::id(db::Table::storage), {contract.begin(), contract.end()}};
    }
    /// The chain has the last block and is sound, or has it not.
    void expect_head(OnDatabase& on, const MadeBlock& head) const {
        EXPECT_EQ(on.chain.head().hash, head.hash);
        ASSERT_TRUE(on.store->flush());
        EXPECT_EQ(on.database->head()->hash, head.hash);
        const auto report = db::verify(on.database->store(), {});
        ASSERT_TRUE(report);
        EXPECT_THAT(report->findings, IsEmpty());
    }

    ChainMaker maker{types::Revision::London};
    std::shared_ptr<kv::Store> tables = std::make_shared<kv::MemoryStore>(db::schema());
    std::vector<const MadeBlock*> blocks{&maker.first()};
    const DatabaseStoreOptions handing_over{.io_threads = 4, .are_reads_slow = true};
};

TEST_F(PendingReadsTest, transactions_go_on_while_one_waits_for_the_disk) {
    for (const unsigned threads : {1U, 2U}) {
        OnDatabase on(maker, tables, handing_over, threads);
        // Nobody asks ahead for the contract's slot: a later transaction reads it while the first one has no sender yet.
        on.disk.hold(sender(0), slots_of_contract());
        const auto added = on.chain.append(blocks.back()->encoded);
        ASSERT_TRUE(added) << to_string(added.error().reason);
        EXPECT_GE(on.executor->statistics().parked_on_reads, 1U);
        expect_head(on, *blocks.back());
        ASSERT_TRUE(on.store->rewind(blocks.back()->header().number - 1));
    }
}

TEST_F(PendingReadsTest, slow_reads_are_handed_over_and_fast_ones_are_not) {
    OnDatabase on(maker, tables, {.io_threads = 4}, 2);
    EXPECT_FALSE(on.store->state().is_slow());
    ASSERT_TRUE(on.chain.append(blocks.back()->encoded));
    EXPECT_EQ(on.executor->statistics().parked_on_reads, 0U);
    EXPECT_FALSE(on.store->state().is_slow());
    // The others open what this one has written.
    ASSERT_TRUE(on.store->flush());
    OnDatabase without(maker, tables, {}, 2);
    EXPECT_FALSE(without.store->state().is_slow());
    OnDatabase always(maker, tables, handing_over, 2);
    EXPECT_TRUE(always.store->state().is_slow());
}

TEST_F(PendingReadsTest, what_is_in_the_cache_is_never_pending) {
    OnDatabase on(maker, tables, handing_over, 2);
    const auto contract = ChainMaker::contract();
    const auto pending = on.store->state().account(contract);
    ASSERT_FALSE(pending);
    EXPECT_EQ(pending.error().kind, state::ReadError::Kind::pending);
    on.store->state().wait(pending.error());
    ASSERT_TRUE(on.store->state().account(contract));
    const uint64_t misses = [&] {
        for (const kv::Counter& counter : on.database->statistics().counters)
            if (counter.name == "accounts not found in the cache") return counter.value;
        return uint64_t{0};
    }();
    EXPECT_EQ(misses, 1U);
    // A state of its own does not know what another one has been answered; the cache does.
    const auto other = DatabaseStore::open(*on.database, handing_over).value();
    EXPECT_EQ(other->state().account(contract), on.store->state().account(contract));
}

TEST_F(PendingReadsTest, failing_read_is_the_error_that_it_is_without_threads) {
    for (const auto& failing : {sender(1), account(ChainMaker::contract()), slots_of_contract()}) {
        std::vector<std::string> errors;
        for (const DatabaseStoreOptions& options : {DatabaseStoreOptions{}, handing_over}) {
            OnDatabase on(maker, tables, options, 2);
            on.disk.fail(failing);
            const auto added = on.chain.append(blocks.back()->encoded);
            ASSERT_FALSE(added);
            const auto failure = on.store->read_failure();
            ASSERT_TRUE(failure);
            EXPECT_THAT(failure->message, HasSubstr("the disk is gone"));
            errors.push_back(to_string(added.error().reason) + ": " + failure->message);
            expect_head(on, *blocks[8]);

            // It says nothing of the block, which is good once the disk is.
            on.disk.fail(std::nullopt);
            ASSERT_TRUE(on.chain.set_head(blocks.back()->hash));
            expect_head(on, *blocks.back());
            ASSERT_TRUE(on.store->rewind(8));
        }
        EXPECT_EQ(errors.front(), errors.back());
    }
}

/// Executes in order, as nothing else could go on.
TEST_F(PendingReadsTest, block_of_one_transaction_waits_for_its_reads) {
    OnDatabase on(maker, tables, handing_over, 2);
    test::Wishes wishes;
    wishes.transactions.push_back(maker.call(*blocks[8], 0, ChainMaker::contract(), 1));
    const MadeBlock& block = maker.make(*blocks[8], std::move(wishes));
    ASSERT_TRUE(on.chain.append(block.encoded));
    expect_head(on, block);
}

TEST_F(PendingReadsTest, block_fails_and_the_store_closes_beside_a_read_that_nobody_needs) {
    OnDatabase on(maker, tables, handing_over, 2);
    // It is asked for ahead, and needed at the end of the block.
    on.disk.hold(account(blocks.back()->header().beneficiary), std::nullopt);
    on.disk.fail(sender(0));
    EXPECT_FALSE(on.chain.append(blocks.back()->encoded));
    on.disk.release();
    on.store = nullptr;
    on.store = DatabaseStore::open(*on.database, {}).value();
    EXPECT_EQ(on.store->head_number().value(), 8U);
}

}  // namespace
}  // namespace weft::chain
