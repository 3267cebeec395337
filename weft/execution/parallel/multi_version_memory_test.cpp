// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/multi_version_memory.hpp"

#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

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
    MultiVersionMemory::AccountCell& account_cell(const address& addr) { return memory_.cell_of(addr, memory_.pool(0)); }
    /// Of Alice.
    MultiVersionMemory::SlotCell& slot_cell(uint64_t key) { return memory_.cell_of(account_cell(kAlice), key, memory_.pool(0)); }

    void publish(Position writer, const TransactionChanges& changes) {
        memory_.publish(writer, writes_[writer], changes, {}, memory_.pool(0));
    }
    /// So that no credit to her is deferred.
    void look_at_the_balance_of_alice() {
        memory_.defer_credits_to(kAlice, memory_.pool(0));
        MultiVersionMemory::balance_is_observed(account_cell(kAlice));
    }
    void mark_estimates(Position writer) { memory_.mark_estimates(writer, writes_[writer]); }

    /// Alice as `reader` sees her over a base, which is given once.
    std::optional<Account> account(Position reader, const std::optional<Account>& base = Account{.nonce = 7, .balance = 100}) {
        auto& cell = account_cell(kAlice);
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
        return memory_.read(account_cell(kAlice), reader, value).blocker;
    }
    MultiVersionMemory::Reading read_slot(Position reader, uint64_t key, uint256& value) {
        return memory_.read(slot_cell(key), reader, value);
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

    MultiVersionMemory memory_{1};
    std::array<MultiVersionMemory::WriteSet, 8> writes_;
};

TEST_F(MultiVersionMemoryTest, a_reader_sees_lower_positions_only) {
    publish(3, {balance(kAlice, 30), slot(kBob, 1, 1)});
    publish(5, {balance(kAlice, 50)});
    EXPECT_EQ(account(3)->balance, 100);
    EXPECT_EQ(account(4)->balance, 30);
    EXPECT_EQ(account(5)->balance, 30);
    EXPECT_EQ(account(6)->balance, 50);
}

TEST_F(MultiVersionMemoryTest, a_value_is_put_together_from_several_versions) {
    look_at_the_balance_of_alice();
    publish(1, {balance(kAlice, 10)});
    publish(2, {nonce(kAlice, 8)});
    publish(3, {credit(kAlice, 5)});
    publish(4, {credit(kAlice, 6)});
    EXPECT_EQ(account(9), (Account{.nonce = 8, .balance = 21}));
}

TEST_F(MultiVersionMemoryTest, credits_add_to_the_base) {
    look_at_the_balance_of_alice();
    publish(1, {credit(kAlice, 1)});
    publish(2, {credit(kAlice, 2)});
    EXPECT_EQ(account(3)->balance, 103);
}

TEST_F(MultiVersionMemoryTest, credits_bring_an_absent_account_into_being) {
    publish(1, {credit(kAlice, 3)});
    EXPECT_EQ(account(3, std::nullopt), (Account{.balance = 3}));
    EXPECT_EQ(account(1), std::nullopt);
}

TEST_F(MultiVersionMemoryTest, a_base_is_asked_for_once) {
    uint256 value;
    EXPECT_TRUE(read_slot(1, 5, value).needs_base);
    memory_.set_base(slot_cell(5), 55);
    memory_.set_base(slot_cell(5), 56);
    EXPECT_FALSE(read_slot(1, 5, value).needs_base);
    EXPECT_EQ(value, 55);
    EXPECT_EQ(MultiVersionMemory::written_without_base(writes_[1]), nullptr);
    publish(1, {credit(kBob, 1)});
    EXPECT_EQ(MultiVersionMemory::written_without_base(writes_[1]), &account_cell(kBob));
    memory_.set_base(account_cell(kBob), std::nullopt);
    EXPECT_EQ(MultiVersionMemory::written_without_base(writes_[1]), nullptr);
}

TEST_F(MultiVersionMemoryTest, a_removed_account_begins_fresh) {
    look_at_the_balance_of_alice();
    publish(1, {balance(kAlice, 10), slot(kBob, 1, 1)});
    publish(2, {removed(kAlice)});
    EXPECT_EQ(account(3), std::nullopt);
    publish(3, {credit(kAlice, 4)});
    EXPECT_EQ(account(4), (Account{.balance = 4}));
}

