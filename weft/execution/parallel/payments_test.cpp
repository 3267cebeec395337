// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/payments.hpp"

#include "weft/base/random.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/system_contracts.hpp"
#include "weft/state/faulty_view.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace weft::execution {
namespace {

using types::Revision;
using types::TransactionType;

constexpr address kCoinbase = address_of(0xc01);
constexpr address kContract = address_of(0xc0de);
constexpr uint64_t kPayments = 200;
constexpr uint64_t kPrice = 1'000'000'000;

constexpr address person(uint64_t i) { return address_of(0x5e4d0000 + i); }

/// Blocks of payments among some people, who begin with the nonce that their number says.
class PaymentsTest : public testing::TestWithParam<unsigned> {
  protected:
    PaymentsTest() {
        constexpr uint8_t kStop[] = {0x00};
        state_.set_code(kContract, kStop);
    }

    void make_people(uint64_t count, const uint256& balance) {
        for (uint64_t i = 0; i < count; ++i) make_person(i, balance);
    }
    void make_person(uint64_t i, const uint256& balance) {
        auto& account = state_.insert(person(i));
        account.nonce = i;
        account.balance = balance;
        nonces_.push_back(i);
    }
    types::Transaction& pay(uint64_t from, const address& to, const uint256& value) {
        types::Transaction& transaction = transactions_.emplace_back();
        transaction.nonce = nonces_[from]++;
        transaction.gas_limit = 21'000;
        transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = kPrice;
        transaction.to = to;
        transaction.value = value;
        senders_.emplace_back(person(from));
        return transaction;
    }
    void make_payments(Random& random, uint64_t people) {
        for (uint64_t i = 0; i < kPayments; ++i) {
            const uint64_t from = random.below(people);
            // Now and then to somebody who is not there yet.
            const uint64_t to = (from + 1 + random.below(people - 1)) % people;
            pay(from, random.chance(20) ? person(1'000'000 + random.below(5)) : person(to), 1 + random.below(1'000'000));
        }
    }
    [[nodiscard]] BlockInput block(Revision revision = Revision::Osaka) {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = kCoinbase;
        if (revision >= Revision::London) header_.base_fee_per_gas = kPrice / 2;
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = {},
                .rules = {.revision = revision}};
    }
    /// Both ways, of which the second goes by accounts or not.
    void expect_equal(const BlockInput& input, bool is_by_account, const BlockOptions& options = {}) {
        ParallelExecutor executor(GetParam());
        const auto expected = SequentialExecutor{}.execute(input, state_, options);
        for (int i = 0; i < 3; ++i) {
            const auto actual = executor.execute(input, state_, options);
            EXPECT_EQ(difference(expected, actual), std::nullopt);
            EXPECT_EQ(executor.statistics().is_by_account, is_by_account);
        }
    }

