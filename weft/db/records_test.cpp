// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/records.hpp"

#include "weft/base/random.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace weft::db {
namespace {

/// What a table gets of a record.
template <typename Put>
bytes written_by(const Put& put) {
    kv::Batch batch;
    put(batch);
    bytes value;
    batch.for_each([&](const kv::Batch::Change& change) { value.assign(change.second.begin(), change.second.end()); });
    return value;
}

/// Often of a size at which an encoding changes its form.
uint256 word(Random& random) {
    return random.pick({uint256{}, uint256{1}, uint256{0x7f}, uint256{0x80}, uint256{0xff}, uint256{0x100}, uint256{random.next()},
                        uint256{0, random.next(), 0, 0}, uint256{0, 0, 0, random.next()}, ~uint256{}});
}

AccountRecord account_record(Random& random) {
    AccountRecord record{.nonce = word(random).low64(), .balance = word(random)};
    if (random.chance(50)) record.code_hash = to_hash32(word(random));
    record.incarnation = word(random).low64();
    record.slots = word(random).low64();
    return record;
}

TEST(Records, accounts_are_what_they_were) {
    Random random(1);
    for (unsigned i = 0; i < 2'000; ++i) {
        const AccountRecord record = account_record(random);
        const bytes value = written_by([&](kv::Batch& batch) { put(batch, 0, {}, record); });
        EXPECT_EQ(decode_account_record(value), record);
        EXPECT_EQ(encode(record), value);
    }
}

TEST(Records, places_of_transactions_are_what_they_were) {
    Random random(2);
    for (unsigned i = 0; i < 500; ++i) {
        const TransactionPlace place{.block_number = word(random).low64(), .index = word(random).low64()};
        const auto read = decode_transaction_place(written_by([&](kv::Batch& batch) { put(batch, 0, {}, place); }));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->block_number, place.block_number);
        EXPECT_EQ(read->index, place.index);
    }
}

TEST(Records, what_undoes_a_block_is_what_it_was) {
    Random random(3);
    UndoEncoder encoder;
    for (unsigned round = 0; round < 300; ++round) {
        UndoRecord record;
        encoder.clear();
        const uint64_t accounts = random.below(6);
        for (uint64_t number = 1; number <= accounts; ++number) {
            UndoRecord::AccountBefore account{.addr = address_of(number), .record = {}, .incarnation = word(random).low64(), .slots = {}};
            if (random.chance(70)) account.record = account_record(random);
            // Lists on both sides of 55 and 255 bytes.
            const uint64_t slots = random.pick({0U, 1U, 2U, 7U, 8U, 40U});
            for (uint64_t slot = 0; slot < slots; ++slot) account.slots.emplace_back(uint256{slot}, word(random));
            encoder.add(account);
            record.accounts.push_back(std::move(account));
            if (!random.chance(20)) continue;
            record.dead.push_back({.addr = address_of(number), .incarnation = word(random).low64()});
            encoder.add(record.dead.back());
        }
        const bytes value = written_by([&](kv::Batch& batch) { encoder.put_into(batch, 0, {}); });
        const auto read = decode_undo_record(value);
        ASSERT_TRUE(read) << round;
        ASSERT_EQ(read->accounts.size(), record.accounts.size());
        for (size_t i = 0; i < record.accounts.size(); ++i) {
            EXPECT_EQ(read->accounts[i].addr, record.accounts[i].addr);
            EXPECT_EQ(read->accounts[i].record, record.accounts[i].record);
            EXPECT_EQ(read->accounts[i].incarnation, record.accounts[i].incarnation);
            EXPECT_EQ(read->accounts[i].slots, record.accounts[i].slots);
        }
        const auto dead = decode_dead_storages(value);
        ASSERT_TRUE(dead) << round;
        ASSERT_EQ(dead->size(), record.dead.size());
        for (size_t i = 0; i < record.dead.size(); ++i) {
            EXPECT_EQ((*dead)[i].addr, record.dead[i].addr);
            EXPECT_EQ((*dead)[i].incarnation, record.dead[i].incarnation);
        }
    }
}

}  // namespace
}  // namespace weft::db