TEST_F(MultiVersionMemoryTest, settled_versions_read_as_before) {
    look_at_the_balance_of_alice();
    publish(1, {balance(kAlice, 10)});
    publish(2, {removed(kAlice)});
    publish(3, {credit(kAlice, 4)});
    publish(4, {nonce(kAlice, 1)});
    publish(6, {credit(kAlice, 5)});
    for (const Position end : {0U, 1U, 2U, 3U, 4U, 5U}) {
        memory_.settle(end);
        EXPECT_EQ(account(5), (Account{.nonce = 1, .balance = 4}));
        EXPECT_EQ(account(7), (Account{.nonce = 1, .balance = 9}));
    }
}

TEST_F(MultiVersionMemoryTest, another_incarnation_replaces_all_that_the_one_before_wrote) {
    publish(1, {balance(kAlice, 10)});
    publish(2, {slot(kAlice, 1, 11)});
    publish(2, {slot(kAlice, 2, 22)});
    EXPECT_EQ(slot_value(3, 1), std::nullopt);
    EXPECT_EQ(slot_value(3, 2), uint256{22});
    publish(1, {});
    EXPECT_EQ(account(2)->balance, 100);
}

TEST_F(MultiVersionMemoryTest, an_estimate_blocks_its_readers_until_it_is_written_again) {
    publish(2, {nonce(kAlice, 8), slot(kBob, 1, 1)});
    publish(3, {slot(kAlice, 1, 11)});
    mark_estimates(2);
    mark_estimates(3);
    EXPECT_EQ(account_blocker(2), kNobody);
    EXPECT_EQ(account_blocker(4), 2);
    EXPECT_EQ(slot_blocker(3, 1), kNobody);
    EXPECT_EQ(slot_blocker(4, 1), 3);
    publish(2, {nonce(kAlice, 9)});
    publish(3, {});
    EXPECT_EQ(account(4)->nonce, 9);
    EXPECT_EQ(slot_value(4, 1), std::nullopt);
}

TEST_F(MultiVersionMemoryTest, an_expected_write_blocks_readers_until_its_writer_publishes_whatever_it_is) {
    memory_.expect_write(2, writes_[2], slot_cell(1), memory_.pool(0));
    memory_.expect_write(2, writes_[2], slot_cell(2), memory_.pool(0));
    memory_.expect_write(3, writes_[3], account_cell(kAlice));
    EXPECT_EQ(slot_blocker(2, 1), kNobody);
    EXPECT_EQ(slot_blocker(3, 1), 2);
    EXPECT_EQ(slot_blocker(3, 2), 2);
    EXPECT_EQ(account_blocker(3), kNobody);
    EXPECT_EQ(account_blocker(4), 3);
    publish(2, {slot(kAlice, 1, 11)});
    publish(3, {});
    EXPECT_EQ(slot_value(4, 1), 11);
    EXPECT_EQ(slot_value(4, 2), std::nullopt);
    EXPECT_EQ(account(4), (Account{.nonce = 7, .balance = 100}));

    // What was expected and then written is part of the difference, what was only expected is not.
    state::MemoryState before;
    Crew crew;
    const auto diff = memory_.diff(before, crew);
    ASSERT_TRUE(diff);
    ASSERT_EQ(diff->accounts.size(), 1);
    EXPECT_EQ(diff->accounts.at(kAlice).slots, (std::vector<state::SlotValue>{{1, 11}}));
}

TEST_F(MultiVersionMemoryTest, an_estimated_balance_is_passed_on) {
    publish(2, {credit(kAlice, 1)});
    mark_estimates(2);
    EXPECT_EQ(account(3)->balance, 101);
}

