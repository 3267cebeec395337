// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/errors.hpp"

#include <fmt/format.h>

#include <utility>

namespace weft::execution {

std::string_view to_string(TransactionError error) noexcept {
    switch (error) {
        case TransactionError::block_gas_limit_exceeded:
            return "gas limit above what the block has left";
        case TransactionError::block_blob_gas_exceeded:
            return "more blobs than the block has left (EIP-4844)";
        case TransactionError::invalid_signature:
            return "invalid signature";
        case TransactionError::type_not_supported:
            return "transaction type not active (EIP-2718)";
        case TransactionError::chain_id_mismatch:
            return "chain id of another chain (EIP-155)";
        case TransactionError::nonce_at_maximum:
            return "nonce at its maximum (EIP-2681)";
        case TransactionError::gas_limit_above_maximum:
            return "gas limit above 2^24 (EIP-7825)";
        case TransactionError::priority_fee_above_max_fee:
            return "priority fee above the maximum fee (EIP-1559)";
        case TransactionError::max_fee_below_base_fee:
            return "maximum fee below the base fee (EIP-1559)";
        case TransactionError::initcode_too_large:
            return "init code too large (EIP-3860)";
        case TransactionError::blob_transaction_creates:
            return "blob transaction without recipient (EIP-4844)";
        case TransactionError::blob_list_empty:
            return "blob transaction without blobs (EIP-4844)";
        case TransactionError::too_many_blobs:
            return "too many blobs in one transaction (EIP-4844, EIP-7594)";
        case TransactionError::blob_version_unknown:
            return "unknown version of a blob hash (EIP-4844)";
        case TransactionError::blob_fee_below_base_fee:
            return "maximum blob fee below the blob base fee (EIP-4844)";
        case TransactionError::set_code_creates:
            return "set-code transaction without recipient (EIP-7702)";
        case TransactionError::authorization_list_empty:
            return "set-code transaction without authorizations (EIP-7702)";
        case TransactionError::intrinsic_gas_too_low:
            return "gas limit below the intrinsic gas";
        case TransactionError::floor_gas_too_low:
            return "gas limit below the floor of its data (EIP-7623)";
        case TransactionError::sender_not_externally_owned:
            return "sender has code (EIP-3607)";
        case TransactionError::nonce_too_low:
            return "nonce too low";
        case TransactionError::nonce_too_high:
            return "nonce too high";
        case TransactionError::insufficient_funds:
            return "insufficient funds";
    }
    std::unreachable();
}

std::string_view to_string(BlockRule rule) noexcept {
    switch (rule) {
        case BlockRule::transaction_invalid:
            return "invalid transaction";
        case BlockRule::system_contract_missing:
            return "system contract without code (EIP-7002, EIP-7251)";
        case BlockRule::system_call_failed:
            return "system call failed (EIP-7002, EIP-7251)";
        case BlockRule::deposit_log_malformed:
            return "malformed deposit log (EIP-6110)";
        case BlockRule::state_unavailable:
            return "the state could not be read";
        case BlockRule::out_of_memory:
            return "out of memory";
    }
    std::unreachable();
}

std::string to_string(const BlockError& error) {
    std::string text{to_string(error.rule)};
    if (error.transaction) text += fmt::format(", transaction {}", *error.transaction);
    if (error.transaction_error) text += fmt::format(": {}", to_string(*error.transaction_error));
    if (error.read_error) text += fmt::format(" (code {})", error.read_error->detail);
    return text;
}

}  // namespace weft::execution
