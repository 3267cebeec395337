// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_steps.hpp"

#include "weft/base/assert.hpp"
#include "weft/execution/dao_fork.hpp"
#include "weft/execution/deposits.hpp"
#include "weft/execution/system_contracts.hpp"
#include "weft/execution/transaction_validation.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace weft::execution {

namespace {

using types::Revision;

constexpr uint64_t kGwei = 1'000'000'000;

/// Receipts are closed in so many parts for each thread, none much smaller than this.
constexpr size_t kPartsForThread = 4;
constexpr size_t kReceiptsInPart = 16;
/// Before that, so many at a time: mostly some microseconds of work.
constexpr size_t kReceiptsAtOnce = sync::limit(size_t{32}, size_t{2});

/// Reward of a block in wei (Yellow Paper, eq. 176; EIP-649, EIP-1234).
constexpr uint64_t block_reward(Revision revision) noexcept {
    if (revision >= Revision::Constantinople) return 2'000'000'000'000'000'000;
    if (revision >= Revision::Byzantium) return 3'000'000'000'000'000'000;
    return 5'000'000'000'000'000'000;
}

BlockError unavailable(const state::ReadError& error) {
    return {.rule = BlockRule::state_unavailable, .transaction = {}, .transaction_error = {}, .read_error = error};
}

std::unexpected<BlockError> broken(BlockRule rule) {
    return std::unexpected(BlockError{.rule = rule, .transaction = {}, .transaction_error = {}, .read_error = {}});
}

std::unexpected<BlockError> invalid(size_t index, TransactionError error) {
    return std::unexpected(
        BlockError{.rule = BlockRule::transaction_invalid, .transaction = index, .transaction_error = error, .read_error = {}});
}

/// Asks until there is an answer or none will come.
template <typename Ask>
auto answered(state::StateView& view, const Ask& ask) {
    auto answer = ask();
    while (!answer && answer.error().kind != state::ReadError::Kind::failed) {
        view.wait(answer.error());
        answer = ask();
    }
    return answer;
}

state::AccountChange credit_of(const address& account, const uint256& amount) {
    return {.addr = account, .comes_to_exist = true, .balance_change = state::AccountChange::Balance::credit, .balance = amount};
}

}  // namespace

std::expected<void, BlockError> finish(TransactionExecution& execution, Progress progress, state::StateView& view) {
    while (progress == Progress::blocked) {
        const state::ReadError error = execution.state().read_error();
        if (error.kind == state::ReadError::Kind::failed) return std::unexpected(unavailable(error));
        view.wait(error);
        progress = execution.resume();
    }
    return {};
}

BlockSteps::BlockSteps(const BlockInput& block, state::MutableState& state, const BlockOptions& options)
    : block_(block), options_(options), environment_(BlockEnvironment::of(*block.header, block.rules)), state_(state) {
    result_.receipts.reserve(block.transactions.size());
    receipts_ = result_.receipts.data();
}

std::expected<void, BlockError> BlockSteps::apply(const state::TransactionChanges& changes, state::StateDiff* effect) {
    const auto applied = answered(state_, [&] { return state_.apply(changes, effect); });
    if (!applied) return std::unexpected(unavailable(applied.error()));
    return {};
}

std::expected<void, BlockError> BlockSteps::credit(const address& account, const uint256& amount) {
    return apply({credit_of(account, amount)}, nullptr);
}

std::expected<BlockSteps::CallResult, BlockError> BlockSteps::system_call(TransactionExecution& execution, const address& contract,
                                                                          bytes_view input, state::StateDiff* effect) {
    const Progress progress = execution.start_system_call(environment_, contract, input, state_);
    if (const auto finished = finish(execution, progress, state_); !finished) return std::unexpected(finished.error());
    auto result = execution.take_result();
    if (const auto applied = apply(result->changes, effect); !applied) return std::unexpected(applied.error());
    return CallResult{.status = result->status, .output = std::move(result->output)};
}

// ---- Before the transactions ----