TEST_F(MultiVersionMemoryTest, a_deferred_credit_waits_until_it_is_accepted_and_published) {
    memory_.defer_credits_to(kAlice, memory_.pool(0));
    publish(1, {credit(kAlice, 1)});
    publish(2, {balance(kAlice, 50)});
    EXPECT_EQ(account(2)->balance, 100);
    EXPECT_EQ(account(3)->balance, 50);
    memory_.accept(1, writes_[1]);
    EXPECT_EQ(account(2)->balance, 100);
    memory_.publish_credits(account_cell(kAlice), 1, memory_.pool(0));
    EXPECT_EQ(account(2)->balance, 101);
    EXPECT_EQ(account(3)->balance, 50);
    memory_.accept(2, writes_[2]);
    memory_.publish_credits(account_cell(kAlice), 2, memory_.pool(0));
    EXPECT_EQ(account(3)->balance, 50);

    publish(3, {credit(kAlice, 1)});
    EXPECT_EQ(account(4)->balance, 50);
    MultiVersionMemory::balance_is_observed(account_cell(kAlice));
    EXPECT_TRUE(MultiVersionMemory::may_lack_credits(account_cell(kAlice)));
    EXPECT_FALSE(MultiVersionMemory::may_lack_credits(account_cell(kBob)));
    publish(4, {credit(kAlice, 2)});
    EXPECT_EQ(account(5)->balance, 52);
    memory_.accept(3, writes_[3]);
    memory_.accept(4, writes_[4]);
    memory_.publish_credits(account_cell(kAlice), 4, memory_.pool(0));
    EXPECT_EQ(account(5)->balance, 53);
}

TEST_F(MultiVersionMemoryTest, credits_are_deferred_from_the_second_on) {
    publish(1, {credit(kAlice, 1)});
    publish(2, {credit(kAlice, 2)});
    publish(3, {credit(kAlice, 4)});
    EXPECT_EQ(account(9)->balance, 101);
    for (const Position writer : {1U, 2U, 3U}) memory_.accept(writer, writes_[writer]);
    memory_.publish_all_credits(3, memory_.pool(0));
    EXPECT_EQ(account(9)->balance, 107);
}

AccountChange paid_call(const address& addr, uint64_t amount, uint64_t key, uint64_t value) {
    AccountChange change = credit(addr, amount);
    change.slots = {{key, value}};
    return change;
}

TEST_F(MultiVersionMemoryTest, credits_to_a_contract_that_stores_are_deferred_and_its_slots_are_not) {
    const Account contract{.nonce = 1, .balance = 100, .has_storage = true};
    EXPECT_EQ(account(1, contract)->balance, 100);
    std::optional<Account> value;
    const MultiVersionMemory::AccountRead read{.cell = &account_cell(kAlice),
                                               .changes = memory_.read(account_cell(kAlice), 9, value).changes};
    publish(1, {paid_call(kAlice, 1, 5, 50)});
    publish(2, {paid_call(kAlice, 2, 6, 60)});
    EXPECT_TRUE(memory_.is_unchanged(read));
    EXPECT_EQ(slot_value(2, 5), 50);
    EXPECT_EQ(slot_value(3, 6), 60);
    for (const Position writer : {1U, 2U}) memory_.accept(writer, writes_[writer]);
    memory_.publish_all_credits(2, memory_.pool(0));
    EXPECT_EQ(account(9)->balance, 103);
}

TEST_F(MultiVersionMemoryTest, a_contract_that_had_no_storage_or_lost_it_is_not_only_paid) {
    EXPECT_FALSE(account(1, Account{.nonce = 1, .balance = 100})->has_storage);
    publish(1, {paid_call(kAlice, 1, 5, 50)});
    EXPECT_EQ(account(2)->balance, 101);
    EXPECT_TRUE(account(2)->has_storage);

    memory_.reset();
    EXPECT_TRUE(account(1, Account{.nonce = 1, .balance = 100, .has_storage = true})->has_storage);
    publish(2, {removed(kBob)});
    publish(3, {paid_call(kAlice, 1, 5, 50)});
    EXPECT_EQ(account(4)->balance, 101);
}

TEST_F(MultiVersionMemoryTest, credits_of_several_writers_are_published_together) {
    memory_.defer_credits_to(kAlice, memory_.pool(0));
    for (const Position writer : {1U, 2U, 3U}) publish(writer, {credit(kAlice, writer)});
    EXPECT_EQ(MultiVersionMemory::written_without_base(writes_[1]), &account_cell(kAlice));
    for (const Position writer : {1U, 2U, 3U}) memory_.accept(writer, writes_[writer]);
    EXPECT_EQ(account(4)->balance, 100);
    memory_.publish_credits(account_cell(kAlice), 3, memory_.pool(0));
    EXPECT_EQ(account(3)->balance, 100);
    EXPECT_EQ(account(4)->balance, 106);
    memory_.publish_credits(account_cell(kAlice), 3, memory_.pool(0));
    EXPECT_EQ(account(4)->balance, 106);
}