    /// Both ways, where one account cannot be read.
    void expect_equal_failures(std::initializer_list<address> accounts) {
        ParallelExecutor executor(GetParam());
        const BlockInput input = block(Revision::London);
        for (const address& failing : accounts) {
            state::FaultyView view(state_, failing, state::FaultyView::Fault::failure);
            const auto expected = SequentialExecutor{}.execute(input, view);
            ASSERT_FALSE(expected);
            EXPECT_EQ(executor.execute(input, view), expected);
        }
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<uint64_t> nonces_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

INSTANTIATE_TEST_SUITE_P(Threads, PaymentsTest, testing::Values(1U, 2U, 3U, 8U));

TEST_P(PaymentsTest, are_added_up_as_in_order_in_every_revision) {
    Random random(GetParam());
    make_people(20, uint256{1} << 80);
    make_payments(random, 20);
    for (const Revision revision : {Revision::Frontier, Revision::Homestead, Revision::SpuriousDragon, Revision::Byzantium,
                                    Revision::Berlin, Revision::London, Revision::Shanghai})
        expect_equal(block(revision), true);
}

TEST_P(PaymentsTest, pass_on_what_was_paid_before) {
    make_people(2, uint256{1} << 80);
    make_person(2, 1);
    for (uint64_t i = 0; i < 100; ++i) {
        pay(i % 2, person(2), 100'000 * kPrice);
        pay(2, person(3), 1);
    }
    expect_equal(block(Revision::London), true);
    std::swap(transactions_[0], transactions_[1]);
    std::swap(senders_[0], senders_[1]);
    expect_equal(block(Revision::London), false);
}

TEST_P(PaymentsTest, to_one_account_and_from_one_account) {
    make_people(50, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 49 + 1, person(0), i + 1);
    expect_equal(block(Revision::London), true);
    for (uint64_t i = 0; i < kPayments; ++i) pay(0, person(i % 49 + 1), i + 1);
    expect_equal(block(Revision::London), true);
}

TEST_P(PaymentsTest, whatever_is_no_payment_is_executed_as_what_it_is) {
    using Change = std::function<void(types::Transaction&)>;
    const std::pair<std::string, Change> changes[] = {
        {"data", [](types::Transaction& t) { t.data = {1}; }},
        {"a contract", [](types::Transaction& t) { t.to = kContract; }},
        {"a precompiled contract", [](types::Transaction& t) { t.to = address_of(4); }},
        {"the beneficiary", [](types::Transaction& t) { t.to = kCoinbase; }},
        {"the sender", [](types::Transaction& t) { t.to = person(7); }},
        {"a new contract", [](types::Transaction& t) { t.to.reset(); }},
        {"no tip", [](types::Transaction& t) { t.max_priority_fee_per_gas = 0, t.max_fee_per_gas = kPrice / 2; }},
        {"nothing to nobody",
         [](types::Transaction& t) {
             t.to = person(123'456);
             t.value = 0;
         }},
        {"a nonce too low", [](types::Transaction& t) { --t.nonce; }},
        {"a nonce too high", [](types::Transaction& t) { ++t.nonce; }},
        {"more than there is", [](types::Transaction& t) { t.value = uint256{1} << 81; }},
        {"more than can be", [](types::Transaction& t) { t.value = ~uint256{}; }},
        {"more gas than there is money for", [](types::Transaction& t) { t.max_fee_per_gas = uint256{1} << 79; }},
        {"too little gas", [](types::Transaction& t) { t.gas_limit = 20'999; }},
        {"more gas than the block has", [](types::Transaction& t) { t.gas_limit = 30'000'000; }},
        {"a fee below the base fee", [](types::Transaction& t) { t.max_fee_per_gas = t.max_priority_fee_per_gas = 1; }},
        {"another chain", [](types::Transaction& t) { t.chain_id = 77; }},
    };
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 10, person((i + 3) % 10), i + 1);
    for (const auto& [name, change] : changes) {
        for (const size_t index : {size_t{7}, size_t{117}, size_t{197}}) {
            const types::Transaction before = transactions_[index];
            change(transactions_[index]);
            SCOPED_TRACE(name + " in " + std::to_string(index));
            expect_equal(block(Revision::Shanghai), false);
            transactions_[index] = before;
        }
    }
    expect_equal(block(Revision::Shanghai), true);
    senders_[44].reset();
    expect_equal(block(Revision::Shanghai), false);
}

TEST_P(PaymentsTest, gas_beyond_what_a_payment_costs_and_access_lists_are_paid_for) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) {
        types::Transaction& transaction = pay(i % 10, person((i + 3) % 10), i + 1);
        transaction.gas_limit = 30'000;
        if (i % 3 == 0) continue;
        transaction.type = TransactionType::AccessList;
        transaction.access_list.push_back({.account = kContract, .storage_keys = {hash32{}}});
    }
    expect_equal(block(Revision::Berlin), true);
}

TEST_P(PaymentsTest, whoever_has_code_is_no_payer) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 10, person((i + 3) % 10), i + 1);
    constexpr uint8_t kStop[] = {0x00};
    state_.set_code(person(9), kStop);
    expect_equal(block(Revision::London), false);
    // Delegated, which may send (EIP-7702).
    uint8_t designator[23] = {0xef, 0x01, 0x00};
    std::ranges::copy(kContract.bytes, designator + 3);
    state_.set_code(person(9), designator);
    expect_equal(block(Revision::Shanghai), false);
}

TEST_P(PaymentsTest, what_a_system_call_has_looked_at_may_be_a_contract_too) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 10, person((i + 3) % 10), i + 1);
    constexpr uint8_t kTimestampToSlot0[] = {0x42, 0x60, 0, 0x55};
    state_.set_code(kBeaconRoots, kTimestampToSlot0);
    header_.timestamp = 5;
    header_.parent_beacon_block_root = hash32{};
    expect_equal(block(Revision::Cancun), true);
    transactions_[100].to = kBeaconRoots;
    expect_equal(block(Revision::Cancun), false);
}

TEST_P(PaymentsTest, an_account_cannot_have_more_than_there_are_numbers) {
    make_people(10, uint256{1} << 80);
    state_.insert(person(9)).balance = ~uint256{} - 10;
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 9, person(9), i + 1);
    expect_equal(block(Revision::London), false);
}

