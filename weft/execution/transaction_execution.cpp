// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/transaction_execution.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/evm/contract_address.hpp"
#include "weft/evm/precompiles/precompiles.hpp"
#include "weft/execution/transaction_validation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::execution {

namespace {

using types::Revision;

/// 0xfffffffffffffffffffffffffffffffffffffffe (EIP-4788, EIP-2935, EIP-7002, EIP-7251).
constexpr address kSystemAddress = [] {
    address result{};
    result.bytes.fill(0xff);
    result[19] = 0xfe;
    return result;
}();
constexpr int64_t kSystemCallGas = 30'000'000;

constexpr int64_t kAuthorizationRefund = 25'000 - 12'500;  // EIP-7702, PER_EMPTY_ACCOUNT_COST - PER_AUTH_BASE_COST

/// Part of the gas used that refunds may give back: a half, from London on a fifth (EIP-3529).
constexpr uint64_t refund_quotient(Revision revision) noexcept { return revision >= Revision::London ? 5 : 2; }

}  // namespace

BlockEnvironment BlockEnvironment::of(const types::Header& header, const types::ChainRules& rules) {
    return {
        .rules = rules,
        .context = {.chain_id = rules.chain_id,
                    .number = header.number,
                    .timestamp = header.timestamp,
                    .gas_limit = header.gas_limit,
                    .coinbase = header.beneficiary,
                    .prev_randao = rules.revision >= Revision::Paris ? to_uint256(header.prev_randao) : header.difficulty,
                    .base_fee = header.base_fee_per_gas.value_or(uint256{}),
                    .blob_base_fee = header.excess_blob_gas ? execution::blob_base_fee(*header.excess_blob_gas, rules.blob) : uint256{}}};
}

uint256 blob_base_fee(uint64_t excess_blob_gas, const types::BlobSchedule& schedule) noexcept {
    const uint64_t fraction = schedule.base_fee_update_fraction;
    if (fraction == 0) return 1;
    // e^150 is far above any balance; the series below stays within 256 bits up to there.
    constexpr uint64_t kMaxExponent = 120;
    if (excess_blob_gas / fraction > kMaxExponent) return ~uint256{};
    uint256 sum;
    uint256 term = fraction;
    for (uint64_t i = 1; !term.is_zero(); ++i) {
        sum += term;
        term = term * excess_blob_gas / (uint256{fraction} * i);
    }
    return sum / fraction;
}

void TransactionExecution::reset(const BlockEnvironment& environment, state::StateView& view, evm::TraceSink* trace) noexcept {
    environment_ = &environment;
    state_.begin(view, environment.rules.revision, evm::is_precompile);
    trace_ = trace;
    machine_started_ = fees_paid_ = false;
    authorities_.reset();
    if (!result_) result_.emplace();
    result_->gas_used = 0;
}

Progress TransactionExecution::start(const BlockEnvironment& environment, const types::Transaction& transaction, const address& sender,
                                     state::StateView& view, evm::TraceSink* trace) {
    reset(environment, view, trace);
    transaction_ = &transaction;
    context_ = {.origin = sender,
                .gas_price = effective_gas_price(transaction, environment.context.base_fee),
                .blob_hashes = transaction.blob_hashes};
    least_gas_ = LeastGas::of(transaction, environment.rules.revision);
    if (const auto form = check_form(transaction, least_gas_, environment); !form) return reject(form.error());
    phase_ = Phase::prepare;
    return advance();
}

Progress TransactionExecution::start_system_call(const BlockEnvironment& environment, const address& contract, bytes_view input,
                                                 state::StateView& view) {
    reset(environment, view, nullptr);
    transaction_ = nullptr;
    context_ = {.origin = kSystemAddress, .gas_price = {}, .blob_hashes = {}};
    message_ = {.is_create = false, .gas = kSystemCallGas, .sender = kSystemAddress, .recipient = contract, .value = {}, .input = input};
    phase_ = Phase::run;
    return advance();
}

Progress TransactionExecution::resume() { return advance(); }

Progress TransactionExecution::advance() {
    if (phase_ == Phase::prepare && prepare() == Progress::blocked) {
        state_.restart();
        return Progress::blocked;
    }
    if (phase_ == Phase::run && run() == Progress::blocked) return Progress::blocked;
    if (phase_ == Phase::settle && settle() == Progress::blocked) return Progress::blocked;
    WEFT_ASSERT(phase_ == Phase::done);
    return Progress::finished;
}

