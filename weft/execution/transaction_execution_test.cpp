// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/transaction_execution.hpp"

#include "weft/base/hex.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/evm/tracer.hpp"
#include "weft/execution/transaction_validation.hpp"
#include "weft/state/hesitant_view.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace weft::execution {
namespace {

using types::Revision;
using types::Transaction;
using types::TransactionType;

constexpr address kSender = address_of(0x5e17de7);
constexpr address kRecipient = address_of(0x4ec1);
constexpr address kCoinbase = address_of(0xc01);

class TransactionExecutionTest : public testing::Test {
  protected:
    TransactionExecutionTest() {
        base_.insert(kSender) = {.nonce = 5, .balance = uint256{1} << 100, .storage = {}};
        use(Revision::Osaka);
        transaction_.type = TransactionType::DynamicFee;
        transaction_.chain_id = 1;
        transaction_.nonce = 5;
        transaction_.gas_limit = 100'000;
        transaction_.max_fee_per_gas = 20;
        transaction_.max_priority_fee_per_gas = 2;
        transaction_.to = kRecipient;
    }

    void use(Revision revision) {
        types::Header header;
        header.number = 100;
        header.gas_limit = 30'000'000;
        header.beneficiary = kCoinbase;
        if (revision >= Revision::London) header.base_fee_per_gas = 10;
        if (revision >= Revision::Cancun) header.excess_blob_gas = 0;
        environment_ = BlockEnvironment::of(header, {.revision = revision, .blob = types::default_blob_schedule(revision)});
    }

    void make_blob_transaction(size_t blobs) {
        transaction_.type = TransactionType::Blob;
        transaction_.max_fee_per_blob_gas = 1;
        hash32 hash{};
        hash[0] = 1;
        transaction_.blob_hashes.assign(blobs, hash);
    }

    std::expected<TransactionResult, TransactionError> execute() {
        EXPECT_EQ(execution_.start(environment_, transaction_, kSender, base_), Progress::finished);
        return execution_.take_result();
    }
    TransactionError error() {
        const auto result = execute();
        EXPECT_FALSE(result.has_value());
        return result.has_value() ? TransactionError{} : result.error();
    }
    const state::AccountChange& change(const TransactionResult& result, const address& addr) {
        for (const auto& change : result.changes)
            if (change.addr == addr) return change;
        ADD_FAILURE() << "no change of " << to_hex(addr);
        static const state::AccountChange none{};
        return none;
    }