/// A slot of Alice's to which transactions add without looking, and that somebody has read too early; it had 100.
class DeferredAdditionsTest : public MultiVersionMemoryTest {
  protected:
    static constexpr uint64_t kSlot = 1;
    DeferredAdditionsTest() {
        memory_.set_base(cell(), 100);
        MultiVersionMemory::contend(cell(), MultiVersionMemory::kSomebody);
    }

    MultiVersionMemory::SlotCell& cell() { return slot_cell(kSlot); }
    /// By a transaction that has read the slot as relative.
    void add(Position writer, uint64_t amount) {
        uint256 seen;
        const auto reading = read_slot(writer, kSlot, seen);
        ASSERT_EQ(reading.blocker, kNobody);
        MultiVersionMemory::SlotRead read{.cell = &cell(), .changes = reading.changes, .wiped_by = reading.wiped_by, .value = seen};
        const state::RelativeSlot relative{.slot = 0, .ticket = 0, .tolerance = {}};
        const TransactionChanges changes{{.addr = kAlice, .slots = {{kSlot, seen + amount}}}};
        memory_.publish(writer, writes_[writer], changes, {.accounts = {}, .slots = {&read, 1}, .relative = {&relative, 1}},
                        memory_.pool(0));
    }
    void accept(Position writer) { memory_.accept(writer, writes_[writer]); }
    void publish_sum() { memory_.publish_additions(cell(), memory_.pool(0)); }
};

TEST_F(DeferredAdditionsTest, wait_until_they_are_accepted_and_published) {
    for (const Position writer : {1U, 2U}) add(writer, writer);
    EXPECT_TRUE(writes_[1].defers(cell()));
    EXPECT_TRUE(memory_.is_hot(cell())) << "others are to read it so, too";
    EXPECT_EQ(memory_.base_of_untouched(cell()), nullptr);
    EXPECT_FALSE(memory_.has_additions());
    for (const Position writer : {1U, 2U}) accept(writer);
    EXPECT_TRUE(memory_.has_additions());
    EXPECT_EQ(memory_.addition_to(cell()), 3);
    EXPECT_EQ(slot_value(3, kSlot), 100);
    publish_sum();
    EXPECT_FALSE(memory_.has_additions());
    EXPECT_EQ(memory_.addition_to(cell()), 0);
    EXPECT_EQ(slot_value(2, kSlot), 100);
    EXPECT_EQ(slot_value(3, kSlot), 103);
    // What comes after is added to that.
    add(3, 4);
    accept(3);
    memory_.publish_all_additions(memory_.pool(0));
    EXPECT_EQ(slot_value(4, kSlot), 107);
}

TEST_F(DeferredAdditionsTest, are_added_to_what_the_last_has_written) {
    add(1, 1);
    publish(2, {slot(kAlice, kSlot, 50)});
    add(3, 5);
    accept(1);
    publish_sum();
    accept(2);
    accept(3);
    publish_sum();
    EXPECT_EQ(slot_value(2, kSlot), 101);
    EXPECT_EQ(slot_value(3, kSlot), 50);
    EXPECT_EQ(slot_value(4, kSlot), 55);
}

TEST_F(DeferredAdditionsTest, are_published_once_somebody_looks) {
    MultiVersionMemory::value_is_observed(cell());
    EXPECT_FALSE(MultiVersionMemory::may_lack_additions(cell())) << "nobody has added anything";
    add(1, 1);
    EXPECT_TRUE(MultiVersionMemory::defers_additions(cell()));
    MultiVersionMemory::value_is_observed(cell());
    EXPECT_FALSE(MultiVersionMemory::defers_additions(cell()));
    EXPECT_TRUE(MultiVersionMemory::may_lack_additions(cell())) << "of the first";
    add(2, 2);
    EXPECT_FALSE(writes_[2].defers(cell()));
    EXPECT_EQ(slot_value(3, kSlot), 102);
}

