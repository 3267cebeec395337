// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state.hpp"

#include "weft/state/block_state.hpp"
#include "weft/state/hesitant_view.hpp"
#include "weft/state/key_order.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

namespace weft::state {
namespace {

using types::Revision;

constexpr address kAlice = address_of(0xa11ce);
constexpr address kBob = address_of(0xb0b);
constexpr address kRipemd160 = address_of(3);

bool nothing_prewarmed(const address&, Revision) noexcept { return false; }

class StateTest : public testing::Test {
  protected:
    void begin(Revision revision = Revision::Osaka) { state_.begin(base_, revision, nothing_prewarmed); }
    AccountEntry& loaded(const address& addr) {
        AccountEntry* account = state_.load(addr);
        EXPECT_NE(account, nullptr);
        return *account;
    }
    TransactionChanges finish() {
        TransactionChanges changes;
        EXPECT_TRUE(state_.finish(changes));
        return changes;
    }

    MemoryState base_;
    State state_;
};

TEST_F(StateTest, revert_restores_every_kind_of_change) {
    base_.insert(kAlice) = {.nonce = 7, .balance = 100, .storage = {}};
    base_.set_code(kAlice, bytes{0x60, 0x00});
    base_.set_storage(kAlice, 1, 11);
    begin();
    AccountEntry& alice = loaded(kAlice);
    SlotEntry& slot = *state_.slot(alice, 1);
    const hash32 code_hash = state_.code_hash(alice);
    const Code* code = state_.code(alice);

    const State::Checkpoint checkpoint = state_.checkpoint();
    state_.add_balance(alice, 5);
    state_.subtract_balance(alice, 50);
    state_.set_nonce(alice, 8);
    state_.set_code(alice, bytes{0x00});
    state_.set_storage(slot, 12);
    state_.set_transient(alice, 1, 13);
    state_.destroy(alice);
    state_.add_log({.account = kAlice, .topics = {}, .data = {}});
    state_.add_refund(100);
    EXPECT_TRUE(state_.warm_up(alice));
    EXPECT_TRUE(state_.warm_up(slot));
    state_.create(loaded(kBob), 1);
    state_.revert(checkpoint);

    EXPECT_EQ(state_.balance(alice), uint256{100});
    EXPECT_EQ(state_.nonce(alice), 7u);
    EXPECT_EQ(state_.code_hash(alice), code_hash);
    EXPECT_EQ(state_.code(alice), code);
    EXPECT_EQ(slot.current, uint256{11});
    EXPECT_EQ(state_.transient(alice, 1), uint256{});
    EXPECT_FALSE(alice.destroyed);
    EXPECT_FALSE(alice.warm);
    EXPECT_FALSE(slot.warm);
    EXPECT_TRUE(state_.logs().empty());
    EXPECT_EQ(state_.refund(), 0);
    EXPECT_FALSE(state_.exists(loaded(kBob)));
    EXPECT_TRUE(finish().empty());
}

TEST_F(StateTest, unobserved_credit_stays_a_credit) {
    base_.insert(kAlice).balance = 100;
    begin();
    state_.add_balance(state_.entry(kAlice), 5);
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].balance_change, AccountChange::Balance::credit);
    EXPECT_EQ(changes[0].balance, uint256{5});
    EXPECT_FALSE(state_.entry(kAlice).loaded);
}

TEST_F(StateTest, observed_balance_is_set) {
    base_.insert(kAlice).balance = 100;
    begin();
    state_.add_balance(state_.entry(kAlice), 5);
    AccountEntry& alice = loaded(kAlice);
    EXPECT_EQ(state_.balance(alice), uint256{105});
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].balance_change, AccountChange::Balance::set);
    EXPECT_EQ(changes[0].balance, uint256{105});
}