Progress TransactionExecution::reject(TransactionError error) noexcept {
    result_ = std::unexpected(error);
    phase_ = Phase::done;
    return Progress::finished;
}

uint64_t TransactionExecution::gas_spent() const noexcept {
    if (!machine_started_ || transaction_ == nullptr) return 0;
    return transaction_->gas_limit - static_cast<uint64_t>(machine_.gas_left());
}

std::expected<TransactionResult, TransactionError>&& TransactionExecution::take_result() noexcept {
    WEFT_ASSERT(phase_ == Phase::done);
    return std::move(result_);
}

void TransactionExecution::exchange_result(std::expected<TransactionResult, TransactionError>& result) noexcept {
    WEFT_ASSERT(phase_ == Phase::done);
    if (!result || !result_) return std::swap(result, result_);
    result->status = result_->status;
    result->gas_used = result_->gas_used;
    result->logs.swap(result_->logs);
    result->output.swap(result_->output);
    result->changes.swap(result_->changes);
}

/// Everything before the first instruction. A read without an answer starts it again from the beginning.
Progress TransactionExecution::prepare() {
    const Revision revision = environment_->rules.revision;
    sender_ = state_.load(context_.origin);
    if (sender_ == nullptr) return Progress::blocked;
    const Check check = check_sender();
    if (!check) return Progress::blocked;
    if (!*check) return reject(check->error());
    if (optimisation::kPlainPayments && trace_ == nullptr && may_be_payment(*transaction_, context_.origin, *environment_) &&
        !involves_beneficiary(*transaction_, context_.origin, *environment_))
        if (const auto paid = pay()) return *paid;

    buy_gas();
    const bool is_create = !transaction_->to;
    const address recipient = is_create ? evm::create_address(context_.origin, transaction_->nonce) : *transaction_->to;
    if (revision >= Revision::Berlin) warm_access_list(recipient);
    if (!process_authorizations()) return Progress::blocked;

    message_ = {.is_create = is_create,
                .gas = static_cast<int64_t>(transaction_->gas_limit - least_gas_.intrinsic),
                .sender = context_.origin,
                .recipient = recipient,
                .value = transaction_->value,
                .input = transaction_->data};
    phase_ = Phase::run;
    return Progress::finished;
}

TransactionExecution::Check TransactionExecution::check_sender() {
    const auto broken = [](TransactionError error) { return Check{std::unexpected(error)}; };
    const state::Code* code = state_.code(*sender_);
    if (code == nullptr) return std::nullopt;
    // EIP-3607; a delegated account may still send (EIP-7702).
    if (code->size() != 0 && !(environment_->rules.revision >= Revision::Prague && code->delegate()))
        return broken(TransactionError::sender_not_externally_owned);
    const uint64_t nonce = state_.nonce(*sender_);
    if (transaction_->nonce < nonce) return broken(TransactionError::nonce_too_low);
    if (transaction_->nonce > nonce) return broken(TransactionError::nonce_too_high);
    const auto cost = upfront_cost(*transaction_);
    if (!cost || !state_.has_funds(*sender_, *cost)) return broken(TransactionError::insufficient_funds);
    return Check{std::in_place};
}

/// All of the transaction, if it is a payment between accounts without code; otherwise nullopt, and nothing has been changed.
std::optional<Progress> TransactionExecution::pay() {
    state::AccountEntry* const recipient = state_.load(*transaction_->to);
    if (recipient == nullptr) return Progress::blocked;
    if (state_.code_hash(*recipient) != state::kEmptyCodeHash || state_.code_hash(*sender_) != state::kEmptyCodeHash) return std::nullopt;
    const uint64_t gas = std::max(least_gas_.intrinsic, least_gas_.floor);
    state_.pay(*sender_, *recipient, environment_->context.coinbase,
               {.value = transaction_->value, .fee = context_.gas_price * gas, .tip = tip_of(gas)}, result_->changes);
    result_->status = evm::Status::success;
    result_->gas_used = gas;
    result_->output.clear();
    result_->logs.clear();
    phase_ = Phase::done;
    return Progress::finished;
}

void TransactionExecution::buy_gas() {
    const uint256 gas = context_.gas_price * transaction_->gas_limit;
    const uint256 blobs = environment_->context.blob_base_fee * blob_gas(*transaction_);
    state_.subtract_balance(*sender_, gas + blobs);
    state_.set_nonce(*sender_, transaction_->nonce + 1);
}

