// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_execution.hpp"

#include "weft/base/hex.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/execution/dao_fork.hpp"
#include "weft/execution/deposits.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/system_contracts.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

namespace weft::execution {
namespace {

using types::Revision;

constexpr address kSender = address_of(0x5e17de7);
constexpr address kRecipient = address_of(0x4ec1);
constexpr address kCoinbase = address_of(0xc01);

/// Every test runs on the reference and on the parallel executor with one and with two threads.
class BlockExecutionTest : public testing::TestWithParam<unsigned> {
  protected:
    BlockExecutionTest() {
        header_.number = 100;
        header_.gas_limit = 1'000'000;
        header_.beneficiary = kCoinbase;
        base_.insert(kSender).balance = uint256{1} << 100;
    }

    void use(Revision revision) {
        rules_ = {.revision = revision, .blob = types::default_blob_schedule(revision)};
        if (revision >= Revision::London) header_.base_fee_per_gas = 0;
        if (revision >= Revision::Cancun) header_.excess_blob_gas = 0;
    }

    void add_transfer(uint64_t gas_limit = 21'000) {
        types::Transaction transaction;
        transaction.nonce = transactions_.size();
        transaction.gas_limit = gas_limit;
        transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
        transaction.to = kRecipient;
        transaction.value = 1;
        transactions_.push_back(transaction);
        senders_.emplace_back(kSender);
    }

    std::expected<BlockResult, BlockError> execute(const BlockOptions& options = {}) {
        const BlockInput block{.header = &header_,
                               .transactions = transactions_,
                               .senders = recovery_ != nullptr ? recovery_->senders() : std::span(senders_),
                               .recovery = recovery_,
                               .ommers = ommers_,
                               .withdrawals = withdrawals_,
                               .rules = rules_};
        if (GetParam() == 0) return SequentialExecutor{}.execute(block, base_, options);
        return ParallelExecutor{GetParam()}.execute(block, base_, options);
    }
    BlockError error() {
        const auto result = execute();
        EXPECT_FALSE(result.has_value());
        return result.has_value() ? BlockError{} : result.error();
    }

