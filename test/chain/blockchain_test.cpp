// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/blockchain.hpp"

#include "test/chain/chain_maker.hpp"
#include "weft/chain/memory_chain_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace weft::chain {
namespace {

using test::ChainMaker;
using test::MadeBlock;
using testing::HasSubstr;
using types::Revision;

/// A store that fails when it is told to.
class ShakyStore final : public ChainStore {
  public:
    Result<std::optional<uint64_t>> head_number() override { return inner.head_number(); }
    Result<std::optional<StoredBlock>> block(uint64_t number) override { return inner.block(number); }
    Result<std::optional<uint64_t>> number_of(const hash32& hash) override { return inner.number_of(hash); }
    uint64_t oldest_rewind() override { return oldest; }
    state::StateView& state() override { return inner.state(); }
    Result<hash32> root_after(const state::StateDiff& diff) override { return inner.root_after(diff); }
    Result<std::vector<hash32>> roots_after(std::span<const state::StateDiff> steps) override { return inner.roots_after(steps); }
    Result<void> commit(BlockCommit commit) override {
        if (commits_left == 0) return fail("disk full");
        --commits_left;
        return inner.commit(std::move(commit));
    }
    Result<std::optional<hash32>> settle() override { return inner.settle(); }
    Result<void> rewind(uint64_t number) override { return inner.rewind(number); }

    MemoryChainStore inner;
    size_t commits_left = SIZE_MAX;
    uint64_t oldest = 0;
};

ExecuteBlock in_order() {
    return [](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
        return execution::SequentialExecutor().execute(block, view, options);
    };
}

class BlockchainTest : public testing::Test {
  protected:
    void open(const TreeLimits& limits = {}) {
        auto opened = Blockchain::open(maker.genesis(), store, in_order(), limits);
        ASSERT_TRUE(opened) << opened.error().message;
        chain.emplace(std::move(*opened));
    }
    /// Why the block is refused; empty: it is not.
    std::string refusal(const MadeBlock& block) {
        const auto added = chain->add(block.encoded);
        return added ? "" : to_string(added.error().reason);
    }
    std::optional<Placement> place(const MadeBlock& block) {
        const auto added = chain->add(block.encoded);
        return added ? std::optional(added->placement) : std::nullopt;
    }
    /// Tree and store agree that this is the head, and the state is the one after it.
    void expect_head(const MadeBlock& block) {
        EXPECT_EQ(chain->head().hash, block.hash);
        EXPECT_EQ(chain->head().total_difficulty, block.total_difficulty);
        const uint64_t number = block.header().number;
        EXPECT_EQ(store.head_number().value(), number);
        EXPECT_EQ(store.block(number).value()->hash, block.hash);
        EXPECT_EQ(store.inner.content().root(), block.header().state_root);
    }
    const MadeBlock& make_with_call(const MadeBlock& parent, uint64_t seconds, uint64_t value = 0) {
        return maker.make(parent, {.seconds = seconds, .transactions = {maker.call(parent, 0, ChainMaker::contract(), value)}});
    }