TEST_F(DeferredAdditionsTest, are_offered_to_all_where_they_are_presumed) {
    EXPECT_FALSE(MultiVersionMemory::defers_additions(cell()));
    MultiVersionMemory::defer_additions_to(cell());
    EXPECT_TRUE(MultiVersionMemory::defers_additions(cell()));
    add(1, 1);
    EXPECT_TRUE(writes_[1].defers(cell()));
}

TEST_F(DeferredAdditionsTest, are_what_the_last_incarnation_adds) {
    add(1, 1);
    publish(1, {slot(kAlice, kSlot, 7)});
    EXPECT_FALSE(writes_[1].defers(cell()));
    EXPECT_EQ(slot_value(2, kSlot), 7);
    add(1, 2);
    EXPECT_EQ(slot_value(2, kSlot), 100);
    accept(1);
    EXPECT_EQ(memory_.addition_to(cell()), 2);
}

TEST_F(MultiVersionMemoryTest, what_was_moved_was_read_too_early) {
    publish(1, {slot(kAlice, 1, 5)});
    EXPECT_FALSE(MultiVersionMemory::is_contended(slot_cell(1)));
    MultiVersionMemory::move(slot_cell(1), 1, 2);
    EXPECT_TRUE(MultiVersionMemory::is_contended(slot_cell(1)));
    EXPECT_EQ(slot_value(2, 1), 7);
}

TEST_F(DeferredAdditionsTest, are_published_where_storage_may_be_wiped) {
    publish(1, {removed(kBob)});
    add(2, 1);
    EXPECT_FALSE(writes_[2].defers(cell()));
    EXPECT_EQ(slot_value(3, kSlot), 101);
}

TEST_F(MultiVersionMemoryTest, a_slot_is_untouched_until_somebody_writes_or_may_wipe_it_or_is_known_to_write_it) {
    // Odd, as others are never untouched where threads are simulated.
    constexpr uint64_t kSlot = 1;
    constexpr uint64_t kOther = 3;
    EXPECT_EQ(memory_.base_of_untouched(slot_cell(kSlot)), nullptr) << "nobody knows the base";
    for (const uint64_t key : {kSlot, kOther}) {
        memory_.set_base(slot_cell(key), 10);
        ASSERT_NE(memory_.base_of_untouched(slot_cell(key)), nullptr);
        EXPECT_EQ(*memory_.base_of_untouched(slot_cell(key)), 10);
    }
    MultiVersionMemory::contend(slot_cell(kSlot), 7);
    EXPECT_EQ(memory_.base_of_untouched(slot_cell(kSlot)), nullptr);
    publish(1, {slot(kAlice, kOther, 11)});
    EXPECT_EQ(memory_.base_of_untouched(slot_cell(kOther)), nullptr);

    memory_.reset();
    memory_.set_base(slot_cell(kSlot), 10);
    EXPECT_NE(memory_.base_of_untouched(slot_cell(kSlot)), nullptr);
    publish(2, {removed(kBob)});
    EXPECT_EQ(memory_.base_of_untouched(slot_cell(kSlot)), nullptr);
}

TEST_F(MultiVersionMemoryTest, ones_own_publication_is_no_news) {
    static_cast<void>(account(5));
    memory_.set_base(slot_cell(1), 10);
    publish(3, {slot(kAlice, 1, 11)});
    std::optional<Account> value;
    uint256 word;
    std::array accounts{
        MultiVersionMemory::AccountRead{.cell = &account_cell(kAlice), .changes = memory_.read(account_cell(kAlice), 5, value).changes}};
    const auto slot_read = read_slot(5, 1, word);
    std::array slots{
        MultiVersionMemory::SlotRead{.cell = &slot_cell(1), .changes = slot_read.changes, .wiped_by = slot_read.wiped_by, .value = word}};
    const TransactionChanges changes{
        {.addr = kAlice, .comes_to_exist = true, .nonce_changed = true, .nonce = 8, .slots = {{.slot = 1, .value = 12}}}};
    const auto publish_own = [&] { memory_.publish(5, writes_[5], changes, {.accounts = accounts, .slots = slots}, memory_.pool(0)); };
    publish_own();
    EXPECT_TRUE(memory_.is_unchanged(accounts[0]));
    EXPECT_TRUE(memory_.is_unchanged(slots[0]));
    // What others did in between is.
    publish(4, {nonce(kAlice, 9), slot(kAlice, 1, 13)});
    EXPECT_FALSE(memory_.is_unchanged(accounts[0]));
    EXPECT_FALSE(memory_.is_unchanged(slots[0]));
    publish_own();
    EXPECT_FALSE(memory_.is_unchanged(accounts[0]));
    EXPECT_FALSE(memory_.is_unchanged(slots[0]));
}