    types::Header header_;
    types::ChainRules rules_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
    types::SenderRecovery* recovery_ = nullptr;
    std::vector<types::Header> ommers_;
    std::vector<types::Withdrawal> withdrawals_;
    state::MemoryState base_;
};

INSTANTIATE_TEST_SUITE_P(executors, BlockExecutionTest, testing::Values(0, 1, 2), [](const auto& info) {
    return info.param == 0 ? std::string("sequential") : "parallel_" + std::to_string(info.param);
});

TEST_P(BlockExecutionTest, nonce_chain_of_one_sender) {
    use(Revision::London);
    for (int i = 0; i < 20; ++i) add_transfer();
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->gas_used, 20u * 21'000);
    EXPECT_EQ(result->diff.accounts.at(kRecipient).account->balance, uint256{20});
    EXPECT_EQ(result->diff.accounts.at(kSender).account->nonce, 20u);
    EXPECT_EQ(result->receipts.back().cumulative_gas_used, 20u * 21'000);
}

TEST_P(BlockExecutionTest, transaction_that_does_not_fit_what_is_left_names_its_index) {
    use(Revision::London);
    add_transfer();
    add_transfer(979'000);
    EXPECT_TRUE(execute().has_value());
    transactions_[1].gas_limit = 979'001;
    const BlockError broken = error();
    EXPECT_EQ(broken.rule, BlockRule::transaction_invalid);
    EXPECT_EQ(broken.transaction, 1u);
    EXPECT_EQ(broken.transaction_error, TransactionError::block_gas_limit_exceeded);
}

TEST_P(BlockExecutionTest, first_invalid_transaction_is_the_blocks_error) {
    use(Revision::London);
    for (int i = 0; i < 5; ++i) add_transfer();
    transactions_[2].nonce = 7;
    transactions_[4].gas_limit = 1;
    const BlockError broken = error();
    EXPECT_EQ(broken.transaction, 2u);
    EXPECT_EQ(broken.transaction_error, TransactionError::nonce_too_high);
}

TEST_P(BlockExecutionTest, transaction_without_sender_has_an_invalid_signature) {
    use(Revision::London);
    add_transfer();
    senders_[0].reset();
    EXPECT_EQ(error().transaction_error, TransactionError::invalid_signature);
}

TEST_P(BlockExecutionTest, senders_recovered_while_the_block_executes_are_those_given_before) {
    use(Revision::London);
    for (uint64_t i = 0; i < 30; ++i) {
        add_transfer();
        types::Transaction& transaction = transactions_.back();
        transaction.nonce = 0;
        const auto signature = crypto::sign(signing_hash(transaction), to_hash32(i + 1)).value();
        transaction.r = signature.r;
        transaction.s = signature.s;
        transaction.y_parity = signature.y_parity;
        senders_.back() = crypto::address_of_secret(to_hash32(i + 1));
        base_.insert(*senders_.back()).balance = 1'000'000;
    }
    const auto expected = execute();
    ASSERT_TRUE(expected.has_value());

    ThreadPool pool(2);
    const auto recover_and_execute = [&] {
        types::SenderRecovery recovery(transactions_, rules_.revision);
        recovery_ = &recovery;
        std::expected<BlockResult, BlockError> result = std::unexpected(BlockError{});
        pool.run([&](unsigned worker) { worker == 0 ? static_cast<void>(result = execute()) : recovery.work(); });
        recovery_ = nullptr;
        return result;
    };
    EXPECT_EQ(recover_and_execute(), expected);
    transactions_[17].r = 0;
    const auto broken = recover_and_execute();
    ASSERT_FALSE(broken.has_value());
    EXPECT_EQ(broken.error().transaction, 17u);
    EXPECT_EQ(broken.error().transaction_error, TransactionError::invalid_signature);
}

TEST_P(BlockExecutionTest, eip4844_blobs_beyond_the_blocks_maximum_rejected) {
    use(Revision::Cancun);
    hash32 hash{};
    hash[0] = 1;
    for (int i = 0; i < 3; ++i) {
        add_transfer();
        transactions_.back().type = types::TransactionType::Blob;
        transactions_.back().chain_id = 1;
        transactions_.back().max_fee_per_blob_gas = 1;
        transactions_.back().blob_hashes.assign(3, hash);
    }
    const BlockError broken = error();
    EXPECT_EQ(broken.transaction, 2u);
    EXPECT_EQ(broken.transaction_error, TransactionError::block_blob_gas_exceeded);
}

TEST_P(BlockExecutionTest, rewards_of_block_and_ommers) {
    use(Revision::Byzantium);
    types::Header ommer;
    ommer.number = 98;
    ommer.beneficiary = kRecipient;
    ommers_.push_back(ommer);
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    const uint256 reward{3'000'000'000'000'000'000};
    EXPECT_EQ(result->diff.accounts.at(kCoinbase).account->balance, reward + reward / 32);
    EXPECT_EQ(result->diff.accounts.at(kRecipient).account->balance, reward / 8 * 6);
    EXPECT_TRUE(execute({.pay_rewards = false})->diff.accounts.empty());
}

TEST_P(BlockExecutionTest, rewards_may_be_told) {
    use(Revision::Byzantium);
    types::Header ommer;
    ommer.number = 98;
    ommer.beneficiary = kRecipient;
    ommers_.push_back(ommer);
    const auto result = execute({.reward = 36});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->diff.accounts.at(kCoinbase).account->balance, uint256{37});
    EXPECT_EQ(result->diff.accounts.at(kRecipient).account->balance, uint256{27});
}

TEST_P(BlockExecutionTest, eip161_reward_of_zero_creates_nothing_and_removes_what_is_empty) {
    use(Revision::TangerineWhistle);
    EXPECT_EQ(execute({.reward = 0})->diff.accounts.at(kCoinbase).account->balance, uint256{});
    use(Revision::SpuriousDragon);
    EXPECT_TRUE(execute({.reward = 0})->diff.accounts.empty());
    base_.insert(kCoinbase);
    EXPECT_FALSE(execute({.reward = 0})->diff.accounts.at(kCoinbase).account.has_value());
    base_.insert(kCoinbase).nonce = 1;
    EXPECT_TRUE(execute({.reward = 0})->diff.accounts.empty());
}

TEST_P(BlockExecutionTest, eip4895_withdrawals_are_in_gwei_and_zero_creates_nothing) {
    use(Revision::Shanghai);
    withdrawals_.push_back({.recipient = kRecipient, .amount = 3});
    withdrawals_.push_back({.recipient = kCoinbase, .amount = 0});
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->diff.accounts.size(), 1u);
    EXPECT_EQ(result->diff.accounts.at(kRecipient).account->balance, uint256{3'000'000'000});
}

TEST_P(BlockExecutionTest, eip779_dao_balances_move_to_the_refund_contract) {
    use(Revision::Homestead);
    rules_.dao_transition = true;
    base_.insert(kDaoAccounts[0]).balance = 100;
    base_.insert(kDaoAccounts[115]).balance = 11;
    const auto result = execute({.pay_rewards = false});
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->diff.accounts.at(kDaoRefundContract).account->balance, uint256{111});
    EXPECT_EQ(result->diff.accounts.at(kDaoAccounts[0]).account->balance, uint256{});
    // All of them are there afterwards.
    EXPECT_EQ(result->diff.accounts.size(), kDaoAccounts.size() + 1);
    EXPECT_EQ(result->diff.accounts.at(kDaoAccounts[1]).account->balance, uint256{});
}

TEST_P(BlockExecutionTest, eip7002_missing_request_contract_makes_the_block_invalid) {
    use(Revision::Prague);
    EXPECT_EQ(error().rule, BlockRule::system_contract_missing);
}

TEST_P(BlockExecutionTest, eip7251_failing_request_contract_makes_the_block_invalid) {
    use(Revision::Prague);
    base_.set_code(kWithdrawalRequests, bytes{0x00});
    base_.set_code(kConsolidationRequests, bytes{0xfe});
    EXPECT_EQ(error().rule, BlockRule::system_call_failed);
}

TEST_P(BlockExecutionTest, eip7685_requests_are_what_the_contracts_return) {
    use(Revision::Prague);
    // PUSH1 2 PUSH0 RETURN: two zero bytes.
    base_.set_code(kWithdrawalRequests, bytes{0x60, 0x02, 0x5f, 0xf3});
    base_.set_code(kConsolidationRequests, bytes{0x00});
    const auto result = execute();
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(result->requests.size(), 3u);
    EXPECT_EQ(result->requests[1], (types::Request{.type = 1, .data = bytes(2)}));
    EXPECT_TRUE(result->requests[2].data.empty());
}

TEST_P(BlockExecutionTest, effects_list_the_state_after_each_transaction) {
    use(Revision::Homestead);
    add_transfer();
    add_transfer();
    const auto result = execute({.keep_effects = true, .pay_rewards = false});
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(result->effects.size(), 3u);
    EXPECT_EQ(result->effects[1].accounts.at(kCoinbase).account->balance, uint256{21'000});
    EXPECT_EQ(result->effects[2].accounts.at(kCoinbase).account->balance, uint256{42'000});
    EXPECT_EQ(result->effects[2].accounts.at(kRecipient).account->balance, uint256{2});
}

TEST(DepositsTest, eip6110_malformed_event_of_the_deposit_contract_is_refused) {
    hash32 topic = *fixed_from_hex<hash32>("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");
    types::Receipt receipt;
    receipt.logs.push_back({.account = types::kMainnetDepositContract, .topics = {topic}, .data = bytes(576)});
    EXPECT_EQ(deposit_requests({&receipt, 1}, types::kMainnetDepositContract), std::nullopt);

    // Other contracts may log what they like.
    EXPECT_EQ(deposit_requests({&receipt, 1}, kRecipient), bytes{});

    bytes& data = receipt.logs[0].data;
    const std::pair<size_t, size_t> fields[] = {{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}};
    for (size_t i = 0; i < 5; ++i) {
        store_be(&data[32 * i], fields[i].first);
        store_be(&data[fields[i].first], fields[i].second);
        data[fields[i].first + 32] = static_cast<uint8_t>(i + 1);
    }
    const auto request = deposit_requests({&receipt, 1}, types::kMainnetDepositContract);
    ASSERT_TRUE(request.has_value());
    ASSERT_EQ(request->size(), 192u);
    EXPECT_EQ((*request)[0], 1);
    EXPECT_EQ((*request)[48], 2);
    EXPECT_EQ((*request)[80], 3);
    EXPECT_EQ((*request)[88], 4);
    EXPECT_EQ((*request)[184], 5);
}

}  // namespace
}  // namespace weft::execution