    ChainMaker maker{Revision::Istanbul};
    ShakyStore store;
    std::optional<Blockchain> chain;
};

TEST_F(BlockchainTest, heavier_branch_becomes_the_chain) {
    open();
    const MadeBlock& a1 = make_with_call(maker.first(), 20);
    const MadeBlock& a2 = make_with_call(a1, 20);
    const MadeBlock& b1 = make_with_call(maker.first(), 5, 1);
    const MadeBlock& b2 = make_with_call(b1, 5, 1);
    EXPECT_EQ(place(a1), Placement::head);
    EXPECT_EQ(place(a2), Placement::head);
    EXPECT_EQ(place(b1), Placement::side);
    expect_head(a2);
    const auto added = chain->add(b2.encoded);
    ASSERT_TRUE(added);
    EXPECT_EQ(added->placement, Placement::reorganised);
    EXPECT_EQ(added->undone, 2U);
    expect_head(b2);
    EXPECT_EQ(place(a1), Placement::known);
    EXPECT_EQ(place(b1), Placement::known);
    // The branch that was left is there to come back to.
    const MadeBlock& a3 = make_with_call(a2, 1);
    EXPECT_EQ(place(a3), Placement::reorganised);
    expect_head(a3);
}

TEST_F(BlockchainTest, of_equal_difficulties_the_first_stays) {
    open();
    const MadeBlock& a = maker.make(maker.first(), {.seconds = 10, .extra_data = {1}});
    const MadeBlock& b = maker.make(maker.first(), {.seconds = 10, .extra_data = {2}});
    ASSERT_EQ(a.total_difficulty, b.total_difficulty);
    EXPECT_EQ(place(b), Placement::head);
    EXPECT_EQ(place(a), Placement::side);
    expect_head(b);
}

TEST_F(BlockchainTest, bad_block_of_a_branch_leaves_the_chain_as_it_was) {
    open();
    const MadeBlock& a1 = make_with_call(maker.first(), 20);
    const MadeBlock& a2 = make_with_call(a1, 20);
    const MadeBlock& b1 = make_with_call(maker.first(), 30, 1);
    const MadeBlock& b2 = maker.changed(make_with_call(b1, 30, 1), [](types::Block& block) { block.header.state_root.bytes[0] ^= 1; });
    const MadeBlock& b3 = maker.make(b2, {.seconds = 1});
    const MadeBlock& b4 = maker.make(b3, {.seconds = 1});
    for (const MadeBlock* block : {&a1, &a2}) EXPECT_EQ(place(*block), Placement::head);
    EXPECT_EQ(place(b1), Placement::side);
    EXPECT_EQ(place(b2), Placement::side);
    const auto added = chain->add(b3.encoded);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().block, b2.hash);
    EXPECT_EQ(std::get<BlockFault>(added.error().reason), BlockFault::state_root_wrong);
    expect_head(a2);
    // All that descends from it is refused, also what was not there when it was found out.
    for (const MadeBlock* block : {&b2, &b3, &b4}) {
        EXPECT_THAT(refusal(*block), HasSubstr("is invalid: the state root is wrong"));
        EXPECT_EQ(chain->bad(block->hash)->hash, b2.hash);
    }
    EXPECT_EQ(place(b1), Placement::known);
    EXPECT_EQ(place(make_with_call(a2, 20)), Placement::head);
}

TEST_F(BlockchainTest, invalid_header_is_remembered) {
    open();
    const MadeBlock& bad = maker.changed(maker.make(maker.first()),
                                         [](types::Block& block) { block.header.difficulty = block.header.difficulty + uint256(1); });
    EXPECT_EQ(refusal(bad), "the difficulty does not follow from the parent");
    EXPECT_THAT(refusal(bad), HasSubstr("is invalid: the difficulty"));
}

TEST_F(BlockchainTest, wrong_body_says_nothing_of_the_header) {
    open();
    const MadeBlock& block = make_with_call(maker.first(), 10);
    types::Block other = block.block;
    other.transactions.clear();
    other.encoded_transactions.clear();
    const auto added = chain->add(types::encode(other));
    ASSERT_FALSE(added);
    EXPECT_EQ(std::get<BlockFault>(added.error().reason), BlockFault::transactions_root_wrong);
    EXPECT_EQ(chain->bad(block.hash), nullptr);
    EXPECT_EQ(place(block), Placement::head);
}

TEST_F(BlockchainTest, blocks_out_of_order_and_bytes_that_are_none_are_refused) {
    open();
    const MadeBlock& a1 = maker.make(maker.first());
    const MadeBlock& a2 = maker.make(a1);
    EXPECT_THAT(refusal(a2), HasSubstr("its parent 0x"));
    bytes longer = a1.encoded;
    longer.push_back(0);
    EXPECT_THAT(to_string(chain->add(longer).error()), HasSubstr("block"));
    for (size_t size = 0; size < a1.encoded.size(); ++size) {
        const auto added = chain->add(bytes_view(a1.encoded).first(size));
        ASSERT_FALSE(added);
        EXPECT_TRUE(std::holds_alternative<types::DecodeError>(added.error().reason)) << size;
    }
    expect_head(maker.first());
    EXPECT_EQ(place(a1), Placement::head);
    EXPECT_EQ(place(a2), Placement::head);
}

TEST_F(BlockchainTest, branches_below_the_kept_depth_are_refused) {
    open({.depth = 3});
    std::vector<const MadeBlock*> blocks{&maker.first()};
    for (size_t i = 0; i < 30; ++i) {
        blocks.push_back(&make_with_call(*blocks.back(), 13));
        ASSERT_EQ(place(*blocks.back()), Placement::head);
    }
    EXPECT_EQ(refusal(make_with_call(*blocks[26], 1)), "it branches off after block 26; the chain can go back to 27 only");
    EXPECT_EQ(refusal(make_with_call(*blocks[2], 1)), "it branches off after block 2; the chain can go back to 27 only");
    EXPECT_EQ(chain->find(blocks[2]->hash), nullptr);
    EXPECT_EQ(place(*blocks[2]), Placement::known);

    const MadeBlock* branch = blocks[27];
    for (size_t i = 0; i < 4; ++i) {
        branch = &make_with_call(*branch, 1);
        ASSERT_NE(place(*branch), std::nullopt);
    }
    expect_head(*branch);
    // The store may keep less.
    store.oldest = 31;
    EXPECT_THAT(refusal(maker.make(*blocks[30], {.seconds = 2})), HasSubstr("the chain can go back to 31 only"));
}