TEST_F(StateTest, comparing_a_balance_observes_a_range) {
    base_.insert(kAlice) = {.nonce = 1, .balance = 100, .storage = {}};
    begin();
    AccountEntry& alice = loaded(kAlice);
    EXPECT_EQ(state_.nonce(alice), 1u);
    EXPECT_TRUE(state_.has_funds(alice, 60));
    EXPECT_EQ(alice.least_funds, uint256{60});
    EXPECT_EQ(alice.most_funds, (uint256{1} << 255) - 1);
    state_.subtract_balance(alice, 60);
    EXPECT_TRUE(state_.has_funds(alice, 30));
    EXPECT_EQ(alice.least_funds, uint256{90});
    EXPECT_FALSE(state_.has_funds(alice, 50));
    EXPECT_EQ(alice.least_funds, uint256{90});
    EXPECT_EQ(alice.most_funds, uint256{109});
    EXPECT_FALSE(state_.has_funds(alice, ~uint256{}));
    EXPECT_EQ(alice.most_funds, uint256{109});
    state_.add_balance(alice, 10);
    EXPECT_TRUE(state_.has_funds(alice, 50));
    EXPECT_EQ(alice.least_funds, uint256{100});
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].balance_change, AccountChange::Balance::credit);
    EXPECT_EQ(changes[0].balance, -uint256{50});
    EXPECT_EQ(alice.observed, kObservedNonce | kObservedFunds);
}

TEST_F(StateTest, a_refused_debit_bounds_the_balance_from_below_by_what_was_debited_before) {
    base_.insert(kAlice).balance = 100;
    begin();
    AccountEntry& alice = loaded(kAlice);
    state_.subtract_balance(alice, 40);
    EXPECT_FALSE(state_.has_funds(alice, 61));
    EXPECT_EQ(alice.least_funds, uint256{40});
    EXPECT_EQ(alice.most_funds, uint256{100});
}

TEST_F(StateTest, a_balance_near_the_largest_is_observed_itself) {
    base_.insert(kAlice).balance = uint256{1} << 255;
    base_.insert(kBob).balance = 1;
    begin();
    EXPECT_TRUE(state_.has_funds(loaded(kAlice), 7));
    EXPECT_EQ(loaded(kAlice).observed, kObservedBalance);
    AccountEntry& bob = loaded(kBob);
    state_.add_balance(bob, ~uint256{} - 5);
    EXPECT_TRUE(state_.has_funds(bob, 7));
    EXPECT_EQ(bob.observed, kObservedBalance);
}

TEST_F(StateTest, whether_a_compared_account_is_empty_takes_its_parts) {
    base_.insert(kAlice) = {.nonce = 1, .balance = 5, .storage = {}};
    base_.insert(kBob).balance = 5;
    begin();
    for (const address& addr : {kAlice, kBob}) {
        AccountEntry& account = loaded(addr);
        EXPECT_TRUE(state_.has_funds(account, 5));
        state_.subtract_balance(account, 5);
    }
    EXPECT_FALSE(state_.is_empty(loaded(kAlice)));
    EXPECT_TRUE(state_.is_empty(loaded(kBob)));
    EXPECT_EQ(loaded(kAlice).observed & (kObservedNonce | kObservedCode | kObservedBalance), kObservedNonce | kObservedCode);
    EXPECT_TRUE(loaded(kBob).observed & kObservedBalance);
}

TEST_F(StateTest, answers_of_the_view_are_counted_over_restarts) {
    begin();
    EXPECT_EQ(loaded(kAlice).answer, 0u);
    state_.restart();
    EXPECT_EQ(loaded(kBob).answer, 1u);
    EXPECT_EQ(loaded(kAlice).answer, 2u);
    begin();
    EXPECT_EQ(loaded(kAlice).answer, 0u);
}

TEST_F(StateTest, reverted_credit_before_the_read_leaves_the_account_existing) {
    base_.insert(kAlice).balance = 100;
    begin(Revision::Frontier);
    const State::Checkpoint checkpoint = state_.checkpoint();
    state_.add_balance(state_.entry(kAlice), 5);
    AccountEntry& alice = loaded(kAlice);
    state_.revert(checkpoint);
    EXPECT_TRUE(state_.exists(alice));
    EXPECT_EQ(state_.balance(alice), uint256{100});
}

TEST_F(StateTest, storing_the_original_value_is_no_change) {
    base_.insert(kAlice).balance = 1;
    base_.set_storage(kAlice, 1, 11);
    begin();
    SlotEntry& slot = *state_.slot(loaded(kAlice), 1);
    state_.set_storage(slot, 12);
    state_.set_storage(slot, 11);
    EXPECT_TRUE(finish().empty());
    EXPECT_TRUE(slot.read);
}

