// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/multi_version_memory.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

using state::Account;
using state::AccountChange;
using state::TransactionChanges;

constexpr address kAlice = address_of(0xa11ce);
constexpr address kBob = address_of(0xb0b);

AccountChange credit(const address& addr, uint64_t amount) {
    return {.addr = addr, .comes_to_exist = true, .balance_change = AccountChange::Balance::credit, .balance = amount};
}
AccountChange balance(const address& addr, uint64_t amount) {
    return {.addr = addr, .comes_to_exist = true, .balance_change = AccountChange::Balance::set, .balance = amount};
}
AccountChange nonce(const address& addr, uint64_t value) {
    return {.addr = addr, .comes_to_exist = true, .nonce_changed = true, .nonce = value};
}
AccountChange removed(const address& addr) { return {.addr = addr, .removed = true, .storage_wiped = true}; }
AccountChange slot(const address& addr, uint64_t key, uint64_t value) { return {.addr = addr, .slots = {{key, value}}}; }

class MultiVersionMemoryTest : public testing::Test {
  protected:
    MultiVersionMemoryTest() { begin(); }

    void begin() {
        memory_.reset();
        memory_.reserve(20);
    }

    /// Alice as `reader` sees her over a base, which is given once.
    std::optional<Account> account(Position reader, const std::optional<Account>& base = Account{.nonce = 7, .balance = 100}) {
        auto& cell = memory_.cell_of(kAlice);
        std::optional<Account> value;
        auto reading = memory_.read(cell, reader, value);
        if (reading.needs_base) {
            memory_.set_base(cell, base);
            reading = memory_.read(cell, reader, value);
        }
        EXPECT_EQ(reading.blocker, kNobody);
        EXPECT_FALSE(reading.needs_base);
        return value;
    }
    Position account_blocker(Position reader) {
        std::optional<Account> value;
        return memory_.read(memory_.cell_of(kAlice), reader, value).blocker;
    }
    MultiVersionMemory::Reading read_slot(Position reader, uint64_t key, uint256& value) {
        return memory_.read(memory_.cell_of(memory_.cell_of(kAlice), key), reader, value);
    }
    /// nullopt: the base's value shows through.
    std::optional<uint256> slot_value(Position reader, uint64_t key) {
        uint256 value;
        const auto reading = read_slot(reader, key, value);
        EXPECT_EQ(reading.blocker, kNobody);
        return reading.needs_base ? std::nullopt : std::optional(value);
    }
    Position slot_blocker(Position reader, uint64_t key) {
        uint256 value;
        return read_slot(reader, key, value).blocker;
    }

    MultiVersionMemory memory_;
};

TEST_F(MultiVersionMemoryTest, a_reader_sees_lower_positions_only) {
    memory_.publish(3, {balance(kAlice, 30), slot(kBob, 1, 1)});
    memory_.publish(5, {balance(kAlice, 50)});
    EXPECT_EQ(account(3)->balance, 100);
    EXPECT_EQ(account(4)->balance, 30);
    EXPECT_EQ(account(5)->balance, 30);
    EXPECT_EQ(account(6)->balance, 50);
}

TEST_F(MultiVersionMemoryTest, a_value_is_put_together_from_several_versions) {
    memory_.publish(1, {balance(kAlice, 10)});
    memory_.publish(2, {nonce(kAlice, 8)});
    memory_.publish(3, {credit(kAlice, 5)});
    memory_.publish(4, {credit(kAlice, 6)});
    EXPECT_EQ(account(9), (Account{.nonce = 8, .balance = 21}));
}

TEST_F(MultiVersionMemoryTest, credits_add_to_the_base) {
    memory_.publish(1, {credit(kAlice, 1)});
    memory_.publish(2, {credit(kAlice, 2)});
    EXPECT_EQ(account(3)->balance, 103);
}

TEST_F(MultiVersionMemoryTest, credits_bring_an_absent_account_into_being) {
    memory_.publish(1, {credit(kAlice, 3)});
    EXPECT_EQ(account(3, std::nullopt), (Account{.balance = 3}));
    EXPECT_EQ(account(1), std::nullopt);
}

TEST_F(MultiVersionMemoryTest, a_base_is_asked_for_once) {
    uint256 value;
    EXPECT_TRUE(read_slot(1, 5, value).needs_base);
    memory_.set_base(memory_.cell_of(memory_.cell_of(kAlice), 5), 55);
    memory_.set_base(memory_.cell_of(memory_.cell_of(kAlice), 5), 56);
    EXPECT_FALSE(read_slot(1, 5, value).needs_base);
    EXPECT_EQ(value, 55);
    EXPECT_EQ(memory_.written_without_base(1), nullptr);
    memory_.publish(1, {credit(kBob, 1)});
    EXPECT_EQ(memory_.written_without_base(1), &memory_.cell_of(kBob));
    memory_.set_base(memory_.cell_of(kBob), std::nullopt);
    EXPECT_EQ(memory_.written_without_base(1), nullptr);
}

