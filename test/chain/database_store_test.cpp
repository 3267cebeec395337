// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/database_store.hpp"

#include "test/chain/chain_maker.hpp"
#include "test/util/forwarding_store.hpp"
#include "weft/base/hex.hpp"
#include "weft/chain/blockchain.hpp"
#include "weft/db/verify.hpp"
#include "weft/kv/memory_store.hpp"
#include "weft/trie/roots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace weft::chain {
namespace {

using test::ChainMaker;
using test::MadeBlock;
using testing::IsEmpty;
using types::Revision;

ExecuteBlock in_order() {
    return [](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
        return execution::SequentialExecutor().execute(block, view, options);
    };
}

/// A store in memory of which a write throws.
class ThrowingStore final : public kv::Store {
  public:
    using Throw = std::function<void()>;

    kv::Expected<void> write(const kv::Batch& batch, kv::Durability durability) override {
        if (throws) throws();
        return store_.write(batch, durability);
    }
    kv::Expected<std::optional<bytes>> get(kv::TableId table, bytes_view key) const override { return store_.get(table, key); }
    std::unique_ptr<kv::Cursor> walk(kv::Range range) const override { return store_.walk(std::move(range)); }
    std::unique_ptr<kv::Reader> snapshot() const override { return store_.snapshot(); }
    kv::Expected<void> sync() override { return store_.sync(); }
    kv::Expected<void> compact(kv::TableId table) override { return store_.compact(table); }
    kv::Expected<void> verify_checksums() override { return store_.verify_checksums(); }
    std::vector<kv::TableStatistics> table_statistics() const override { return store_.table_statistics(); }
    std::vector<kv::Counter> counters() const override { return store_.counters(); }

    Throw throws;

  private:
    kv::MemoryStore store_{db::schema()};
};

/// A chain on a database in memory.
struct OnDatabase {
    OnDatabase(const ChainMaker& maker, const DatabaseStoreOptions& options)
        : OnDatabase(maker, options, std::make_unique<kv::MemoryStore>(db::schema())) {}
    OnDatabase(const ChainMaker& maker, const DatabaseStoreOptions& options, std::unique_ptr<kv::Store> tables)
        : database(db::Database::open(std::move(tables), {.cache_bytes = 1 << 20, .history_blocks = 16},
                                      {.chain_id = 1, .genesis_hash = maker.genesis().hash})
                       .value()),
          store(DatabaseStore::open(*database, options).value()),
          chain(Blockchain::open(maker.genesis(), *store, in_order()).value()) {}

    std::unique_ptr<db::Database> database;
    std::unique_ptr<DatabaseStore> store;
    Blockchain chain;
};

void expect_state(OnDatabase& on, const MadeBlock& block) {
    state::MemoryState expected = block.state;
    state::StateView& state = on.store->state();
    for (const auto& [addr, record] : block.state.accounts()) {
        EXPECT_EQ(state.account(addr), expected.account(addr));
        for (const auto& [slot, value] : record.storage) EXPECT_EQ(state.storage(addr, slot), value);
    }
    EXPECT_EQ(state.account(ChainMaker::contract()), expected.account(ChainMaker::contract()));
    for (uint64_t slot = 0; slot < 4; ++slot)
        EXPECT_EQ(state.storage(ChainMaker::contract(), slot), expected.storage(ChainMaker::contract(), slot));
    EXPECT_EQ(state.block_hash(block.header().number), block.hash);
    EXPECT_EQ(state.block_hash(block.header().number - 1), block.header().parent_hash);
    EXPECT_EQ(on.store->head_number().value(), block.header().number);
    EXPECT_EQ(on.store->block(block.header().number).value()->hash, block.hash);
    EXPECT_EQ(on.store->number_of(block.hash).value(), block.header().number);
}

void expect_sound(OnDatabase& on, const MadeBlock& head) {
    ASSERT_TRUE(on.store->flush());
    EXPECT_EQ(on.store->durable_head(), (db::BlockId{.number = head.header().number, .hash = head.hash}));
    const auto report = db::verify(on.database->store(), {});
    ASSERT_TRUE(report) << report.error().context;
    EXPECT_THAT(report->findings, IsEmpty());
    EXPECT_EQ(report->blocks, head.header().number + 1);
}

/// Calls the contract, which stores, destroys itself and is paid again.
const MadeBlock& make(ChainMaker& maker, const MadeBlock& parent, uint64_t seconds) {
    const uint64_t number = parent.header().number + 1;
    test::Wishes wishes{.seconds = seconds};
    for (size_t user = 0; user < number % (ChainMaker::users() + 1); ++user) {
        const bytes data = number % 10 == 9 ? bytes{1} : bytes{};
        wishes.transactions.push_back(maker.call(parent, user, ChainMaker::contract(), user, data));
    }
    return maker.make(parent, std::move(wishes));
}

class DatabaseStoreTest : public testing::TestWithParam<std::pair<Revision, bool>> {
  protected:
    const MadeBlock& append(OnDatabase& on, const MadeBlock& parent, uint64_t seconds) {
        const MadeBlock& block = make(maker, parent, seconds);
        const auto added = on.chain.append(block.encoded);
        EXPECT_TRUE(added) << to_string(added.error());
        return block;
    }