TEST_F(StateTest, eip161_touched_empty_account_is_removed) {
    base_.insert(kAlice);
    begin(Revision::SpuriousDragon);
    state_.touch(loaded(kAlice));
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_TRUE(changes[0].removed);
}

TEST_F(StateTest, empty_account_comes_to_exist_before_eip161_only) {
    begin(Revision::Homestead);
    state_.add_balance(state_.entry(kAlice), 0);
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_TRUE(changes[0].comes_to_exist);

    begin(Revision::SpuriousDragon);
    state_.add_balance(state_.entry(kAlice), 0);
    EXPECT_TRUE(finish().empty());
}

TEST_F(StateTest, eip161_touch_of_ripemd160_outlives_a_revert) {
    base_.insert(kRipemd160);
    base_.insert(kAlice);
    begin(Revision::SpuriousDragon);
    const State::Checkpoint checkpoint = state_.checkpoint();
    state_.touch(loaded(kRipemd160));
    state_.touch(loaded(kAlice));
    state_.revert(checkpoint);
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].addr, kRipemd160);
    EXPECT_TRUE(changes[0].removed);
}

TEST_F(StateTest, emptiness_is_observed_only_where_no_other_fact_decides) {
    base_.insert(kAlice) = {.nonce = 1, .balance = 1, .storage = {}};
    base_.insert(kBob).balance = 1;
    begin();
    AccountEntry& alice = loaded(kAlice);
    EXPECT_EQ(state_.nonce(alice), 1u);
    state_.touch(alice);
    state_.touch(loaded(kBob));
    EXPECT_TRUE(finish().empty());
    EXPECT_EQ(alice.observed, kObservedNonce);
    EXPECT_EQ(state_.entry(kBob).observed, kObservedEmptiness);
}

TEST_F(StateTest, eip161_touch_of_an_absent_account_observes_that_it_is_absent) {
    begin(Revision::SpuriousDragon);
    AccountEntry& alice = loaded(kAlice);
    state_.touch(alice);
    EXPECT_TRUE(finish().empty());
    // Had it been there and empty, the touch would have removed it.
    EXPECT_TRUE(alice.observed & kObservedExistence);
}

TEST_F(StateTest, eip161_a_debit_of_everything_observes_what_else_keeps_the_account) {
    base_.insert(kAlice).balance = 5;
    begin(Revision::SpuriousDragon);
    AccountEntry& alice = loaded(kAlice);
    EXPECT_TRUE(state_.has_funds(alice, 5));
    state_.subtract_balance(alice, 5);
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_TRUE(changes[0].removed);
    // With one more it would stay.
    constexpr auto kParts = kObservedNonce | kObservedCode | kObservedBalance;
    EXPECT_EQ(alice.observed & kParts, kParts);
}

TEST_F(StateTest, coming_to_exist_before_eip161_observes_existence_also_when_read_afterwards) {
    base_.insert(kAlice);
    begin(Revision::Homestead);
    state_.add_balance(state_.entry(kAlice), 0);
    EXPECT_TRUE(loaded(kAlice).observed & kObservedExistence);
    EXPECT_TRUE(finish().empty());
}

TEST_F(StateTest, destroyed_account_is_removed_with_its_storage) {
    base_.insert(kAlice).balance = 1;
    base_.set_storage(kAlice, 1, 11);
    begin();
    AccountEntry& alice = loaded(kAlice);
    state_.set_storage(*state_.slot(alice, 2), 5);
    state_.destroy(alice);
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_TRUE(changes[0].removed);
    EXPECT_TRUE(changes[0].storage_wiped);
    EXPECT_TRUE(changes[0].slots.empty());
}

TEST_F(StateTest, eip7610_address_with_storage_is_occupied) {
    base_.insert(kAlice).balance = 1;
    base_.set_storage(kAlice, 1, 11);
    begin();
    EXPECT_TRUE(state_.is_occupied(loaded(kAlice)));
    EXPECT_FALSE(state_.is_occupied(loaded(kBob)));
}