/// EIP-779: the balances of the listed accounts move to the refund contract. Those that are not there come to exist (execution-specs,
/// dao_fork, apply_dao).
std::expected<void, BlockError> BlockSteps::apply_dao_transition(state::StateDiff* effect) {
    for (const address& drained : kDaoAccounts) {
        const auto account = answered(state_, [&] { return state_.account(drained); });
        if (!account) return std::unexpected(unavailable(account.error()));
        const uint256 balance = *account ? (*account)->balance : uint256{};
        const state::AccountChange debit{
            .addr = drained, .comes_to_exist = true, .balance_change = state::AccountChange::Balance::set, .balance = {}};
        if (const auto applied = apply({debit, credit_of(kDaoRefundContract, balance)}, effect); !applied) return applied;
    }
    return {};
}

std::expected<void, BlockError> BlockSteps::begin(TransactionExecution& execution) {
    state::StateDiff* effect = options_.keep_effects ? &result_.effects.emplace_back() : nullptr;
    const types::Header& header = *block_.header;
    const Revision revision = environment_.rules.revision;
    if (environment_.rules.dao_transition)
        if (const auto applied = apply_dao_transition(effect); !applied) return applied;
    // These two may be absent or fail without harm. Genesis has no parent to speak of.
    if (header.number == 0) return {};
    if (revision >= Revision::Cancun && header.parent_beacon_block_root) {
        const auto called = system_call(execution, kBeaconRoots, *header.parent_beacon_block_root, effect);
        if (!called) return std::unexpected(called.error());
    }
    if (revision >= Revision::Prague) {
        const auto called = system_call(execution, kHistoryStorage, header.parent_hash, effect);
        if (!called) return std::unexpected(called.error());
    }
    return {};
}

// ---- The transactions ----

std::expected<void, BlockError> BlockSteps::check_room(size_t index) const {
    const types::Transaction& transaction = block_.transactions[index];
    if (transaction.gas_limit > block_.header->gas_limit - result_.gas_used)
        return invalid(index, TransactionError::block_gas_limit_exceeded);
    // Before EIP-4844 it is the type that is wrong.
    if (environment_.rules.revision < types::Revision::Cancun) return {};
    const uint64_t most = environment_.rules.blob.max * kGasPerBlob;
    if (const uint64_t wanted = blob_gas(transaction); wanted != 0 && wanted > most - result_.blob_gas_used)
        return invalid(index, TransactionError::block_blob_gas_exceeded);
    return {};
}

/// But for what depends on the transactions before.
[[gnu::always_inline]] inline void BlockSteps::fill_in(types::Receipt& receipt, size_t index, TransactionResult& result) const noexcept {
    receipt.type = block_.transactions[index].type;
    receipt.status = result.status == evm::Status::success;
    if (result.logs.empty()) return;
    receipt.logs = std::move(result.logs);
}

std::expected<void, BlockError> BlockSteps::commit(size_t index, std::expected<TransactionResult, TransactionError>&& result) {
    if (!result) return invalid(index, result.error());
    state::StateDiff* effect = options_.keep_effects ? &result_.effects.emplace_back() : nullptr;
    if (const auto applied = apply(result->changes, effect); !applied) return applied;
    count_gas(index, result->gas_used);
    types::Receipt& receipt = result_.receipts.emplace_back();
    fill_in(receipt, index, *result);
    receipt.cumulative_gas_used = result_.gas_used;
    return {};
}

void BlockSteps::count_gas(size_t index, uint64_t gas_used) noexcept {
    result_.gas_used += gas_used;
    result_.blob_gas_used += blob_gas(block_.transactions[index]);
}

void BlockSteps::await_receipts() {
    result_.receipts.resize(block_.transactions.size());
    gas_used_after_.resize(block_.transactions.size());
}

void BlockSteps::write_receipt(size_t index, TransactionResult& result) {
    types::Receipt& receipt = receipts_[index];
    // Of an earlier execution.
    if (!receipt.logs.empty()) receipt = {};
    fill_in(receipt, index, result);
}

std::expected<void, BlockError> BlockSteps::commit_written(size_t index, uint64_t gas_used, const state::TransactionChanges& changes) {
    state::StateDiff* effect = options_.keep_effects ? &result_.effects.emplace_back() : nullptr;
    if (const auto applied = apply(changes, effect); !applied) return applied;
    count_gas(index, gas_used);
    gas_used_after_[index] = result_.gas_used;
    return {};
}