    state::MemoryState base_;
    BlockEnvironment environment_;
    Transaction transaction_;
    TransactionExecution execution_;
};

// ---- Rules of validity, one test each ----

TEST_F(TransactionExecutionTest, eip2718_type_of_a_later_fork_rejected) {
    use(Revision::Berlin);
    EXPECT_EQ(error(), TransactionError::type_not_supported);
}

TEST_F(TransactionExecutionTest, eip155_other_chain_rejected) {
    transaction_.chain_id = 2;
    EXPECT_EQ(error(), TransactionError::chain_id_mismatch);
}

TEST_F(TransactionExecutionTest, eip2681_nonce_at_maximum_rejected) {
    base_.insert(kSender).nonce = transaction_.nonce = UINT64_MAX;
    EXPECT_EQ(error(), TransactionError::nonce_at_maximum);
}

TEST_F(TransactionExecutionTest, eip7825_gas_limit_above_2_to_24_rejected_from_osaka_on) {
    transaction_.gas_limit = (1 << 24) + 1;
    EXPECT_EQ(error(), TransactionError::gas_limit_above_maximum);
    transaction_.gas_limit = 1 << 24;
    EXPECT_TRUE(execute().has_value());
    use(Revision::Prague);
    transaction_.gas_limit = (1 << 24) + 1;
    EXPECT_TRUE(execute().has_value());
}

TEST_F(TransactionExecutionTest, eip1559_priority_fee_above_max_fee_rejected) {
    transaction_.max_priority_fee_per_gas = 21;
    EXPECT_EQ(error(), TransactionError::priority_fee_above_max_fee);
}

TEST_F(TransactionExecutionTest, eip1559_max_fee_below_base_fee_rejected) {
    transaction_.max_fee_per_gas = 9;
    EXPECT_EQ(error(), TransactionError::max_fee_below_base_fee);
}

TEST_F(TransactionExecutionTest, eip3860_initcode_over_limit_rejected) {
    transaction_.to.reset();
    transaction_.gas_limit = 10'000'000;
    transaction_.data.assign(49'153, 0);
    EXPECT_EQ(error(), TransactionError::initcode_too_large);
    transaction_.data.pop_back();
    EXPECT_TRUE(execute().has_value());
}

TEST_F(TransactionExecutionTest, eip4844_blob_transaction_without_recipient_rejected) {
    make_blob_transaction(1);
    transaction_.to.reset();
    EXPECT_EQ(error(), TransactionError::blob_transaction_creates);
}

TEST_F(TransactionExecutionTest, eip4844_blob_transaction_without_blobs_rejected) {
    make_blob_transaction(0);
    EXPECT_EQ(error(), TransactionError::blob_list_empty);
}

TEST_F(TransactionExecutionTest, eip7594_seventh_blob_rejected) {
    make_blob_transaction(7);
    EXPECT_EQ(error(), TransactionError::too_many_blobs);
    make_blob_transaction(6);
    EXPECT_TRUE(execute().has_value());
    use(Revision::Prague);
    make_blob_transaction(9);
    EXPECT_TRUE(execute().has_value());
    make_blob_transaction(10);
    EXPECT_EQ(error(), TransactionError::too_many_blobs);
}

TEST_F(TransactionExecutionTest, eip4844_unknown_blob_version_rejected) {
    make_blob_transaction(2);
    transaction_.blob_hashes[1][0] = 2;
    EXPECT_EQ(error(), TransactionError::blob_version_unknown);
}

TEST_F(TransactionExecutionTest, eip4844_blob_fee_below_base_fee_rejected) {
    make_blob_transaction(1);
    transaction_.max_fee_per_blob_gas = 0;
    EXPECT_EQ(error(), TransactionError::blob_fee_below_base_fee);
}

TEST_F(TransactionExecutionTest, eip7702_set_code_transaction_without_recipient_rejected) {
    transaction_.type = TransactionType::SetCode;
    transaction_.authorization_list.resize(1);
    transaction_.to.reset();
    EXPECT_EQ(error(), TransactionError::set_code_creates);
}

TEST_F(TransactionExecutionTest, eip7702_empty_authorization_list_rejected) {
    transaction_.type = TransactionType::SetCode;
    EXPECT_EQ(error(), TransactionError::authorization_list_empty);
}

TEST_F(TransactionExecutionTest, gas_limit_below_intrinsic_gas_rejected) {
    transaction_.gas_limit = 20'999;
    EXPECT_EQ(error(), TransactionError::intrinsic_gas_too_low);
    transaction_.gas_limit = 21'000;
    EXPECT_TRUE(execute().has_value());
}

TEST_F(TransactionExecutionTest, eip2028_every_byte_of_the_data_is_paid_at_every_length) {
    for (uint64_t size = 0; size <= 1'000; ++size) {
        transaction_.data.assign(size, 0);
        EXPECT_EQ(LeastGas::of(transaction_, Revision::Istanbul).intrinsic, 21'000 + 4 * size);
        for (uint64_t i = 0; i < size; i += 3) transaction_.data[i] = 0x80;
        EXPECT_EQ(LeastGas::of(transaction_, Revision::Istanbul).intrinsic, 21'000 + 4 * size + 12 * ((size + 2) / 3));
    }
}

TEST_F(TransactionExecutionTest, eip7623_gas_limit_below_floor_rejected) {
    transaction_.data.assign(100, 1);
    transaction_.gas_limit = 21'000 + 100 * 40 - 1;
    EXPECT_EQ(error(), TransactionError::floor_gas_too_low);
    use(Revision::Cancun);
    EXPECT_TRUE(execute().has_value());
}

TEST_F(TransactionExecutionTest, eip3607_sender_with_code_rejected) {
    base_.set_code(kSender, bytes{0x00});
    EXPECT_EQ(error(), TransactionError::sender_not_externally_owned);
}

TEST_F(TransactionExecutionTest, eip7702_delegated_sender_accepted) {
    base_.set_code(kSender, state::delegation_designator(kRecipient));
    EXPECT_TRUE(execute().has_value());
}

TEST_F(TransactionExecutionTest, nonce_other_than_the_senders_rejected) {
    transaction_.nonce = 4;
    EXPECT_EQ(error(), TransactionError::nonce_too_low);
    transaction_.nonce = 6;
    EXPECT_EQ(error(), TransactionError::nonce_too_high);
}

TEST_F(TransactionExecutionTest, funds_must_cover_the_highest_price_and_the_value) {
    transaction_.value = 7;
    base_.insert(kSender).balance = 20 * 100'000 + 6;
    EXPECT_EQ(error(), TransactionError::insufficient_funds);
    base_.insert(kSender).balance = 20 * 100'000 + 7;
    EXPECT_TRUE(execute().has_value());
}

TEST_F(TransactionExecutionTest, price_times_gas_beyond_256_bits_is_insufficient_funds) {
    transaction_.max_fee_per_gas = ~uint256{};
    base_.insert(kSender).balance = ~uint256{};
    EXPECT_EQ(error(), TransactionError::insufficient_funds);
}

// ---- What a transfer does ----

TEST_F(TransactionExecutionTest, transfer_moves_value_and_pays_base_fee_to_nobody) {
    transaction_.value = 1000;
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->gas_used, 21'000u);
    const auto& sender = change(*result, kSender);
    EXPECT_EQ(sender.nonce, 6u);
    EXPECT_EQ(sender.balance, -uint256{1000 + 21'000 * 12});
    EXPECT_EQ(change(*result, kRecipient).balance, uint256{1000});
    EXPECT_EQ(change(*result, kCoinbase).balance, uint256{21'000 * 2});
    EXPECT_EQ(change(*result, kCoinbase).balance_change, state::AccountChange::Balance::credit);
}

TEST_F(TransactionExecutionTest, value_received_is_a_credit_that_nobody_observed) {
    base_.insert(kRecipient).balance = 1;
    transaction_.value = 1000;
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(change(*result, kRecipient).balance_change, state::AccountChange::Balance::credit);
}

TEST_F(TransactionExecutionTest, failed_execution_keeps_fee_and_nonce_and_undoes_the_rest) {
    base_.set_code(kRecipient, bytes{0xfe});
    transaction_.value = 1000;
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->status, evm::Status::invalid_opcode);
    EXPECT_EQ(result->gas_used, transaction_.gas_limit);
    EXPECT_EQ(change(*result, kSender).balance, -uint256{100'000 * 12});
    EXPECT_EQ(result->changes.size(), 2u);
}

TEST_F(TransactionExecutionTest, eip3529_refund_is_at_most_a_fifth) {
    // PUSH0 PUSH0 SSTORE: clears slot 0.
    base_.set_code(kRecipient, bytes{0x5f, 0x5f, 0x55});
    base_.set_storage(kRecipient, 0, 1);
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->gas_used, 21'000u + 2 + 2 + 5'000 - 4'800);
    ASSERT_EQ(change(*result, kRecipient).slots.size(), 1u);
}

TEST_F(TransactionExecutionTest, eip7623_floor_is_paid_after_refunds) {
    transaction_.data.assign(1000, 1);
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->gas_used, 21'000u + 40'000);
}

TEST_F(TransactionExecutionTest, creation_puts_code_at_the_address_of_sender_and_nonce) {
    // PUSH1 1 PUSH0 RETURN: deploys one zero byte.
    transaction_.to.reset();
    transaction_.data = {0x60, 0x01, 0x5f, 0xf3};
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(result->status, evm::Status::success);
    const auto deployed = std::ranges::find_if(result->changes, [](const auto& c) { return c.code_changed; });
    ASSERT_NE(deployed, result->changes.end());
    EXPECT_EQ(deployed->nonce, 1u);
    ASSERT_NE(deployed->code, nullptr);
    EXPECT_EQ(deployed->code->size(), 1u);
}

TEST_F(TransactionExecutionTest, coinbase_as_sender_gets_its_fee) {
    environment_.context.coinbase = kSender;
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(change(*result, kSender).balance, -uint256{21'000 * 10});
}

TEST_F(TransactionExecutionTest, blob_base_fee_grows_by_e_for_each_update_fraction) {
    const types::BlobSchedule schedule = types::default_blob_schedule(Revision::Cancun);
    EXPECT_EQ(blob_base_fee(0, schedule), uint256{1});
    EXPECT_EQ(blob_base_fee(schedule.base_fee_update_fraction, schedule), uint256{2});
    EXPECT_EQ(blob_base_fee(10 * schedule.base_fee_update_fraction, schedule), uint256{22026});
    EXPECT_EQ(blob_base_fee(UINT64_MAX, schedule), ~uint256{});
}

TEST_F(TransactionExecutionTest, a_system_call_of_an_absent_contract_changes_nothing) {
    EXPECT_EQ(execution_.start_system_call(environment_, kRecipient, {}, base_), Progress::finished);
    const auto result = execution_.take_result();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->status, evm::Status::success);
    EXPECT_TRUE(result->changes.empty());
}

// ---- Payments, with and without the machine ----

/// What a transaction came to and what it learnt. Executed with a trace, a payment goes through the machine.
struct Course {
    std::expected<TransactionResult, TransactionError> result;
    std::vector<state::AccountEntry> read;
    uint32_t accounts = 0;
};

/// By address.
state::TransactionChanges in_order(state::TransactionChanges changes) {
    std::ranges::sort(changes, {}, &state::AccountChange::addr);
    return changes;
}

void expect_same(const state::AccountChange& a, const state::AccountChange& b) {
    EXPECT_EQ(a.addr, b.addr);
    EXPECT_EQ(a.removed, b.removed);
    EXPECT_EQ(a.storage_wiped, b.storage_wiped);
    EXPECT_EQ(a.comes_to_exist, b.comes_to_exist);
    EXPECT_EQ(a.balance_change, b.balance_change);
    EXPECT_EQ(a.balance, b.balance);
    EXPECT_EQ(a.nonce_changed, b.nonce_changed);
    EXPECT_EQ(a.nonce, b.nonce);
    EXPECT_EQ(a.code_changed, b.code_changed);
    EXPECT_TRUE(a.slots.empty() && b.slots.empty());
}

void expect_same(const TransactionResult& a, const TransactionResult& b) {
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.gas_used, b.gas_used);
    EXPECT_TRUE(a.logs.empty() && b.logs.empty() && a.output.empty() && b.output.empty());
    const auto changes_a = in_order(a.changes);
    const auto changes_b = in_order(b.changes);
    ASSERT_EQ(changes_a.size(), changes_b.size());
    for (size_t i = 0; i < changes_a.size(); ++i) expect_same(changes_a[i], changes_b[i]);
}

void expect_same(const Course& a, const Course& b) {
    ASSERT_EQ(a.result.has_value(), b.result.has_value());
    if (a.result)
        expect_same(*a.result, *b.result);
    else
        EXPECT_EQ(a.result.error(), b.result.error());
    ASSERT_EQ(a.read.size(), b.read.size());
    for (size_t i = 0; i < a.read.size(); ++i) {
        EXPECT_EQ(a.read[i].addr, b.read[i].addr);
        EXPECT_EQ(a.read[i].observed, b.read[i].observed);
        EXPECT_EQ(a.read[i].existed, b.read[i].existed);
        EXPECT_EQ(a.read[i].original, b.read[i].original);
        if ((a.read[i].observed & state::kObservedFunds) == 0) continue;
        EXPECT_EQ(a.read[i].least_funds, b.read[i].least_funds);
        EXPECT_EQ(a.read[i].most_funds, b.read[i].most_funds);
    }
}

class PaymentTest : public TransactionExecutionTest {
  protected:
    Course course(evm::TraceSink* trace) {
        EXPECT_EQ(execution_.start(environment_, transaction_, kSender, base_, trace), Progress::finished);
        Course course{.result = execution_.take_result(), .read = {}};
        const auto& accounts = execution_.state().accounts();
        course.accounts = accounts.size();
        for (uint32_t i = 0; i < accounts.size(); ++i)
            if (accounts[i].loaded) course.read.push_back(accounts[i]);
        return course;
    }
    /// In all revisions.
    void expect_same_by_machine() {
        evm::TraceSink trace;
        for (int i = 0; i <= static_cast<int>(types::kLatestRevision); ++i) {
            const auto revision = static_cast<Revision>(i);
            SCOPED_TRACE(i);
            use(revision);
            const bool has_tips = revision >= Revision::London;
            transaction_.type = has_tips ? TransactionType::DynamicFee : TransactionType::Legacy;
            transaction_.max_priority_fee_per_gas = has_tips ? 2 : transaction_.max_fee_per_gas;
            expect_same(course(nullptr), course(&trace));
        }
    }
};

TEST_F(PaymentTest, whatever_the_recipient_and_the_value_the_machine_would_do_the_same) {
    const state::MemoryState::AccountRecord recipients[] = {
        {.nonce = 0, .balance = {}, .storage = {}}, {.nonce = 0, .balance = 7, .storage = {}}, {.nonce = 3, .balance = {}, .storage = {}}};
    for (const uint64_t value : {0, 5}) {
        transaction_.value = value;
        // Absent.
        expect_same_by_machine();
    }
    for (const auto& recipient : recipients) {
        base_.insert(kRecipient) = recipient;
        for (const uint64_t value : {0, 5}) {
            transaction_.value = value;
            expect_same_by_machine();
        }
    }
}

TEST_F(PaymentTest, with_data_the_machine_would_do_the_same) {
    transaction_.value = 1;
    transaction_.data = {0, 1, 2};
    expect_same_by_machine();
}

TEST_F(PaymentTest, an_invalid_one_is_refused_as_by_the_machine) {
    transaction_.nonce = 4;
    expect_same_by_machine();
    transaction_.nonce = 5;
    transaction_.value = uint256{1} << 101;
    expect_same_by_machine();
}

TEST_F(PaymentTest, to_the_last_wei_the_machine_would_do_the_same) {
    base_.insert(kSender).balance = uint256{100'000 * 20 + 9};
    transaction_.value = 9;
    expect_same_by_machine();
    // Above half of what there can be, the balance itself is observed.
    base_.insert(kSender).balance = ~uint256{};
    expect_same_by_machine();
}

TEST_F(PaymentTest, what_is_no_payment_goes_through_the_machine) {
    transaction_.value = 1;
    base_.set_code(kRecipient, bytes{0x00});
    expect_same_by_machine();
    transaction_.to = address_of(4);
    expect_same_by_machine();
    transaction_.to = kSender;
    expect_same_by_machine();
    transaction_.to = kCoinbase;
    expect_same_by_machine();
}

TEST_F(PaymentTest, a_tip_of_zero_touches_the_beneficiary) {
    base_.insert(kCoinbase);
    transaction_.max_fee_per_gas = 10;
    transaction_.max_priority_fee_per_gas = 0;
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(change(*result, kCoinbase).removed);
}

TEST_F(PaymentTest, the_machine_is_left_out) {
    transaction_.value = 1;
    evm::TraceSink trace;
    EXPECT_EQ(course(&trace).accounts, 3u);
    EXPECT_EQ(course(nullptr).accounts, optimisation::kPlainPayments ? 2u : 3u);
}

TEST_F(PaymentTest, a_read_without_an_answer_is_asked_again) {
    transaction_.value = 1;
    const Course expected = course(nullptr);
    state::HesitantView view(base_);
    Progress progress = execution_.start(environment_, transaction_, kSender, view);
    size_t blocked = 0;
    for (; progress == Progress::blocked; ++blocked) progress = execution_.resume();
    EXPECT_EQ(blocked, 2u);
    const auto result = execution_.take_result();
    ASSERT_TRUE(result.has_value());
    expect_same(*expected.result, *result);
}

}  // namespace
}  // namespace weft::execution
