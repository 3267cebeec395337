// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/prediction/access_predictor.hpp"

#include "weft/execution/prediction/accuracy.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::execution::prediction {
namespace {

constexpr address kToken = address_of(0x70ce00000000001);

address user(uint64_t i) {
    address result = address_of(0x5e4d0000 + i);
    result[0] = 0xaa;
    return result;
}

/// balance[CALLER] += 1; balance[argument 0] += 1; balance is a mapping at slot 3.
constexpr uint8_t kTransfer[] = {0x60, 3,    0x60, 32,   0x52, 0x33, 0x60, 0,    0x52, 0x60, 64,   0x60, 0,
                                 0x20, 0x80, 0x54, 0x60, 1,    0x01, 0x90, 0x55, 0x60, 4,    0x35, 0x60, 0,
                                 0x52, 0x60, 64,   0x60, 0,    0x20, 0x80, 0x54, 0x60, 1,    0x01, 0x90, 0x55};
/// slot[NUMBER] += 1: never the same twice.
constexpr uint8_t kRestless[] = {0x43, 0x54, 0x60, 1, 0x01, 0x43, 0x55};

/// A block in the making, over a state with tokens.
class AccessPredictorTest : public testing::Test {
  protected:
    AccessPredictorTest() {
        header_.gas_limit = 30'000'000;
        header_.beneficiary = address_of(0xc01);
        state_.set_code(kToken, kTransfer);
        for (uint64_t i = 0; i < 100; ++i) state_.insert(user(i)).balance = uint256{1} << 100;
    }

    /// A transfer that has not been in the block yet from this sender.
    void add(uint64_t from, uint64_t to, const address& token = kToken) {
        types::Transaction& transaction = transactions_.emplace_back();
        transaction.type = types::TransactionType::AccessList;
        transaction.chain_id = 1;
        transaction.gas_limit = 200'000;
        transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
        transaction.to = token;
        transaction.data = {0xa9, 0x05, 0x9c, 0xbb};
        const hash32 argument = to_hash32(to_uint256(user(to)));
        transaction.data.insert(transaction.data.end(), argument.begin(), argument.end());
        senders_.emplace_back(user(from));
    }

    BlockInput block() {
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = {},
                .rules = {.revision = types::Revision::Berlin}};
    }

    /// Executes what was added, lets the predictor learn from it, and begins the next block on the same state.
    void learn() {
        AccessRecord record;
        ++header_.number;
        ASSERT_TRUE(SequentialExecutor{}.execute(block(), state_, {.accesses = &record}));
        predictor_.learn(block(), record);
        transactions_.clear();
        senders_.clear();
    }

    [[nodiscard]] HintAccuracy accuracy() {
        AccessRecord record;
        ++header_.number;
        EXPECT_TRUE(SequentialExecutor{}.execute(block(), state_, {.accesses = &record}));
        return accuracy_of(predictor_.predict(block(), state_), record, transactions_.size());
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
    AccessPredictor predictor_;
};

TEST_F(AccessPredictorTest, senders_and_receivers_never_seen_before_get_their_exact_slots) {
    for (uint64_t i = 0; i < 5; ++i) add(i, i + 10);
    learn();
    add(20, 30);
    add(21, 31);
    add(22, 31);
    EXPECT_EQ(accuracy().slots, (Accuracy{.foretold = 6, .happened = 6, .right = 6}));
    EXPECT_EQ(accuracy().conflicts, (Accuracy{.foretold = 1, .happened = 1, .right = 1}));
    const ListedHints hints = predictor_.predict(block(), state_);
    for (size_t i = 0; i < 3; ++i)
        for (const Access& access : hints.of(i)) EXPECT_TRUE(access.is_write);
}

TEST_F(AccessPredictorTest, a_contract_never_seen_before_is_known_by_its_code) {
    constexpr address kTwin = address_of(0x70ce00000000002);
    constexpr address kStranger = address_of(0x70ce00000000003);
    state_.set_code(kTwin, kTransfer);
    state_.set_code(kStranger, kRestless);
    add(1, 2);
    learn();
    add(3, 4, kTwin);
    add(5, 6, kStranger);
    EXPECT_EQ(accuracy().slots, (Accuracy{.foretold = 2, .happened = 3, .right = 2}));
}

TEST_F(AccessPredictorTest, what_does_not_come_again_is_not_foretold) {
    state_.set_code(kToken, kRestless);
    for (int i = 0; i < 10; ++i) {
        add(1, 2);
        learn();
    }
    add(1, 2);
    EXPECT_EQ(accuracy().slots, (Accuracy{.foretold = 0, .happened = 1, .right = 0}));
}

TEST_F(AccessPredictorTest, a_slot_that_depends_on_one_argument_is_foretold_for_that_argument) {
    // slot[argument 0 << 8] += 1: no template says so, but the same token has the same slot.
    constexpr uint8_t kShifted[] = {0x60, 4, 0x35, 0x60, 8, 0x1b, 0x80, 0x54, 0x60, 1, 0x01, 0x90, 0x55};
    state_.set_code(kToken, kShifted);
    for (uint64_t i = 0; i < 20; ++i) {
        add(i, 50 + i);
        learn();
    }
    add(1, 53);
    EXPECT_EQ(accuracy().slots, (Accuracy{.foretold = 1, .happened = 1, .right = 1}));
    transactions_.clear();
    senders_.clear();
    add(1, 90);
    EXPECT_EQ(accuracy().slots, (Accuracy{.foretold = 0, .happened = 1, .right = 0}));
}

TEST_F(AccessPredictorTest, access_lists_are_foretold_as_read) {
    add(1, 2);
    transactions_[0].access_list = {{.account = user(9), .storage_keys = {to_hash32(uint256{5}), to_hash32(uint256{5})}}};
    const ListedHints hints = predictor_.predict(block(), state_);
    EXPECT_TRUE(std::ranges::equal(hints.of(0), std::vector<Access>{{.account = user(9), .slot = 5, .is_write = false}}));
}

TEST_F(AccessPredictorTest, what_it_knows_is_bounded) {
    predictor_ = AccessPredictor(40);
    for (uint64_t i = 0; i < 40; ++i) {
        const address token = address_of(0x70ce00000001000 + i);
        state_.set_code(token, kTransfer);
        add(1, 2, token);
        learn();
        EXPECT_GT(predictor_.size(), 0);
        EXPECT_LE(predictor_.size(), 40);
    }
    // The last is known still.
    add(3, 4, address_of(0x70ce00000001000 + 39));
    EXPECT_EQ(accuracy().slots, (Accuracy{.foretold = 2, .happened = 2, .right = 2}));
    transactions_.clear();
    senders_.clear();
    // One block that is more than it can hold.
    for (uint64_t i = 0; i < 40; ++i) add(i, 50, address_of(0x70ce00000001000 + i));
    learn();
    EXPECT_LE(predictor_.size(), 40);
}

TEST_F(AccessPredictorTest, creations_and_unknown_senders_are_passed_over) {
    add(1, 2);
    add(2, 3);
    transactions_[0].to.reset();
    learn();
    add(1, 2);
    add(2, 3);
    transactions_[0].to.reset();
    senders_[1].reset();
    const ListedHints hints = predictor_.predict(block(), state_);
    EXPECT_TRUE(hints.of(0).empty());
    EXPECT_TRUE(hints.of(1).empty());
}

}  // namespace
}  // namespace weft::execution::prediction
