// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/rejection.hpp"

#include "weft/execution/transaction_validation.hpp"
#include "weft/t8n/numbers.hpp"

#include <fmt/format.h>

#include <utility>

namespace weft::t8n {
namespace {

using execution::TransactionError;
using types::TransactionType;

state::Account account_of(const RejectedTransaction& rejected) {
    const auto account = rejected.state->account(rejected.sender);
    return account && *account ? **account : state::Account{};
}

std::string insufficient_funds(const RejectedTransaction& rejected, const std::string& sender) {
    const auto cost = execution::upfront_cost(*rejected.transaction);
    if (!cost) return fmt::format("insufficient funds for gas * price + value: address {} required balance exceeds 256 bits", sender);
    return fmt::format("insufficient funds for gas * price + value: address {} have {} want {}", sender,
                       to_decimal(account_of(rejected).balance), to_decimal(*cost));
}

size_t code_size(const RejectedTransaction& rejected) {
    const auto code = rejected.state->code(account_of(rejected).code_hash);
    return code ? (*code)->size() : 0;
}

size_t first_unknown_version(const types::Transaction& transaction) {
    size_t index = 0;
    while (index + 1 < transaction.blob_hashes.size() && transaction.blob_hashes[index][0] == execution::kVersionedHashVersionKzg) ++index;
    return index;
}

std::string wrong_nonce(const char* rule, const RejectedTransaction& rejected, const std::string& sender) {
    return fmt::format("{}: address {}, tx: {} state: {}", rule, sender, rejected.transaction->nonce, account_of(rejected).nonce);
}

std::string blob_rejection(TransactionError error, const RejectedTransaction& rejected, const std::string& sender) {
    const types::Transaction& transaction = *rejected.transaction;
    const execution::BlockEnvironment& environment = *rejected.environment;
    switch (error) {
        case TransactionError::block_blob_gas_exceeded:
            return fmt::format("blob gas ({}) would exceed maximum allowance {}",
                               rejected.blob_gas_before + execution::blob_gas(transaction),
                               environment.rules.blob.max * execution::kGasPerBlob);
        case TransactionError::blob_transaction_creates:
            return "blob transaction of type create";
        case TransactionError::blob_list_empty:
            return "blob transaction missing blob hashes";
        case TransactionError::too_many_blobs:
            return "blob transaction has too many blobs";
        case TransactionError::blob_version_unknown:
            return fmt::format("blob {} has invalid hash version", first_unknown_version(transaction));
        default:
            return fmt::format("max fee per blob gas less than block blob gas fee: address {} blobGasFeeCap: {}, blobBaseFee: {}", sender,
                               to_decimal(transaction.max_fee_per_blob_gas), to_decimal(environment.context.blob_base_fee));
    }
}

}  // namespace

std::string_view blobs_without_price() noexcept { return "blob tx used but field env.ExcessBlobGas missing"; }

std::string rejection_text(const types::DecodeError& error, TransactionType type) {
    if (error.rule == types::DecodeRule::UnknownType) return "transaction type not supported";
    if (error.rule == types::DecodeRule::MissingRecipient)
        return fmt::format("rlp: input string too short for common.Address, decoding into (types.Transaction)(types.{}).To",
                           type == TransactionType::Blob ? "BlobTx" : "SetCodeTx");
    return fmt::format("rlp: {}", types::to_string(error));
}

std::string rejection_text(TransactionError error, const RejectedTransaction& rejected) {
    const types::Transaction& transaction = *rejected.transaction;
    const execution::BlockEnvironment& environment = *rejected.environment;
    const std::string sender = to_checksummed(rejected.sender);
    const auto least_gas = execution::LeastGas::of(transaction, environment.rules.revision);
    switch (error) {
        case TransactionError::block_gas_limit_exceeded:
            return "gas limit reached";
        case TransactionError::invalid_signature:
            return "invalid transaction v, r, s values";
        case TransactionError::type_not_supported:
            return transaction.type == TransactionType::Blob ? std::string(blobs_without_price()) : "transaction type not supported";
        case TransactionError::chain_id_mismatch:
            return fmt::format("invalid chain id for signer: have {} want {}", transaction.chain_id.value_or(0),
                               environment.rules.chain_id);
        case TransactionError::nonce_at_maximum:
            return fmt::format("nonce has max value: address {}, nonce: {}", sender, transaction.nonce);
        case TransactionError::gas_limit_above_maximum:
            return fmt::format("transaction gas limit too high (cap: {}, tx: {})", execution::kMaxTransactionGas, transaction.gas_limit);
        case TransactionError::priority_fee_above_max_fee:
            return fmt::format(
                "max priority fee per gas higher than max fee per gas: address {}, maxPriorityFeePerGas: {}, maxFeePerGas: {}", sender,
                to_decimal(transaction.max_priority_fee_per_gas), to_decimal(transaction.max_fee_per_gas));
        case TransactionError::max_fee_below_base_fee:
            return fmt::format("max fee per gas less than block base fee: address {}, maxFeePerGas: {}, baseFee: {}", sender,
                               to_decimal(transaction.max_fee_per_gas), to_decimal(environment.context.base_fee));
        case TransactionError::initcode_too_large:
            return fmt::format("max initcode size exceeded: code size {} limit {}", transaction.data.size(), execution::kMaxInitcodeSize);
        case TransactionError::block_blob_gas_exceeded:
        case TransactionError::blob_transaction_creates:
        case TransactionError::blob_list_empty:
        case TransactionError::too_many_blobs:
        case TransactionError::blob_version_unknown:
        case TransactionError::blob_fee_below_base_fee:
            return blob_rejection(error, rejected, sender);
        case TransactionError::set_code_creates:
            return fmt::format("EIP-7702 transaction cannot be used to create contract (sender {})", sender);
        case TransactionError::authorization_list_empty:
            return fmt::format("EIP-7702 transaction with empty auth list (sender {})", sender);
        case TransactionError::intrinsic_gas_too_low:
            return fmt::format("intrinsic gas too low: have {}, want {}", transaction.gas_limit, least_gas.intrinsic);
        case TransactionError::floor_gas_too_low:
            return fmt::format("insufficient gas for floor data gas cost: have {}, want {}", transaction.gas_limit, least_gas.floor);
        case TransactionError::sender_not_externally_owned:
            return fmt::format("sender not an eoa: address {}, len(code): {}", sender, code_size(rejected));
        case TransactionError::nonce_too_low:
            return wrong_nonce("nonce too low", rejected, sender);
        case TransactionError::nonce_too_high:
            return wrong_nonce("nonce too high", rejected, sender);
        case TransactionError::insufficient_funds:
            return insufficient_funds(rejected, sender);
    }
    std::unreachable();
}

}  // namespace weft::t8n