/// The warm sets before the first instruction (EIP-2929, EIP-2930, EIP-3651).
void TransactionExecution::warm_access_list(const address& recipient) {
    state_.warm_up(*sender_);
    state_.warm_up(state_.entry(recipient));
    if (environment_->rules.revision >= Revision::Shanghai) state_.warm_up(state_.entry(environment_->context.coinbase));
    for (const types::AccessListEntry& entry : transaction_->access_list) {
        state::AccountEntry& account = state_.entry(entry.account);
        state_.warm_up(account);
        for (const hash32& key : entry.storage_keys) state_.warm_up(state_.slot_entry(account, to_uint256(key)));
    }
}

/// EIP-7702, "Behavior". What the list does stays, also when the transaction fails. false: a read has no answer yet.
bool TransactionExecution::process_authorizations() {
    const types::AuthorizationList& list = transaction_->authorization_list;
    if (list.empty()) return true;
    if (!authorities_) {
        authorities_.emplace();
        for (const types::Authorization& authorization : list) {
            const bool for_this_chain = authorization.chain_id.is_zero() || authorization.chain_id == environment_->rules.chain_id;
            const bool is_candidate = for_this_chain && authorization.nonce != UINT64_MAX;
            authorities_->push_back(is_candidate ? types::recover_authority(authorization) : std::nullopt);
        }
    }
    for (size_t i = 0; i < list.size(); ++i)
        if (const auto& authority = (*authorities_)[i]; authority && !process_authorization(list[i], *authority)) return false;
    return true;
}

bool TransactionExecution::process_authorization(const types::Authorization& authorization, const address& authority) {
    // Steps 1 to 3, chain, nonce bound and signature, have been taken.
    // 4. The authority becomes warm, whatever follows.
    state::AccountEntry& account = state_.entry(authority);
    state_.warm_up(account);
    // 5. Its code is empty or a delegation already.
    if (!state_.load(account)) return false;
    const state::Code* code = state_.code(account);
    if (code == nullptr) return false;
    if (code->size() != 0 && !code->delegate()) return true;
    // 6. Its nonce is the one that was signed.
    if (state_.nonce(account) != authorization.nonce) return true;
    // 7. The price of a new account is given back where there is one.
    if (!state_.is_empty(account)) state_.add_refund(kAuthorizationRefund);
    // 8. The code becomes the delegation; the zero address clears it.
    state_.ensure_exists(account);
    state_.set_code(account, authorization.delegate.is_zero() ? bytes{} : state::delegation_designator(authorization.delegate));
    // 9. The nonce is used up.
    state_.set_nonce(account, authorization.nonce + 1);
    return true;
}

Progress TransactionExecution::run() {
    const bool has_started = std::exchange(machine_started_, true);
    const Progress progress = has_started ? machine_.resume() : machine_.start(state_, environment_->context, context_, message_, trace_);
    if (progress == Progress::finished) phase_ = Phase::settle;
    return progress;
}

/// What the beneficiary gets for gas.
uint256 TransactionExecution::tip_of(uint64_t gas) const noexcept { return tip_per_gas(context_.gas_price, *environment_) * gas; }

/// Refunds and fees (Yellow Paper, eq. 75 to 78; EIP-3529, EIP-7623, EIP-1559).
void TransactionExecution::pay_fees() {
    const Revision revision = environment_->rules.revision;
    const auto spent = static_cast<uint64_t>(message_.gas - machine_.outcome().gas_left) + least_gas_.intrinsic;
    WEFT_ASSERT(state_.refund() >= 0);
    const uint64_t refund = std::min(static_cast<uint64_t>(state_.refund()), spent / refund_quotient(revision));
    result_->gas_used = std::max(spent - refund, least_gas_.floor);

    state_.add_balance(*sender_, context_.gas_price * (transaction_->gas_limit - result_->gas_used));
    state_.add_balance(state_.entry(environment_->context.coinbase), tip_of(result_->gas_used));
}

/// Everything after the last instruction.
Progress TransactionExecution::settle() {
    if (transaction_ != nullptr && !fees_paid_) {
        pay_fees();
        fees_paid_ = true;
    }
    if (!state_.finish(result_->changes)) return Progress::blocked;
    const evm::Outcome& outcome = machine_.outcome();
    result_->status = outcome.status;
    result_->output.assign(outcome.output.begin(), outcome.output.end());
    // The list is the state's own and keeps its room for the next transaction; the logs go.
    result_->logs.assign(std::make_move_iterator(state_.logs().begin()), std::make_move_iterator(state_.logs().end()));
    phase_ = Phase::done;
    return Progress::finished;
}

}  // namespace weft::execution