void BlockSteps::write_receipts_of_payments(size_t begin, size_t end) noexcept {
    for (size_t i = begin; i < end; ++i) {
        receipts_[i].type = block_.transactions[i].type;
        receipts_[i].status = true;
    }
}

std::expected<void, BlockError> BlockSteps::commit_payments(size_t begin, size_t end) {
    WEFT_ASSERT(!options_.keep_effects);
    uint64_t left = block_.header->gas_limit - result_.gas_used;
    for (size_t i = begin; i < end; ++i, left -= kTransactionGas)
        if (block_.transactions[i].gas_limit > left) return invalid(i, TransactionError::block_gas_limit_exceeded);
    const bool are_receipts_written = !gas_used_after_.empty();
    for (size_t i = begin; i < end; ++i) {
        result_.gas_used += kTransactionGas;
        if (are_receipts_written) {
            gas_used_after_[i] = result_.gas_used;
            continue;
        }
        types::Receipt& receipt = result_.receipts.emplace_back();
        receipt.type = block_.transactions[i].type;
        receipt.status = true;
        receipt.cumulative_gas_used = result_.gas_used;
    }
    return {};
}

/// Fills in the gas of the block so far and the filter of each.
void BlockSteps::close(size_t begin, size_t end) noexcept {
    std::unique_ptr<types::BloomBuilder> builder;
    bool has_logs = false;
    for (size_t i = begin; i < end; ++i) {
        types::Receipt& receipt = receipts_[i];
        if (!gas_used_after_.empty()) receipt.cumulative_gas_used = gas_used_after_[i];
        if (receipt.logs.empty()) continue;
        has_logs = true;
        if (builder == nullptr) builder = take_builder();
        if (builder != nullptr)
            builder->add(receipt.logs, receipt.bloom);
        else
            receipt.bloom = types::bloom_of(receipt.logs);
    }
    if (!has_logs) return;
    if (builder != nullptr) builder->finish();
    types::Bloom bloom;
    for (size_t i = begin; i < end; ++i)
        if (!receipts_[i].logs.empty()) bloom |= receipts_[i].bloom;
    give_back(std::move(builder), bloom);
}