TEST_F(MultiVersionMemoryTest, a_read_is_unchanged_until_something_happens_to_its_cell) {
    const auto read_account = [this] {
        std::optional<Account> value;
        return MultiVersionMemory::AccountRead{.cell = &account_cell(kAlice),
                                               .changes = memory_.read(account_cell(kAlice), 9, value).changes};
    };
    const auto read_slot_1 = [this] {
        uint256 value;
        const auto reading = read_slot(9, 1, value);
        return MultiVersionMemory::SlotRead{
            .cell = &slot_cell(1), .changes = reading.changes, .wiped_by = reading.wiped_by, .value = value};
    };
    memory_.set_base(account_cell(kAlice), Account{.balance = 1});
    memory_.set_base(slot_cell(1), 5);
    auto account = read_account();
    auto slot_1 = read_slot_1();
    EXPECT_TRUE(memory_.is_unchanged(account));
    EXPECT_TRUE(memory_.is_unchanged(slot_1));
    publish(2, {slot(kAlice, 1, 6)});
    EXPECT_TRUE(memory_.is_unchanged(account));
    EXPECT_FALSE(memory_.is_unchanged(slot_1));
    slot_1 = read_slot_1();
    EXPECT_TRUE(memory_.is_unchanged(slot_1));
    mark_estimates(2);
    EXPECT_FALSE(memory_.is_unchanged(slot_1));
    publish(2, {});
    slot_1 = read_slot_1();
    publish(3, {removed(kAlice)});
    EXPECT_FALSE(memory_.is_unchanged(account));
    EXPECT_FALSE(memory_.is_unchanged(slot_1));
}

TEST_F(MultiVersionMemoryTest, what_is_published_early_stands_if_it_is_published_again) {
    auto& cell = slot_cell(1);
    memory_.set_base(cell, 5);
    MultiVersionMemory::note_stores(cell, 1);
    MultiVersionMemory::SlotRead own{.cell = &cell, .changes = 0, .wiped_by = kNobody, .value = 5};
    memory_.publish_early(1, writes_[1], own, 6, memory_.pool(0));
    EXPECT_TRUE(memory_.is_unchanged(own)) << "ones own publication is no news";
    EXPECT_TRUE(MultiVersionMemory::is_written(cell, 1, 2));
    EXPECT_FALSE(MultiVersionMemory::is_written(cell, 2, 3));
    uint256 value;
    const auto reading = memory_.read(cell, 2, value);
    EXPECT_EQ(value, 6);
    const MultiVersionMemory::SlotRead read{.cell = &cell, .changes = reading.changes, .wiped_by = kNobody, .value = value};

    memory_.publish(1, writes_[1], {slot(kAlice, 1, 6)}, {.accounts = {}, .slots = {&own, 1}}, memory_.pool(0));
    EXPECT_TRUE(memory_.is_unchanged(read));
    EXPECT_TRUE(MultiVersionMemory::knows_last_store(cell));
    // It is of the incarnation that has finished.
    publish(1, {slot(kAlice, 1, 6)});
    EXPECT_EQ(memory_.read(cell, 2, value).blocker, kNobody);
    EXPECT_EQ(value, 6);
    publish(1, {});
    EXPECT_FALSE(MultiVersionMemory::is_written(cell, 1, 2));
    EXPECT_TRUE(MultiVersionMemory::knows_last_store(cell));
}