TEST_F(BlockchainTest, another_genesis_does_not_match_the_store) {
    open();
    const ChainMaker other(Revision::London);
    const auto opened = Blockchain::open(other.genesis(), store, in_order());
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("the database holds another chain: its first block is 0x"));
}

TEST_F(BlockchainTest, a_genesis_whose_state_is_not_that_of_its_header_is_refused) {
    Genesis genesis = maker.genesis();
    genesis.allocation.accounts.begin()->second.account->balance = 1;
    const auto opened = Blockchain::open(genesis, store, in_order());
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("as the state root of the first block"));
    EXPECT_EQ(store.head_number().value(), std::nullopt);
}

TEST_F(BlockchainTest, a_chain_that_was_kept_goes_on) {
    open({.depth = 4});
    const MadeBlock* head = &maker.first();
    for (size_t i = 0; i < 20; ++i) {
        head = &make_with_call(*head, 13);
        ASSERT_EQ(place(*head), Placement::head);
    }
    open({.depth = 4});
    expect_head(*head);
    const MadeBlock& left = make_with_call(*head->parent->parent, 1);
    const MadeBlock& right = make_with_call(left, 1);
    EXPECT_NE(place(left), std::nullopt);
    EXPECT_EQ(place(right), Placement::reorganised);
    expect_head(right);
}

TEST_F(BlockchainTest, failure_of_the_store_leaves_the_chain_and_blames_no_block) {
    open();
    const MadeBlock& a1 = make_with_call(maker.first(), 20);
    const MadeBlock& b1 = make_with_call(maker.first(), 30, 1);
    const MadeBlock& b2 = make_with_call(b1, 1, 1);
    EXPECT_EQ(place(a1), Placement::head);
    EXPECT_EQ(place(b1), Placement::side);
    // The second block of the branch is lost; going back takes one more commit, which does not come.
    store.commits_left = 1;
    EXPECT_THAT(refusal(b2), HasSubstr("the chain could not go back to its head: disk full"));
    expect_head(maker.first());
    store.commits_left = SIZE_MAX;
    ASSERT_TRUE(chain->set_head(b2.hash));
    expect_head(b2);
}

TEST_F(BlockchainTest, failure_of_the_state_blames_no_block) {
    bool fails = true;
    auto opened = Blockchain::open(
        maker.genesis(), store,
        [&](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) -> execution::BlockOutcome {
            if (fails)
                return std::unexpected(execution::BlockError{
                    .rule = execution::BlockRule::state_unavailable, .transaction = {}, .transaction_error = {}, .read_error = {}});
            return execution::SequentialExecutor().execute(block, view, options);
        });
    ASSERT_TRUE(opened);
    chain.emplace(std::move(*opened));
    const MadeBlock& a1 = make_with_call(maker.first(), 20);
    EXPECT_NE(refusal(a1), "");
    EXPECT_EQ(chain->bad(a1.hash), nullptr);
    fails = false;
    ASSERT_TRUE(chain->set_head(a1.hash));
    expect_head(a1);
}

TEST_F(BlockchainTest, head_goes_back_and_forth) {
    open();
    const MadeBlock& a1 = make_with_call(maker.first(), 20);
    const bytes destroy{1};
    const MadeBlock& a2 = maker.make(a1, {.transactions = {maker.call(a1, 1, ChainMaker::contract(), 3, destroy)}});
    const MadeBlock& a3 = make_with_call(a2, 20, 2);
    for (const MadeBlock* block : {&a1, &a2, &a3}) EXPECT_EQ(place(*block), Placement::head);
    for (const MadeBlock* block : {&a1, &a3, &maker.first(), &a2, &a3}) {
        ASSERT_TRUE(chain->set_head(block->hash));
        expect_head(*block);
    }
    EXPECT_EQ(to_string(chain->set_head(hash32{}).error()), "it is not known");
}

TEST_F(BlockchainTest, ommers_are_compared_with_recent_ancestors) {
    open();
    const MadeBlock& a1 = maker.make(maker.first());
    const MadeBlock& ommer = maker.make(maker.first(), {.seconds = 14, .extra_data = {1}});
    const MadeBlock& a2 = maker.make(a1, {.ommers = {ommer.header()}});
    const MadeBlock& again = maker.make(a2, {.ommers = {ommer.header()}});
    EXPECT_EQ(place(a1), Placement::head);
    EXPECT_EQ(place(a2), Placement::head);
    EXPECT_EQ(refusal(again), "an ommer was included before");
    expect_head(a2);
}