/// Null: there is no memory for one.
std::unique_ptr<types::BloomBuilder> BlockSteps::take_builder() noexcept {
    {
        const sync::LockGuard<sync::SpinLock> lock(closing_);
        if (!builders_.empty()) {
            auto builder = std::move(builders_.back());
            builders_.pop_back();
            return builder;
        }
    }
    try {
        auto builder = std::make_unique<types::BloomBuilder>();
        const sync::LockGuard<sync::SpinLock> lock(closing_);
        builders_.reserve(++builders_made_);
        return builder;
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

/// What it remembers of elements serves whoever takes it next.
void BlockSteps::give_back(std::unique_ptr<types::BloomBuilder> builder, const types::Bloom& logs_bloom) noexcept {
    const sync::LockGuard<sync::SpinLock> lock(closing_);
    result_.logs_bloom |= logs_bloom;
    if (builder != nullptr) builders_.push_back(std::move(builder));
}

bool BlockSteps::close_some(size_t committed) noexcept {
    // Relaxed: the exchange decides.
    size_t begin = next_to_close_.load(sync::kRelaxed);
    if (begin + kReceiptsAtOnce > committed) return false;
    // Sequentially consistent, as in close_receipts(): who sees receipts taken sees who took them.
    ++closers_;
    bool is_taken = false;
    while (begin + kReceiptsAtOnce <= committed && !is_taken)
        is_taken = next_to_close_.compare_exchange_strong(begin, begin + kReceiptsAtOnce);
    if (is_taken) close(begin, begin + kReceiptsAtOnce);
    --closers_;
    return is_taken;
}

void BlockSteps::close_receipts(Crew& crew, size_t threads) {
    const size_t end = result_.receipts.size();
    const size_t begin = next_to_close_.exchange(end);
    const size_t count = end - begin;
    const size_t parts = threads == 1 ? 1 : std::min(count / kReceiptsInPart + 1, kPartsForThread * threads);
    crew.run(parts, [&](size_t part) { close(begin + part * count / parts, begin + (part + 1) * count / parts); });
    sync::Backoff backoff;
    while (closers_ != 0) backoff.wait();
}

void BlockSteps::take_over(std::vector<types::Receipt>&& receipts, uint64_t gas_used) {
    WEFT_ASSERT(!options_.keep_effects && result_.receipts.empty() && receipts.size() == block_.transactions.size());
    result_.receipts = std::move(receipts);
    receipts_ = result_.receipts.data();
    result_.gas_used = gas_used;
}

// ---- After the transactions ----

std::expected<void, BlockError> BlockSteps::pay_withdrawals() {
    for (const types::Withdrawal& withdrawal : block_.withdrawals) {
        if (withdrawal.amount == 0) continue;  // It must not bring an empty account into being (EIP-161).
        if (const auto paid = credit(withdrawal.recipient, uint256{withdrawal.amount} * kGwei); !paid) return paid;
    }
    return {};
}

/// A reward of zero touches the account, no more: from EIP-161 on none comes to exist, and an empty one goes.
std::expected<void, BlockError> BlockSteps::reward(const address& account, const uint256& amount) {
    if (!amount.is_zero() || environment_.rules.revision < Revision::SpuriousDragon) return credit(account, amount);
    const auto touched = answered(state_, [&] { return state_.account(account); });
    if (!touched) return std::unexpected(unavailable(touched.error()));
    if (!*touched || !(*touched)->is_empty()) return {};
    return apply({{.addr = account, .removed = true}}, nullptr);
}

/// Yellow Paper, section 11.3.
std::expected<void, BlockError> BlockSteps::pay_rewards() {
    const types::Header& header = *block_.header;
    const uint64_t amount = options_.reward.value_or(block_reward(environment_.rules.revision));
    if (const auto paid = reward(header.beneficiary, uint256{amount} + amount / 32 * block_.ommers.size()); !paid) return paid;
    for (const types::Header& ommer : block_.ommers) {
        const uint64_t age = header.number - ommer.number;
        if (const auto paid = reward(ommer.beneficiary, uint256{amount} * (8 - age) / 8); !paid) return paid;
    }
    return {};
}

/// EIP-7685: deposits from the logs, then what the two request contracts hand out.
std::expected<void, BlockError> BlockSteps::collect_requests(TransactionExecution& execution) {
    auto deposits = deposit_requests(result_.receipts, environment_.rules.deposit_contract);
    if (!deposits) return broken(BlockRule::deposit_log_malformed);
    result_.requests.push_back({.type = types::kDepositRequestType, .data = *std::move(deposits)});

    const std::pair<uint8_t, address> contracts[] = {{types::kWithdrawalRequestType, kWithdrawalRequests},
                                                     {types::kConsolidationRequestType, kConsolidationRequests}};
    for (const auto& [type, contract] : contracts) {
        const auto account = answered(state_, [&] { return state_.account(contract); });
        if (!account) return std::unexpected(unavailable(account.error()));
        if (!*account || (*account)->code_hash == state::kEmptyCodeHash) return broken(BlockRule::system_contract_missing);
        auto called = system_call(execution, contract, {}, nullptr);
        if (!called) return std::unexpected(called.error());
        if (called->status != evm::Status::success) return broken(BlockRule::system_call_failed);
        result_.requests.push_back({.type = type, .data = std::move(called->output)});
    }
    return {};
}

std::expected<BlockResult, BlockError> BlockSteps::end(TransactionExecution& execution) {
    Crew nobody;
    nobody.assemble();
    return end(execution, nobody, 1);
}

std::expected<BlockResult, BlockError> BlockSteps::end(TransactionExecution& execution, Crew& crew, size_t threads) {
    close_receipts(crew, threads);
    const Revision revision = environment_.rules.revision;
    if (revision >= Revision::Shanghai)
        if (const auto paid = pay_withdrawals(); !paid) return std::unexpected(paid.error());
    if (revision < Revision::Paris && options_.pay_rewards)
        if (const auto paid = pay_rewards(); !paid) return std::unexpected(paid.error());
    if (revision >= Revision::Prague)
        if (const auto collected = collect_requests(execution); !collected) return std::unexpected(collected.error());

    auto diff = answered(state_, [&] { return state_.diff(); });
    if (!diff) return std::unexpected(unavailable(diff.error()));
    result_.diff = *std::move(diff);
    return std::move(result_);
}

}  // namespace weft::execution