TEST_F(StateTest, created_contract_reads_no_storage_of_the_view) {
    begin();
    AccountEntry& alice = loaded(kAlice);
    state_.create(alice, 1);
    const SlotEntry& slot = *state_.slot(alice, 1);
    EXPECT_TRUE(slot.current.is_zero());
    EXPECT_FALSE(slot.read);
}

TEST_F(StateTest, unanswered_reads_change_nothing_and_may_be_repeated) {
    base_.insert(kAlice).balance = 100;
    base_.set_storage(kAlice, 1, 11);
    HesitantView view(base_);
    state_.begin(view, Revision::Osaka, nothing_prewarmed);
    EXPECT_EQ(state_.load(kAlice), nullptr);
    EXPECT_EQ(state_.read_error(), (ReadError{.kind = ReadError::Kind::pending, .detail = 1}));
    AccountEntry& alice = loaded(kAlice);
    EXPECT_EQ(state_.slot(alice, 1), nullptr);
    EXPECT_EQ(state_.read_error().detail, 2u);
    EXPECT_EQ(state_.slot(alice, 1)->current, uint256{11});
}

TEST_F(StateTest, a_new_transaction_has_forgotten_the_one_before) {
    base_.insert(kAlice).balance = 100;
    for (int round = 0; round < 3; ++round) {
        begin();
        for (uint64_t i = 0; i < 1000; ++i) {
            AccountEntry& account = loaded(address_of(i + 1000));
            EXPECT_FALSE(account.warm);
            EXPECT_TRUE(state_.warm_up(account));
            SlotEntry& slot = *state_.slot(account, i);
            EXPECT_TRUE(slot.current.is_zero());
            state_.set_storage(slot, 1);
            state_.set_transient(account, i, i + 1);
            EXPECT_EQ(state_.transient(account, i), uint256{i + 1});
        }
    }
    EXPECT_EQ(state_.accounts().size(), 1000u);
}

// ---- BlockState ----

TEST(BlockStateTest, credit_before_and_after_set_add_up) {
    MemoryState base;
    base.insert(kAlice).balance = 100;
    BlockState state(base);
    const AccountChange credit{.addr = kAlice, .comes_to_exist = true, .balance_change = AccountChange::Balance::credit, .balance = 5};
    const AccountChange set{.addr = kAlice, .balance_change = AccountChange::Balance::set, .balance = 50};
    ASSERT_TRUE(state.apply({credit}, nullptr));
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{105});
    ASSERT_TRUE(state.apply({set}, nullptr));
    ASSERT_TRUE(state.apply({credit}, nullptr));
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{55});
}

TEST(BlockStateTest, storage_after_destruction_reads_zero_also_where_the_block_never_wrote) {
    MemoryState base;
    base.insert(kAlice).nonce = 1;
    base.set_storage(kAlice, 1, 11);
    base.set_storage(kAlice, 2, 22);
    BlockState state(base);
    ASSERT_TRUE(state.apply({{.addr = kAlice, .slots = {{1, 12}}}}, nullptr));
    ASSERT_TRUE(state.apply({{.addr = kAlice, .removed = true, .storage_wiped = true}}, nullptr));
    EXPECT_FALSE(state.account(kAlice)->has_value());
    ASSERT_TRUE(state.apply({{.addr = kAlice, .comes_to_exist = true, .nonce_changed = true, .nonce = 1, .slots = {{3, 33}}}}, nullptr));
    EXPECT_EQ(*state.storage(kAlice, 1), uint256{});
    EXPECT_EQ(*state.storage(kAlice, 2), uint256{});
    EXPECT_EQ(*state.storage(kAlice, 3), uint256{33});

    const auto diff = state.diff();
    ASSERT_TRUE(diff.has_value());
    const AccountDiff& alice = diff->accounts.at(kAlice);
    EXPECT_TRUE(alice.storage_wiped);
    EXPECT_EQ(alice.slots, (std::vector<SlotValue>{{3, 33}}));
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{});
}

