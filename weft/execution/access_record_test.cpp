// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/access_record.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

namespace weft::execution {
namespace {

constexpr address kToken = address_of(0x70ce);
constexpr address kQuiet = address_of(0x9);

address sender(uint64_t i) { return address_of(0x5e4d0000 + i); }

/// The slot of a mapping at slot `base`.
uint256 slot_of(const uint256& key, const uint256& base) {
    bytes data;
    for (const uint256& word : {key, base}) {
        const hash32 encoded = to_hash32(word);
        data.insert(data.end(), encoded.begin(), encoded.end());
    }
    return to_uint256(crypto::keccak256(data));
}

class AccessRecordTest : public testing::Test {
  protected:
    AccessRecordTest() {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = address_of(0xc01);
        // slot = keccak256(CALLER . 3); SSTORE(slot, SLOAD(slot) + 1); SSTORE(0, SLOAD(0)); SSTORE(1, SLOAD(1) + 1)
        constexpr uint8_t kCount[] = {0x33, 0x60, 0,    0x52, 0x60, 3,    0x60, 32,   0x52, 0x60, 64, 0x60,
                                      0,    0x20, 0x80, 0x54, 0x60, 1,    0x01, 0x90, 0x55, 0x60, 0,  0x54,
                                      0x60, 0,    0x55, 0x60, 1,    0x54, 0x60, 1,    0x01, 0x60, 1,  0x55};
        state_.set_code(kToken, kCount);
        for (uint64_t i = 0; i < 40; ++i) {
            state_.insert(sender(i % 30)).balance = uint256{1} << 100;
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.gas_limit = 200'000;
            transaction.nonce = i / 30;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
            transaction.to = kToken;
            senders_.emplace_back(sender(i % 30));
        }
        transactions_[1].to = kQuiet;
        transactions_[1].value = 7;
    }

    BlockInput block() const {
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = {},
                .rules = {.revision = types::Revision::Cancun}};
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
    AccessRecord record_;
};

TEST_F(AccessRecordTest, names_what_was_read_and_written_and_how_slots_were_found) {
    ASSERT_TRUE(SequentialExecutor{}.execute(block(), state_, {.accesses = &record_}));
    ASSERT_EQ(record_.entries().size(), transactions_.size());
    const AccessRecord::Entry& entry = record_.entries()[0];
    const uint256 slot = slot_of(to_uint256(sender(0)), 3);
    EXPECT_EQ(entry.accesses, (std::vector<Access>{{.account = kToken, .slot = std::nullopt, .is_write = false},
                                                   {.account = kToken, .slot = slot, .is_write = true},
                                                   {.account = kToken, .slot = 0, .is_write = false},
                                                   {.account = kToken, .slot = 1, .is_write = true}}));
    EXPECT_EQ(entry.hashed_pairs, (std::vector<evm::HashedPair>{{.first = to_uint256(sender(0)), .second = 3, .hash = slot}}));
    EXPECT_EQ(entry.code_hash, state_.accounts().at(kToken).code_hash);
    // A payment: only balances.
    EXPECT_EQ(record_.entries()[1].hashed_pairs.size(), 0);
    for (const Access& access : record_.of(1)) EXPECT_FALSE(access.is_write);
    EXPECT_EQ(record_.entries()[1].code_hash, state::kEmptyCodeHash);
    EXPECT_TRUE(record_.of(transactions_.size()).empty());
}

TEST_F(AccessRecordTest, of_parallel_execution_is_that_of_sequential_execution) {
    ASSERT_TRUE(SequentialExecutor{}.execute(block(), state_, {.accesses = &record_}));
    for (const unsigned threads : {1U, 2U, 4U}) {
        ParallelExecutor executor(threads);
        AccessRecord record;
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(executor.execute(block(), state_, {.accesses = &record}));
            EXPECT_EQ(record.entries(), record_.entries());
        }
    }
}

TEST_F(AccessRecordTest, spares_every_repeated_execution_when_it_is_the_hint) {
    const auto expected = SequentialExecutor{}.execute(block(), state_, {.accesses = &record_});
    BlockInput hinted = block();
    hinted.hints = &record_;
    ParallelExecutor executor(4);
    for (int i = 0; i < 20; ++i) {
        // Who reads a slot that can be repaired does not wait, and has to execute again where that fails.
        EXPECT_EQ(executor.execute(hinted, state_, {.repair_slots = false}), expected);
        EXPECT_EQ(executor.statistics().reexecutions, 0);
    }
}

TEST_F(AccessRecordTest, of_an_invalid_transaction_is_empty) {
    transactions_[2].nonce = 5;
    ASSERT_FALSE(SequentialExecutor{}.execute(block(), state_, {.accesses = &record_}));
    EXPECT_FALSE(record_.of(0).empty());
    EXPECT_TRUE(record_.of(2).empty());
}

}  // namespace
}  // namespace weft::execution