TEST_P(PaymentsTest, who_wants_to_know_of_each_transaction_is_told) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 10, person((i + 3) % 10), i + 1);
    expect_equal(block(Revision::London), false, {.keep_effects = true});
    Timeline timeline(GetParam());
    ParallelExecutor executor(GetParam());
    executor.record(&timeline);
    EXPECT_EQ(executor.execute(block(Revision::London), state_), SequentialExecutor{}.execute(block(Revision::London), state_));
    EXPECT_FALSE(executor.statistics().is_by_account);
}

TEST_P(PaymentsTest, a_read_that_fails_is_the_error_that_it_is_in_order) {
    make_people(50, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 49, person((i + 3) % 50), i + 1);
    expect_equal_failures({person(40), kCoinbase});
}

TEST_P(PaymentsTest, are_not_expected_again_at_once_when_they_were_none) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 10, person((i + 3) % 10), i + 1);
    ParallelExecutor executor(GetParam());
    transactions_.back().to = kContract;
    const BlockInput input = block(Revision::London);
    ASSERT_TRUE(executor.execute(input, state_));
    transactions_.back().to = person(0);
    int blocks = 1;
    for (; blocks < 100; ++blocks) {
        EXPECT_EQ(executor.execute(input, state_), SequentialExecutor{}.execute(input, state_));
        if (executor.statistics().is_by_account) break;
    }
    EXPECT_EQ(blocks, 17);
}

TEST_P(PaymentsTest, withdrawals_and_rewards_come_after_them) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 0; i < kPayments; ++i) pay(i % 10, person((i + 3) % 10), i + 1);
    const types::Withdrawal withdrawals[] = {{.index = 1, .validator_index = 2, .recipient = person(3), .amount = 5},
                                             {.index = 2, .validator_index = 2, .recipient = kCoinbase, .amount = 7}};
    BlockInput input = block(Revision::Shanghai);
    input.withdrawals = withdrawals;
    expect_equal(input, true);
}

/// Payments in blocks of something else, too.
class PaymentRunTest : public PaymentsTest {
  protected:
    PaymentRunTest() {
        // Passes on what it gets to the address in its data: CALL(0, CALLDATALOAD(0), CALLVALUE, 0, 0, 0, 0).
        constexpr uint8_t kPassOn[] = {0x5f, 0x5f, 0x5f, 0x5f, 0x34, 0x5f, 0x35, 0x5f, 0xf1};
        state_.set_code(kPasser, kPassOn);
        // Stores the balance of the address in its data: SSTORE(0, BALANCE(CALLDATALOAD(0))).
        constexpr uint8_t kLook[] = {0x5f, 0x35, 0x31, 0x5f, 0x55};
        state_.set_code(kLooker, kLook);
    }

    static constexpr address kPasser = address_of(0xfa55);
    static constexpr address kLooker = address_of(0x100c);

    types::Transaction& call(uint64_t from, const address& contract, const address& argument, const uint256& value = {}) {
        types::Transaction& transaction = pay(from, contract, value);
        transaction.gas_limit = 100'000;
        transaction.data.resize(12);
        transaction.data.insert(transaction.data.end(), argument.bytes.begin(), argument.bytes.end());
        return transaction;
    }
    /// Both ways; of the payments, so many are executed several at once and not again.
    void expect_joined(uint64_t joined) {
        ParallelExecutor executor(GetParam());
        const BlockInput input = block(Revision::Shanghai);
        const auto expected = SequentialExecutor{}.execute(input, state_);
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(difference(expected, executor.execute(input, state_)), std::nullopt);
            EXPECT_EQ(executor.statistics().joined_payments, joined);
        }
    }
};

INSTANTIATE_TEST_SUITE_P(Threads, PaymentRunTest, testing::Values(1U, 2U, 3U, 8U));

TEST_P(PaymentRunTest, payments_among_calls_are_joined) {
    make_people(100, uint256{1} << 80);
    for (uint64_t i = 0; i < 100; ++i) {
        pay(i, person((i * 7 + 3) % 100), i + 1);
        if (i % 30 == 29) call(i, kLooker, person(i + 1 - i % 2));
    }
    expect_joined(100);
}