TEST(BlockStateTest, diff_leaves_out_what_is_back_where_it_was) {
    MemoryState base;
    base.insert(kAlice) = {.nonce = 1, .balance = 100, .storage = {}};
    base.set_storage(kAlice, 1, 11);
    BlockState state(base);
    ASSERT_TRUE(state.apply({{.addr = kAlice, .balance_change = AccountChange::Balance::set, .balance = 1, .slots = {{1, 12}}}}, nullptr));
    ASSERT_TRUE(
        state.apply({{.addr = kAlice, .balance_change = AccountChange::Balance::set, .balance = 100, .slots = {{1, 11}}}}, nullptr));
    ASSERT_TRUE(
        state.apply({{.addr = kBob, .comes_to_exist = true, .balance_change = AccountChange::Balance::credit, .balance = 1}}, nullptr));
    ASSERT_TRUE(state.apply({{.addr = kBob, .removed = true, .storage_wiped = true}}, nullptr));
    EXPECT_TRUE(state.diff()->accounts.empty());
}

TEST(BlockStateTest, unanswered_read_applies_nothing) {
    MemoryState base;
    base.insert(kAlice).balance = 100;
    base.insert(kBob).balance = 100;
    HesitantView view(base);
    BlockState state(view);
    const TransactionChanges changes{{.addr = kAlice, .balance_change = AccountChange::Balance::credit, .balance = 1},
                                     {.addr = kBob, .balance_change = AccountChange::Balance::credit, .balance = 1}};
    EXPECT_FALSE(state.apply(changes, nullptr).has_value());
    EXPECT_FALSE(state.apply(changes, nullptr).has_value());
    EXPECT_TRUE(state.apply(changes, nullptr).has_value());
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{101});
}

TEST(BlockStateTest, state_before_the_block_is_asked_once_for_each_location) {
    MemoryState base;
    base.insert(kAlice).balance = 100;
    base.set_storage(kAlice, 1, 11);
    HesitantView view(base);
    BlockState state(view);
    EXPECT_FALSE(state.account(kAlice).has_value());
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{100});
    EXPECT_FALSE(state.storage(kAlice, 1).has_value());
    EXPECT_EQ(*state.storage(kAlice, 1), uint256{11});
    // What it answers from here on is not looked at.
    base.insert(kAlice).balance = 7;
    base.set_storage(kAlice, 1, 7);
    ASSERT_TRUE(state.apply({{.addr = kAlice, .slots = {{1, 11}}}}, nullptr));
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{100});
    EXPECT_EQ(*state.storage(kAlice, 1), uint256{11});
    EXPECT_TRUE(state.diff()->accounts.empty());
}

TEST(BlockStateTest, block_knows_nothing_of_the_one_before) {
    MemoryState base;
    base.insert(kAlice).balance = 100;
    BlockState state(base);
    ASSERT_TRUE(state.apply({{.addr = kAlice, .balance_change = AccountChange::Balance::set, .balance = 1, .slots = {{1, 12}}}}, nullptr));
    state.begin(base);
    EXPECT_EQ((*state.account(kAlice))->balance, uint256{100});
    EXPECT_EQ(*state.storage(kAlice, 1), uint256{});
    EXPECT_TRUE(state.diff()->accounts.empty());
}

TEST(MemoryStateTest, a_separate_copy_is_equal_and_shares_no_analysis) {
    MemoryState state;
    state.set_code(kAlice, bytes{0x5b});
    state.set_storage(kAlice, 2, 3);
    MemoryState copy = state.separate_copy();
    EXPECT_EQ(copy.root(), state.root());

    const hash32 hash = code_hash_of(bytes{0x5b});
    const Code* const code = *state.code(hash);
    const Code* const copied = *copy.code(hash);
    EXPECT_NE(code, copied);
    ASSERT_TRUE(code->is_jump_destination(0));
    EXPECT_EQ(code->known_jump_destinations()[0].load(sync::kRelaxed), 1u);
    EXPECT_EQ(copied->known_jump_destinations()[0].load(sync::kRelaxed), 0u);

    copy.set_storage(kAlice, 2, 4);
    EXPECT_EQ(*state.storage(kAlice, 2), 3);
}