    ChainMaker maker{GetParam().first};
    DatabaseStoreOptions options{.threads = 2, .write_behind = GetParam().second, .sync_blocks = 3};
};

TEST_P(DatabaseStoreTest, keeps_what_a_chain_commits_and_rewinds) {
    OnDatabase on(maker, options);
    std::vector<const MadeBlock*> blocks{&maker.first()};
    for (unsigned i = 0; i < 24; ++i) {
        blocks.push_back(&append(on, *blocks.back(), 13));
        ASSERT_EQ(on.chain.head().hash, blocks.back()->hash);
        ASSERT_NO_FATAL_FAILURE(expect_state(on, *blocks.back()));
        if (testing::Test::HasFailure()) return;
    }
    expect_sound(on, *blocks.back());

    // A branch that leaves ten blocks below the head and is heavier.
    const MadeBlock* parent = blocks[14];
    while (on.chain.head().hash == blocks.back()->hash && parent->header().number < 40) parent = &append(on, *parent, 1);
    ASSERT_EQ(on.chain.head().hash, parent->hash);
    expect_state(on, *parent);
    expect_sound(on, *parent);
}

TEST_P(DatabaseStoreTest, state_is_known_before_its_root) {
    OnDatabase on(maker, options);
    std::vector<const MadeBlock*> blocks{&maker.first()};
    for (unsigned i = 0; i < 24; ++i) {
        blocks.push_back(&make(maker, *blocks.back(), 13));
        const auto added = on.chain.extend(blocks.back()->block, blocks.back()->encoded.size(), std::nullopt);
        ASSERT_TRUE(added) << to_string(added.error());
        ASSERT_EQ(added->placement, Placement::head);
        ASSERT_NO_FATAL_FAILURE(expect_state(on, *blocks.back()));
    }
    EXPECT_FALSE(on.chain.settle());
    expect_sound(on, *blocks.back());
    // To a heavier branch, whose last root is outstanding when it is left again.
    const MadeBlock* parent = blocks[14];
    for (unsigned i = 0; i < 12; ++i) {
        parent = &make(maker, *parent, 1);
        ASSERT_TRUE(on.chain.extend(parent->block, parent->encoded.size(), std::nullopt));
    }
    ASSERT_EQ(on.chain.head().hash, parent->hash);
    expect_state(on, *parent);
    for (unsigned i = 24; on.chain.head().hash != blocks.back()->hash && i < 60; ++i) blocks.push_back(&append(on, *blocks.back(), 1));
    expect_state(on, *blocks.back());
    expect_sound(on, *blocks.back());
}

TEST_P(DatabaseStoreTest, wrong_root_is_found_out_by_whatever_is_next) {
    OnDatabase on(maker, options);
    const MadeBlock* head = &append(on, maker.first(), 13);
    using Step = std::function<std::optional<Rejection>(const MadeBlock& bad)>;
    const auto refusal_of = [](const std::expected<Added, Rejection>& added) {
        return added ? std::nullopt : std::optional(added.error());
    };
    const Step steps[] = {
        [&](const MadeBlock&) { return on.chain.settle(); },
        [&](const MadeBlock& bad) {
            const MadeBlock& child = maker.make(bad);
            return refusal_of(on.chain.extend(child.block, child.encoded.size(), std::nullopt));
        },
        [&](const MadeBlock& bad) { return refusal_of(on.chain.append(maker.make(*bad.parent, {.seconds = 7}).encoded)); },
        [&](const MadeBlock& bad) { return refusal_of(on.chain.set_head(bad.parent->hash)); },
        [&](const MadeBlock&) -> std::optional<Rejection> {
            EXPECT_FALSE(on.store->flush());
            EXPECT_FALSE(on.store->root_after({}));
            return on.chain.settle();
        },
    };
    for (const Step& step : steps) {
        const MadeBlock& bad = maker.changed(make(maker, *head, 13), [](types::Block& block) { block.header.state_root.bytes[0] ^= 1; });
        ASSERT_TRUE(on.chain.extend(bad.block, bad.encoded.size(), std::nullopt));
        const auto refused = step(bad);
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->block, bad.hash);
        EXPECT_EQ(to_string(refused->reason), "the state root is wrong");
        EXPECT_NE(on.chain.bad(bad.hash), nullptr);
        EXPECT_EQ(on.chain.head().hash, head->hash);
        expect_state(on, *head);
        head = &append(on, *head, 13);
    }
    expect_sound(on, *head);
}