TEST_F(BlockchainTest, lowest_branches_are_forgotten_when_there_is_no_room) {
    open({.depth = 10, .side_blocks = 2, .bad_blocks = 1});
    const MadeBlock& a1 = maker.make(maker.first(), {.seconds = 1});
    const MadeBlock& a2 = maker.make(a1, {.seconds = 1});
    const MadeBlock& low = maker.make(maker.first(), {.seconds = 40});
    const MadeBlock& high = maker.make(a1, {.seconds = 40});
    const MadeBlock& higher = maker.make(a2, {.seconds = 40});
    for (const MadeBlock* block : {&a1, &a2}) EXPECT_EQ(place(*block), Placement::head);
    EXPECT_EQ(place(low), Placement::side);
    EXPECT_EQ(place(high), Placement::side);
    EXPECT_EQ(place(higher), Placement::head);
    const MadeBlock& third = maker.make(a2, {.seconds = 41});
    EXPECT_EQ(place(third), Placement::side);
    EXPECT_EQ(chain->find(low.hash), nullptr);
    EXPECT_NE(chain->find(high.hash), nullptr);

    const MadeBlock& bad = maker.changed(maker.make(higher), [](types::Block& block) { block.header.gas_limit = 0; });
    const MadeBlock& worse = maker.changed(maker.make(higher), [](types::Block& block) { block.header.number = 9; });
    EXPECT_NE(refusal(bad), "");
    EXPECT_NE(refusal(worse), "");
    EXPECT_EQ(chain->bad(bad.hash), nullptr);
    EXPECT_NE(chain->bad(worse.hash), nullptr);
}

TEST(BlockchainAfterTheMerge, the_head_is_what_the_caller_says) {
    ChainSpec spec = spec_of_revision(Revision::London, 1);
    spec.terminal_total_difficulty = uint256(15'000'000);
    ChainMaker maker(spec);
    MemoryChainStore store;
    auto chain = Blockchain::open(maker.genesis(), store, in_order());
    ASSERT_TRUE(chain);
    const MadeBlock& work = maker.make(maker.first(), {.seconds = 40});
    const MadeBlock& other_work = maker.make(maker.first(), {.seconds = 1});
    const MadeBlock& left = maker.make(work, {.seconds = 12});
    const MadeBlock& right = maker.make(work, {.seconds = 24});
    const MadeBlock& right_child = maker.make(right, {.seconds = 24});
    ASSERT_TRUE(left.header().difficulty.is_zero());
    EXPECT_EQ(chain->add(work.encoded)->placement, Placement::head);
    for (const MadeBlock* block : {&left, &right, &right_child}) EXPECT_EQ(chain->add(block->encoded)->placement, Placement::side);
    EXPECT_EQ(chain->head().hash, work.hash);
    for (const MadeBlock* block : {&left, &right_child, &right, &left}) {
        ASSERT_TRUE(chain->set_head(block->hash));
        EXPECT_EQ(chain->head().hash, block->hash);
        EXPECT_EQ(store.content().root(), block->header().state_root);
    }
    // Proof of work has no say any more.
    ASSERT_GT(other_work.total_difficulty, left.total_difficulty);
    EXPECT_EQ(chain->add(other_work.encoded)->placement, Placement::side);
    EXPECT_EQ(chain->head().hash, left.hash);
    // append() takes the last block of a file for the head.
    EXPECT_EQ(chain->append(maker.make(left).encoded)->placement, Placement::head);
}

TEST(BlockchainBeforeByzantium, receipts_hold_the_state_roots_between_transactions) {
    ChainMaker maker(Revision::Frontier);
    MemoryChainStore store;
    auto chain = Blockchain::open(maker.genesis(), store, in_order());
    ASSERT_TRUE(chain);
    const address to = ChainMaker::contract();
    const MadeBlock& block =
        maker.make(maker.first(), {.transactions = {maker.call(maker.first(), 0, to, 1), maker.call(maker.first(), 1, to, 2, {1}),
                                                    maker.call(maker.first(), 0, to, 3, {}, 1)}});
    const auto added = chain->add(block.encoded);
    ASSERT_TRUE(added) << to_string(added.error());
    ASSERT_EQ(store.receipts(1).size(), 3U);
    EXPECT_NE(store.receipts(1)[0].post_state, store.receipts(1)[1].post_state);
    EXPECT_EQ(store.content().root(), block.header().state_root);
}

}  // namespace
}  // namespace weft::chain