TEST_P(PaymentRunTest, what_is_paid_is_passed_on) {
    make_person(0, uint256{1} << 80);
    for (uint64_t i = 1; i <= 100; ++i) make_person(i, 0);
    call(0, kLooker, person(1));
    for (uint64_t i = 0; i < 100; ++i) pay(i, person(i + 1), (uint256{1} << 79) - i * 30'000 * kPrice);
    call(100, kLooker, person(100));
    expect_joined(100);
}

TEST_P(PaymentRunTest, what_a_contract_has_passed_on_is_paid) {
    make_people(10, uint256{1} << 80);
    for (uint64_t i = 10; i < 20; ++i) make_person(i, 0);
    for (uint64_t i = 0; i < 10; ++i) call(i, kPasser, person(i + 10), uint256{1} << 79);
    for (uint64_t i = 10; i < 20; ++i) pay(i, person(5), uint256{1} << 78);
    for (uint64_t i = 0; i < 10; ++i) call(i, kLooker, person(5));
    expect_joined(10);
}

TEST_P(PaymentRunTest, the_beneficiary_pays_of_its_fees) {
    make_people(50, uint256{1} << 80);
    state_.insert(kCoinbase).balance = 1;
    const auto pay_as_beneficiary = [&](uint64_t to, uint64_t nonce, const uint256& value) {
        pay(0, person(to), value);
        --nonces_[0];
        transactions_.back().nonce = nonce;
        senders_.back() = kCoinbase;
    };
    call(0, kLooker, kCoinbase);
    for (uint64_t i = 0; i < 40; ++i) pay(i, person(i + 1), i + 1);
    // A payment leaves it a half of 21,000 times the price, of which the next one needs the whole for its fee.
    for (uint64_t i = 0; i < 30; ++i) pay_as_beneficiary(i, i, 1000 + i);
    pay(3, kCoinbase, 1);
    for (uint64_t i = 0; i < 40; ++i) pay(i, person(i + 1), i + 1);
    pay_as_beneficiary(5, 30, uint256{20} * 10'000 * kPrice);
    call(0, kLooker, kCoinbase);
    expect_joined(112);
    // More than it gets.
    transactions_[transactions_.size() - 2].value = uint256{60} * 10'500 * kPrice;
    const BlockInput input = block(Revision::Shanghai);
    const auto expected = SequentialExecutor{}.execute(input, state_);
    ASSERT_FALSE(expected);
    EXPECT_EQ(expected.error().transaction_error, TransactionError::insufficient_funds);
    EXPECT_EQ(ParallelExecutor{GetParam()}.execute(input, state_), expected);
}

TEST_P(PaymentRunTest, many_pay_one_that_lives_on_it) {
    make_people(50, uint256{1} << 80);
    make_person(50, 0);
    call(1, kLooker, person(50));
    for (uint64_t round = 0; round < 3; ++round) {
        for (uint64_t i = 0; i < 50; ++i) pay(i, person(50), i + 1000 * kPrice * kPrice).gas_limit = 50'000;
        pay(50, person(3), kPrice * kPrice);
        call(3, kLooker, person(50));
        call(50, kLooker, person(50));
    }
    expect_joined(153);
}

TEST_P(PaymentRunTest, who_pays_a_contract_is_executed) {
    make_people(100, uint256{1} << 80);
    call(0, kLooker, person(5));
    for (uint64_t i = 1; i < 100; ++i) pay(i, i == 20 ? kContract : person(i + 1), i + 1);
    // The first 32 are executed one by one.
    expect_joined(67);
    for (size_t i = 60; i < 70; ++i) {
        transactions_[i].to = kContract;
        transactions_[i].gas_limit = 30'000;
    }
    // These are seen to pay a contract, and end a run.
    expect_joined(27 + 30);
}

TEST_P(PaymentRunTest, whatever_is_no_payment_is_executed_as_what_it_is) {
    using Change = std::function<void(types::Transaction&)>;
    const std::pair<std::string, Change> changes[] = {
        {"a precompiled contract", [](types::Transaction& t) { t.to = address_of(4); }},
        {"the sender", [](types::Transaction& t) { t.to = person(17); }},
        {"no tip", [](types::Transaction& t) { t.max_priority_fee_per_gas = 0; }},
        {"nothing to nobody", [](types::Transaction& t) { t.to = person(123'456), t.value = 0; }},
    };
    make_people(100, uint256{1} << 80);
    call(0, kLooker, person(5));
    for (uint64_t i = 1; i < 100; ++i) pay(i, person(i + 1), i + 1);
    for (const auto& [name, change] : changes) {
        SCOPED_TRACE(name);
        const types::Transaction before = transactions_[17];
        change(transactions_[17]);
        expect_joined(98);
        transactions_[17] = before;
    }
}

TEST_P(PaymentRunTest, a_broken_rule_is_that_of_the_first) {
    using Change = std::function<void(types::Transaction&)>;
    const std::pair<TransactionError, Change> changes[] = {
        {TransactionError::nonce_too_low, [](types::Transaction& t) { --t.nonce; }},
        {TransactionError::nonce_too_high, [](types::Transaction& t) { ++t.nonce; }},
        {TransactionError::insufficient_funds, [](types::Transaction& t) { t.value = uint256{1} << 81; }},
        {TransactionError::insufficient_funds, [](types::Transaction& t) { t.value = ~uint256{}; }},
        {TransactionError::chain_id_mismatch, [](types::Transaction& t) { t.chain_id = 77; }},
        {TransactionError::max_fee_below_base_fee, [](types::Transaction& t) { t.max_fee_per_gas = t.max_priority_fee_per_gas = 1; }},
    };
    make_people(100, uint256{1} << 80);
    call(0, kLooker, person(5));
    for (uint64_t i = 0; i < 200; ++i) pay(i % 100, person((i + 1) % 100), i + 1);
    const BlockInput input = block(Revision::Shanghai);
    for (const auto& [error, change] : changes)
        for (const size_t index : {size_t{2}, size_t{35}, size_t{140}}) {
            const types::Transaction before = transactions_[index];
            change(transactions_[index]);
            const auto expected = SequentialExecutor{}.execute(input, state_);
            ASSERT_FALSE(expected);
            EXPECT_EQ(expected.error().transaction, index);
            EXPECT_EQ(expected.error().transaction_error, error);
            EXPECT_EQ(ParallelExecutor{GetParam()}.execute(input, state_), expected);
            transactions_[index] = before;
        }
}

TEST_P(PaymentRunTest, gas_is_exhausted_at_the_same_payment) {
    make_people(100, uint256{1} << 80);
    call(0, kLooker, person(5));
    for (uint64_t i = 0; i < 100; ++i) pay(i, person((i + 1) % 100), i + 1);
    const BlockInput input = block(Revision::Shanghai);
    header_.gas_limit = 1'000'000;
    const auto expected = SequentialExecutor{}.execute(input, state_);
    ASSERT_FALSE(expected);
    EXPECT_EQ(expected.error().transaction_error, TransactionError::block_gas_limit_exceeded);
    EXPECT_EQ(ParallelExecutor{GetParam()}.execute(input, state_), expected);
}

TEST_P(PaymentRunTest, an_account_cannot_have_more_than_there_are_numbers) {
    make_people(10, uint256{1} << 80);
    state_.insert(person(9)).balance = ~uint256{} - 10;
    call(0, kLooker, person(9));
    for (uint64_t i = 0; i < 30; ++i) pay(1 + i % 8, person(9), i + 1);
    pay(9, person(1), 5);
    ParallelExecutor executor(GetParam());
    const BlockInput input = block(Revision::Shanghai);
    EXPECT_EQ(difference(SequentialExecutor{}.execute(input, state_), executor.execute(input, state_)), std::nullopt);
}

TEST_P(PaymentRunTest, whoever_has_code_is_no_payer) {
    make_people(10, uint256{1} << 80);
    call(0, kLooker, person(9));
    for (uint64_t i = 1; i < 10; ++i) pay(i, person((i + 3) % 10), i + 1);
    // Delegated, which may send (EIP-7702).
    uint8_t designator[23] = {0xef, 0x01, 0x00};
    std::ranges::copy(kContract.bytes, designator + 3);
    state_.set_code(person(9), designator);
    expect_joined(0);
}

TEST_P(PaymentRunTest, a_read_that_fails_is_the_error_that_it_is_in_order) {
    make_people(50, uint256{1} << 80);
    call(0, kLooker, person(9));
    for (uint64_t i = 1; i < 50; ++i) pay(i, person((i + 3) % 50), i + 1);
    expect_equal_failures({person(40), kCoinbase});
}

TEST_P(PaymentRunTest, before_empty_accounts_were_cleared_none_is_joined) {
    make_people(50, uint256{1} << 80);
    call(0, kLooker, person(9)).to = kContract;
    for (uint64_t i = 1; i < 50; ++i) pay(i, person((i + 3) % 50), i + 1);
    ParallelExecutor executor(GetParam());
    const BlockInput input = block(Revision::Homestead);
    EXPECT_EQ(executor.execute(input, state_), SequentialExecutor{}.execute(input, state_));
    EXPECT_EQ(executor.statistics().joined_payments, 0);
}

}  // namespace
}  // namespace weft::execution