TEST_P(DatabaseStoreTest, goes_on_after_opening_again) {
    const MadeBlock* head = &maker.first();
    OnDatabase on(maker, options);
    for (unsigned opened = 0; opened < 5; ++opened) {
        for (unsigned i = 0; i < opened; ++i) head = &append(on, *head, 13);
        on.store = nullptr;
        on.store = DatabaseStore::open(*on.database, options).value();
        on.chain = Blockchain::open(maker.genesis(), *on.store, in_order()).value();
        ASSERT_EQ(on.chain.head().hash, head->hash);
        if (opened > 0) expect_state(on, *head);
    }
    expect_sound(on, *head);
}

TEST_P(DatabaseStoreTest, invalid_blocks_are_refused_after_opening_again_without_executing_them) {
    OnDatabase on(maker, options);
    const MadeBlock& good = append(on, maker.first(), 13);
    // One is found out by its header, the other by what comes out of it.
    const MadeBlock& impossible = maker.changed(make(maker, good, 13), [](types::Block& block) { block.header.gas_limit /= 2; });
    const MadeBlock& wrong = maker.changed(make(maker, good, 13), [](types::Block& block) { block.header.state_root.bytes[0] ^= 1; });
    const MadeBlock& child = make(maker, wrong, 13);
    for (const MadeBlock* block : {&impossible, &wrong}) EXPECT_FALSE(on.chain.append(block->encoded));
    ASSERT_TRUE(on.store->flush());
    on.store = nullptr;
    on.store = DatabaseStore::open(*on.database, options).value();
    const auto nobody_executes = [](const auto&, auto&, const auto&) -> execution::BlockOutcome {
        ADD_FAILURE() << "a block is executed";
        return std::unexpected(execution::BlockError{});
    };
    on.chain = Blockchain::open(maker.genesis(), *on.store, nobody_executes).value();
    const std::pair<const MadeBlock*, std::string> cases[] = {
        {&impossible, to_hex(impossible.hash) + " is invalid: " + to_string(BrokenRule{BlockFault::gas_limit_out_of_bounds})},
        {&wrong, to_hex(wrong.hash) + " is invalid: the state root is wrong"},
        {&child, to_hex(wrong.hash) + " is invalid: the state root is wrong"},
    };
    for (const auto& [block, reason] : cases) {
        const auto refused = on.chain.append(block->encoded);
        ASSERT_FALSE(refused);
        EXPECT_EQ(to_string(refused.error().reason), reason);
    }
    EXPECT_EQ(on.chain.head().hash, good.hash);
    EXPECT_EQ(on.database->chain().bad_blocks().value().size(), 2U);
    expect_sound(on, good);
}

TEST_P(DatabaseStoreTest, what_a_library_throws_is_an_error_of_the_next_commit) {
    const std::pair<ThrowingStore::Throw, std::string> cases[] = {
        {[] { throw std::bad_alloc(); }, "out of memory"},
        {[] { throw std::runtime_error("the library gives up"); }, "writing block 1 failed: the library gives up"},
    };
    for (const auto& [throws, message] : cases) {
        auto tables = std::make_unique<ThrowingStore>();
        ThrowingStore& store = *tables;
        OnDatabase on(maker, options, std::move(tables));
        ASSERT_TRUE(on.store->flush());
        store.throws = throws;
        const MadeBlock& block = make(maker, maker.first(), 13);
        const auto added = on.chain.append(block.encoded);
        // Written behind, the error comes with what is next.
        EXPECT_EQ(added.has_value(), options.write_behind);
        for (const auto& refused : {on.store->flush(), on.store->rewind(0)}) {
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().message, message);
        }
        const auto next = on.chain.append(make(maker, options.write_behind ? block : maker.first(), 14).encoded);
        ASSERT_FALSE(next);
        EXPECT_THAT(to_string(next.error()), testing::HasSubstr(message));
        EXPECT_EQ(on.database->head()->number, 0U);
    }
}