TEST_F(MultiVersionMemoryTest, a_removed_account_begins_fresh) {
    memory_.publish(1, {balance(kAlice, 10), slot(kBob, 1, 1)});
    memory_.publish(2, {removed(kAlice)});
    EXPECT_EQ(account(3), std::nullopt);
    memory_.publish(3, {credit(kAlice, 4)});
    EXPECT_EQ(account(4), (Account{.balance = 4}));
}

TEST_F(MultiVersionMemoryTest, settled_versions_read_as_before) {
    memory_.publish(1, {balance(kAlice, 10)});
    memory_.publish(2, {removed(kAlice)});
    memory_.publish(3, {credit(kAlice, 4)});
    memory_.publish(4, {nonce(kAlice, 1)});
    memory_.publish(6, {credit(kAlice, 5)});
    for (const Position end : {0U, 1U, 2U, 3U, 4U, 5U}) {
        memory_.settle(end);
        EXPECT_EQ(account(5), (Account{.nonce = 1, .balance = 4}));
        EXPECT_EQ(account(7), (Account{.nonce = 1, .balance = 9}));
    }
}

TEST_F(MultiVersionMemoryTest, another_incarnation_replaces_all_that_the_one_before_wrote) {
    memory_.publish(1, {balance(kAlice, 10)});
    memory_.publish(2, {slot(kAlice, 1, 11)});
    memory_.publish(2, {slot(kAlice, 2, 22)});
    EXPECT_EQ(slot_value(3, 1), std::nullopt);
    EXPECT_EQ(slot_value(3, 2), uint256{22});
    memory_.publish(1, {});
    EXPECT_EQ(account(2)->balance, 100);
}

TEST_F(MultiVersionMemoryTest, an_estimate_blocks_its_readers_until_it_is_written_again) {
    memory_.publish(2, {nonce(kAlice, 8), slot(kBob, 1, 1)});
    memory_.publish(3, {slot(kAlice, 1, 11)});
    memory_.mark_estimates(2);
    memory_.mark_estimates(3);
    EXPECT_EQ(account_blocker(2), kNobody);
    EXPECT_EQ(account_blocker(4), 2);
    EXPECT_EQ(slot_blocker(3, 1), kNobody);
    EXPECT_EQ(slot_blocker(4, 1), 3);
    memory_.publish(2, {nonce(kAlice, 9)});
    memory_.publish(3, {});
    EXPECT_EQ(account(4)->nonce, 9);
    EXPECT_EQ(slot_value(4, 1), std::nullopt);
}

TEST_F(MultiVersionMemoryTest, an_estimated_balance_is_passed_on) {
    memory_.publish(2, {credit(kAlice, 1)});
    memory_.mark_estimates(2);
    EXPECT_EQ(account(3)->balance, 101);
}

TEST_F(MultiVersionMemoryTest, wiped_storage_reads_zero_below_what_was_written_since) {
    memory_.publish(1, {slot(kAlice, 1, 11)});
    memory_.publish(2, {removed(kAlice)});
    memory_.publish(4, {slot(kAlice, 2, 22)});
    EXPECT_EQ(slot_value(2, 1), uint256{11});
    EXPECT_EQ(slot_value(3, 1), uint256{});
    EXPECT_EQ(slot_value(3, 9), uint256{});
    EXPECT_EQ(slot_value(4, 2), uint256{});
    EXPECT_EQ(slot_value(5, 2), uint256{22});
}

TEST_F(MultiVersionMemoryTest, a_reader_learns_whose_wipe_it_reads_under) {
    memory_.publish(2, {removed(kAlice)});
    memory_.publish(4, {removed(kAlice)});
    uint256 value;
    EXPECT_EQ(read_slot(4, 1, value).wiped_by, 2);
    EXPECT_EQ(read_slot(5, 1, value).wiped_by, 4);
    memory_.mark_estimates(4);
    EXPECT_EQ(slot_blocker(5, 1), 4);
}

TEST_F(MultiVersionMemoryTest, deployed_code_is_found_by_its_hash_until_the_reset) {
    const bytes code{0x60, 0x00};
    const hash32 hash = state::code_hash_of(code);
    EXPECT_EQ(memory_.code(hash), nullptr);
    const auto deployed = std::make_shared<const state::Code>(code);
    memory_.publish(1, {{.addr = kAlice, .comes_to_exist = true, .code_changed = true, .code_hash = hash, .code = deployed}});
    EXPECT_EQ(memory_.code(hash), deployed.get());
    EXPECT_EQ(account(2)->code_hash, hash);
    memory_.reset();
    memory_.reserve(20);
    EXPECT_EQ(memory_.code(hash), nullptr);
    EXPECT_EQ(account(2)->code_hash, state::kEmptyCodeHash);
}

}  // namespace
}  // namespace weft::execution::parallel