/// Wants to know of every slot what becomes of it.
class WatchingView final : public StateView {
  public:
    explicit WatchingView(StateView& base) : base_(base) {}
    ReadResult<std::optional<Account>> account(const address& addr) override { return base_.account(addr); }
    ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        answers_.push_back(*base_.storage(addr, slot));
        return std::unexpected(ReadError{.kind = ReadError::Kind::watched, .detail = answers_.size() - 1});
    }
    ReadResult<const Code*> code(const hash32& code_hash) override { return base_.code(code_hash); }
    ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    uint256 watched_value(uint64_t ticket) const override { return answers_[ticket]; }
    void stored(uint64_t ticket, const uint256& value) override { stores_.emplace_back(ticket, value); }

    [[nodiscard]] const std::vector<std::pair<uint64_t, uint256>>& stores() const noexcept { return stores_; }

  private:
    StateView& base_;
    std::vector<uint256> answers_;
    std::vector<std::pair<uint64_t, uint256>> stores_;
};

TEST_F(StateTest, a_watching_view_learns_what_is_stored) {
    base_.insert(kAlice) = {.nonce = 1, .balance = 100, .storage = {{1, 10}, {2, 20}}};
    WatchingView view(base_);
    state_.begin(view, Revision::Osaka, nothing_prewarmed);
    AccountEntry& alice = loaded(kAlice);
    SlotEntry* const one = state_.slot(alice, 1);
    SlotEntry* const two = state_.slot(alice, 2);
    ASSERT_NE(two, nullptr);
    EXPECT_EQ(two->current, uint256{20});
    state_.set_storage(*two, 21);
    const auto checkpoint = state_.checkpoint();
    state_.set_storage(*one, 11);
    state_.set_storage(*two, 22);
    state_.revert(checkpoint);
    EXPECT_EQ(view.stores(), (std::vector<std::pair<uint64_t, uint256>>{{1, 21}, {0, 11}, {1, 22}}));
    const auto changes = finish();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].slots, (std::vector<SlotValue>{{.slot = 2, .value = 21}}));

    state_.begin(base_, Revision::Osaka, nothing_prewarmed);
    state_.set_storage(*state_.slot(loaded(kAlice), 2), 23);
    EXPECT_EQ(view.stores().size(), 3u) << "the next transaction is another's";
}

TEST(KeyOrder, is_that_of_the_addresses) {
    std::mt19937_64 random(3);
    std::vector<address> addresses(1000);
    // Few values of each byte, so that many beginnings are equal.
    for (address& addr : addresses)
        for (uint8_t& byte : addr.bytes) byte = random() % 16 == 0 ? static_cast<uint8_t>(random()) : 0x80;
    std::vector<const address*> pointers;
    pointers.reserve(addresses.size());
    for (const address& addr : addresses) pointers.push_back(&addr);
    std::vector<address> ordered;
    ordered.reserve(addresses.size());
    for (const uint32_t number : order_of(pointers)) ordered.push_back(addresses[number]);
    std::ranges::sort(addresses);
    EXPECT_EQ(ordered, addresses);
    EXPECT_TRUE(order_of({}).empty());
}

TEST(KeyOrder, puts_values_in_the_order_of_their_slots_whatever_the_slots_are) {
    std::mt19937_64 random(7);
    const auto number = [&](int limbs) {
        uint256 result;
        for (int i = 0; i < limbs; ++i) result.w[i] = random();
        return result;
    };
    // Hashes, numbers of variables, and keys of which the first bytes are the same.
    const auto hash = [&] { return number(4); };
    const auto variable = [&] { return uint256{random() % 200}; };
    const auto alike = [&] { return number(2) + (uint256{0xabcdef} << 200); };
    for (const auto& slot : std::initializer_list<std::function<uint256()>>{hash, variable, alike}) {
        for (const size_t count : {0U, 1U, 2U, 63U, 64U, 65U, 1000U}) {
            std::vector<SlotValue> values;
            for (size_t i = 0; i < count; ++i) values.push_back({.slot = slot(), .value = uint256{i}});
            std::vector<SlotValue> sorted = values;
            sort_by_slot(sorted);
            EXPECT_TRUE(std::ranges::is_sorted(sorted, {}, &SlotValue::slot));
            EXPECT_TRUE(std::ranges::is_permutation(sorted, values));
        }
    }
}