TEST(NewestStateTest, says_what_it_has_at_hand_and_reads_the_rest) {
    ChainMaker maker{Revision::London};
    const auto tables = std::make_shared<kv::MemoryStore>(db::schema());
    const auto forwarded = [&] { return std::make_unique<test::ForwardingStore>(tables); };
    {
        OnDatabase on(maker, {}, forwarded());
        const MadeBlock& block = make(maker, make(maker, maker.first(), 13), 13);
        ASSERT_TRUE(on.chain.append(block.parent->encoded));
        ASSERT_TRUE(on.chain.append(block.encoded));
        ASSERT_TRUE(on.store->flush());
    }
    // Its caches know nothing.
    const auto database = db::Database::open(forwarded(), {}, {.chain_id = 1, .genesis_hash = maker.genesis().hash}).value();
    const auto first = maker.genesis().allocation.accounts.begin();
    const address user = first->first == ChainMaker::contract() ? std::next(first)->first : first->first;
    const auto with = [](std::vector<state::SlotValue> slots, uint64_t nonce = 7) {
        return state::AccountDiff{.account = state::Account{.nonce = nonce, .balance = {}}, .slots = std::move(slots)};
    };
    const auto state_after = [&](const address& addr, state::AccountDiff change, std::optional<hash32> storage_root) {
        std::vector<std::pair<address, state::AccountDiff>> changes{{addr, std::move(change)}};
        std::shared_ptr<NewestBlock> newest(new NewestBlock{.stored = {},
                                                            .receipts = {},
                                                            .senders = {},
                                                            .diff = {.accounts = state::sorted_by_address(std::move(changes)), .codes = {}},
                                                            .parent_state_root = {}});
        if (storage_root) newest->commitment.set(state::StateCommitment{.root = {}, .nodes = {}, .storage_roots = {{addr, *storage_root}}});
        return NewestState(database->head_state(), std::move(newest));
    };
    const state::Account changed{.nonce = 7, .balance = {}};
    const state::Account storing{.nonce = 7, .balance = {}, .has_storage = true};
    {
        // Without changed slots it depends on what was before.
        NewestState state = state_after(user, with({}), std::nullopt);
        EXPECT_EQ(state.account_at_hand(user), std::nullopt);
        EXPECT_EQ(state.account(user).value(), changed);
        EXPECT_EQ(state.account_at_hand(user).value(), changed);
    }
    {
        NewestState state = state_after(ChainMaker::contract(), with({}), std::nullopt);
        EXPECT_EQ(state.account(ChainMaker::contract()).value(), storing);
        EXPECT_EQ(state.account_at_hand(ChainMaker::contract()).value(), storing);
    }
    {
        NewestState state = state_after(user, with({{.slot = 1, .value = 0}, {.slot = 2, .value = 3}}), std::nullopt);
        EXPECT_EQ(state.account_at_hand(user).value(), storing);
        EXPECT_EQ(state.account(user).value(), storing);
    }
    {
        // Nothing depends on whether others are left.
        NewestState state = state_after(user, with({{.slot = 1, .value = 0}}), std::nullopt);
        EXPECT_EQ(state.account_at_hand(user).value(), storing);
        EXPECT_EQ(state.account(user).value(), storing);
    }
    // Without a nonce it decides on creations at that address.
    for (const auto& [root, has_storage] : {std::pair{trie::kEmptyRoot, false}, std::pair{hash32{}, true}}) {
        NewestState state = state_after(user, with({{.slot = 1, .value = 0}}, 0), root);
        EXPECT_EQ(state.account_at_hand(user), std::nullopt);
        EXPECT_EQ(state.account(user).value(), (state::Account{.nonce = 0, .balance = {}, .has_storage = has_storage}));
    }
    {
        NewestState state = state_after(user, {}, std::nullopt);
        EXPECT_EQ(state.account_at_hand(user).value(), std::nullopt);
        EXPECT_EQ(state.account(user).value(), std::nullopt);
    }
}

INSTANTIATE_TEST_SUITE_P(Forks, DatabaseStoreTest,
                         testing::Values(std::pair{Revision::Homestead, true}, std::pair{Revision::Homestead, false},
                                         std::pair{Revision::London, true}, std::pair{Revision::Shanghai, true},
                                         std::pair{Revision::Shanghai, false}));

}  // namespace
}  // namespace weft::chain