TEST_F(MultiVersionMemoryTest, nothing_is_published_early_any_more_where_that_was_wrong) {
    for (const uint64_t key : {1, 2}) {
        auto& cell = slot_cell(key);
        memory_.set_base(cell, 5);
        MultiVersionMemory::note_stores(cell, 1);
        MultiVersionMemory::SlotRead own{.cell = &cell, .changes = 0, .wiped_by = kNobody, .value = 5};
        memory_.publish_early(1, writes_[1], own, 6, memory_.pool(0));
        EXPECT_TRUE(MultiVersionMemory::is_last_store(cell, 1));
    }
    uint256 value;
    const auto reading = memory_.read(slot_cell(1), 2, value);
    const MultiVersionMemory::SlotRead read{.cell = &slot_cell(1), .changes = reading.changes, .wiped_by = kNobody, .value = value};
    publish(1, {slot(kAlice, 1, 7)});
    EXPECT_FALSE(memory_.is_unchanged(read));
    EXPECT_EQ(memory_.read(slot_cell(1), 2, value).blocker, kNobody);
    EXPECT_EQ(value, 7);
    EXPECT_EQ(memory_.read(slot_cell(2), 2, value).blocker, kNobody);
    EXPECT_EQ(value, 5);
    for (const uint64_t key : {1, 2}) EXPECT_FALSE(MultiVersionMemory::is_last_store(slot_cell(key), 1));
    MultiVersionMemory::note_stores(slot_cell(1), 1);
    EXPECT_FALSE(MultiVersionMemory::knows_last_store(slot_cell(1)));
}

TEST_F(MultiVersionMemoryTest, the_difference_holds_what_stands_in_the_order_of_addresses) {
    state::MemoryState base;
    base.insert(kAlice).balance = 100;
    base.insert(kBob).balance = 5;
    publish(0, {balance(kAlice, 10), slot(kAlice, 2, 7), slot(kAlice, 1, 6)});
    publish(1, {slot(kBob, 3, 0), balance(kBob, 5)});
    publish(2, {slot(kBob, 4, 4), credit(kBob, 1)});
    publish(2, {});
    memory_.settle(3);
    Crew crew;
    const auto diff = memory_.diff(base, crew);
    ASSERT_TRUE(diff);
    ASSERT_EQ(diff->accounts.size(), 1);
    const auto& [addr, alice] = *diff->accounts.begin();
    EXPECT_EQ(addr, kAlice);
    EXPECT_EQ(alice.account, Account{.balance = 10});
    EXPECT_EQ(alice.slots, (std::vector<state::SlotValue>{{1, 6}, {2, 7}}));
}

class ManySlotsTest : public MultiVersionMemoryTest, public testing::WithParamInterface<uint256 (*)(uint64_t)> {};

uint256 hash(uint64_t i) { return uint256{i * 0x9e3779b97f4a7c15} << 192 | uint256{i}; }
uint256 element(uint64_t i) { return (uint256{0xabcdef} << 232) + uint256{i * 0x9e3779b97f4a7c15}; }
uint256 variable(uint64_t i) { return uint256{i}; }
INSTANTIATE_TEST_SUITE_P(Keys, ManySlotsTest, testing::Values(hash, element, variable));

TEST_P(ManySlotsTest, are_in_order_in_the_difference_of_their_account) {
    constexpr uint64_t kSlots = 3'000;
    const auto key_of = GetParam();
    state::MemoryState base;
    base.insert(kAlice).balance = 100;
    for (uint64_t i = 0; i < kSlots; ++i) base.insert(kAlice).storage[key_of(i)] = 1;
    // Of three, one becomes what it was, in the hands of two writers; Bob's stand between hers.
    std::vector<state::SlotValue> expected;
    for (const Position writer : {0U, 1U}) {
        AccountChange hers{.addr = kAlice};
        AccountChange his{.addr = kBob};
        for (uint64_t i = writer; i < kSlots; i += 2) {
            const uint256 value = i % 3 == 0 ? 1 : i + 2;
            hers.slots.push_back({key_of(i), value});
            if (i % 100 == 0) his.slots.push_back({i, 5});
            if (i % 3 != 0) expected.push_back({key_of(i), value});
        }
        publish(writer, {hers, his});
    }
    std::ranges::sort(expected, {}, &state::SlotValue::slot);
    memory_.settle(2);
    Crew crew;
    for (int time = 0; time < 2; ++time) {
        const auto diff = memory_.diff(base, crew);
        ASSERT_TRUE(diff);
        ASSERT_EQ(diff->accounts.size(), 2);
        EXPECT_EQ(diff->accounts.at(kAlice).slots, expected);
        EXPECT_EQ(diff->accounts.at(kBob).slots.size(), kSlots / 100);
    }
}