TEST(KeyOrder, does_not_depend_on_how_much_the_keys_have_in_common) {
    std::mt19937_64 random(11);
    const auto expect_order = [&](size_t count, unsigned bits_in_common) {
        // Few values behind those bits, so that some keys are the same and is_before() decides: the later one first.
        std::vector<uint64_t> keys(count);
        const uint64_t random_bits = bits_in_common == 0 ? 0 : random() << (64 - bits_in_common);
        for (uint64_t& key : keys) key = random_bits | random() % 100 << (56 - bits_in_common);
        std::vector<uint32_t> expected(keys.size());
        std::iota(expected.begin(), expected.end(), 0U);
        const auto is_before = [](uint32_t a, uint32_t b) { return a > b; };
        std::ranges::sort(expected, [&](uint32_t a, uint32_t b) { return keys[a] != keys[b] ? keys[a] < keys[b] : is_before(a, b); });
        const auto order = in_order(keys.size(), bits_in_common, [&](uint32_t i) { return keys[i]; }, is_before);
        std::vector<uint32_t> numbers;
        numbers.reserve(order.size());
        for (const ShortKey& key : order) numbers.push_back(key.number);
        EXPECT_EQ(numbers, expected) << count << " keys, " << bits_in_common << " bits in common";
    };
    for (const size_t count : {40U, 500U})
        for (const unsigned bits_in_common : {0U, 4U, 8U, 56U}) expect_order(count, bits_in_common);
}

// ---- Code ----

TEST(CodeTest, immediates_are_no_jump_destinations) {
    const Code code(bytes{0x5b, 0x60, 0x5b, 0x5b, 0x7f, 0x5b});
    EXPECT_TRUE(code.is_jump_destination(0));
    EXPECT_FALSE(code.is_jump_destination(2));
    EXPECT_TRUE(code.is_jump_destination(3));
    EXPECT_FALSE(code.is_jump_destination(5));
    EXPECT_FALSE(code.is_jump_destination(6));
}

/// Which bytes are valid jump destinations, by a walk from the beginning.
std::vector<bool> walk(const bytes& text) {
    std::vector<bool> valid(text.size());
    size_t immediate = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        valid[i] = immediate == 0 && text[i] == 0x5b;
        if (immediate > 0)
            --immediate;
        else if (text[i] >= 0x60 && text[i] <= 0x7f)
            immediate = text[i] - 0x5fu;
    }
    return valid;
}

TEST(CodeTest, jump_destinations_of_random_code_are_those_of_a_walk_over_it) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 4000; ++round) {
        bytes text(random() % 300);
        // From code without a PUSH to code of little else.
        const uint64_t pushes = random() % 8;
        for (uint8_t& byte : text)
            byte = random() % 3 == 0 ? 0x5b : static_cast<uint8_t>(random() % 8 < pushes ? 0x60 + random() % 32 : random());
        const std::vector<bool> valid = walk(text);
        const Code code(text);
        // In any order, more than once, and beyond the number of questions that are answered one by one.
        for (size_t question = 0; question < 2 * text.size(); ++question) {
            const size_t i = random() % (text.size() + 1);
            EXPECT_EQ(code.is_jump_destination(i), i < text.size() && valid[i]);
        }
        const Code fresh(text);
        if (!text.empty()) {
            const size_t i = random() % text.size();
            EXPECT_EQ(fresh.is_jump_destination(i), valid[i]);
        }
    }
}

TEST(CodeTest, long_code_is_looked_into_piece_by_piece) {
    std::mt19937_64 random(2);
    bytes text(24'576);
    for (uint8_t& byte : text) byte = random() % 4 == 0 ? 0x5b : static_cast<uint8_t>(random() % 4 == 0 ? 0x60 + random() % 32 : random());
    const std::vector<bool> valid = walk(text);
    for (int round = 0; round < 20; ++round) {
        const Code code(text);
        for (int question = 0; question < 1000; ++question) {
            const size_t i = random() % text.size();
            ASSERT_EQ(code.is_jump_destination(i), valid[i]) << i;
        }
    }
}

TEST(CodeTest, eip7702_designator_names_its_delegate) {
    EXPECT_EQ(Code(delegation_designator(kAlice)).delegate(), kAlice);
    EXPECT_EQ(Code(bytes(23, 0xef)).delegate(), std::nullopt);
}

}  // namespace
}  // namespace weft::state