TEST_F(MultiVersionMemoryTest, wiped_storage_reads_zero_below_what_was_written_since) {
    publish(1, {slot(kAlice, 1, 11)});
    publish(2, {removed(kAlice)});
    publish(4, {slot(kAlice, 2, 22)});
    EXPECT_EQ(slot_value(2, 1), uint256{11});
    EXPECT_EQ(slot_value(3, 1), uint256{});
    EXPECT_EQ(slot_value(3, 9), uint256{});
    EXPECT_EQ(slot_value(4, 2), uint256{});
    EXPECT_EQ(slot_value(5, 2), uint256{22});
}

TEST_F(MultiVersionMemoryTest, a_reader_learns_whose_wipe_it_reads_under) {
    publish(2, {removed(kAlice)});
    publish(4, {removed(kAlice)});
    uint256 value;
    EXPECT_EQ(read_slot(4, 1, value).wiped_by, 2);
    EXPECT_EQ(read_slot(5, 1, value).wiped_by, 4);
    mark_estimates(4);
    EXPECT_EQ(slot_blocker(5, 1), 4);
}

TEST_F(MultiVersionMemoryTest, the_last_writer_of_an_aspect_is_known_unless_credits_are_summed_up) {
    publish(1, {balance(kAlice, 10)});
    publish(2, {nonce(kAlice, 8)});
    publish(3, {removed(kAlice)});
    const auto last_writer = [&](Position reader, uint8_t aspects) {
        return MultiVersionMemory::last_writer(account_cell(kAlice), reader, aspects);
    };
    EXPECT_EQ(last_writer(1, state::kObservedBalance), kNobody);
    EXPECT_EQ(last_writer(3, state::kObservedBalance), 1);
    EXPECT_EQ(last_writer(3, state::kObservedFunds), 1);
    EXPECT_EQ(last_writer(3, state::kObservedNonce), 2);
    EXPECT_EQ(last_writer(3, state::kObservedNonce | state::kObservedBalance), 2);
    EXPECT_EQ(last_writer(3, state::kObservedCode), kNobody);
    EXPECT_EQ(last_writer(4, state::kObservedCode), 3);
    look_at_the_balance_of_alice();
    EXPECT_EQ(last_writer(4, state::kObservedCode), kNobody);
}

TEST_F(MultiVersionMemoryTest, the_last_writer_of_a_slot_is_known) {
    publish(2, {slot(kAlice, 1, 11)});
    publish(5, {slot(kAlice, 1, 12)});
    EXPECT_EQ(MultiVersionMemory::last_writer(slot_cell(1), 2), kNobody);
    EXPECT_EQ(MultiVersionMemory::last_writer(slot_cell(1), 5), 2);
    EXPECT_EQ(MultiVersionMemory::last_writer(slot_cell(1), 6), 5);
    EXPECT_EQ(MultiVersionMemory::location_of(slot_cell(1)), (Timeline::Location{.account = kAlice, .slot = uint256{1}}));
}

TEST_F(MultiVersionMemoryTest, deployed_code_is_found_by_its_hash_until_the_reset) {
    const bytes code{0x60, 0x00};
    const hash32 hash = state::code_hash_of(code);
    EXPECT_EQ(memory_.code(hash), nullptr);
    const auto deployed = std::make_shared<const state::Code>(code);
    publish(1, {{.addr = kAlice, .comes_to_exist = true, .code_changed = true, .code_hash = hash, .code = deployed}});
    EXPECT_EQ(memory_.code(hash), deployed.get());
    EXPECT_EQ(account(2)->code_hash, hash);
    memory_.reset();
    EXPECT_EQ(memory_.code(hash), nullptr);
    EXPECT_EQ(account(2)->code_hash, state::kEmptyCodeHash);
}

}  // namespace
}  // namespace weft::execution::parallel
