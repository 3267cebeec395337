// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_view.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::execution {

/// The rule that makes a transaction invalid. Order of the checks: block_gas_limit_exceeded and block_blob_gas_exceeded first,
/// because they depend on the transactions before; then as listed.
enum class TransactionError : uint8_t {
    block_gas_limit_exceeded,     ///< Gas limit above what the block has left (Yellow Paper, eq. 69).
    block_blob_gas_exceeded,      ///< More blobs than the block has left (EIP-4844).
    invalid_signature,            ///< No sender can be recovered (Yellow Paper, appendix F; EIP-2).
    type_not_supported,           ///< The transaction's type is not active in this revision (EIP-2718).
    chain_id_mismatch,            ///< EIP-155
    nonce_at_maximum,             ///< EIP-2681
    gas_limit_above_maximum,      ///< EIP-7825
    priority_fee_above_max_fee,   ///< EIP-1559
    max_fee_below_base_fee,       ///< EIP-1559
    initcode_too_large,           ///< EIP-3860
    blob_transaction_creates,     ///< EIP-4844: `to` must be an address.
    blob_list_empty,              ///< EIP-4844
    too_many_blobs,               ///< EIP-7594: at most six in one transaction; before it, at most the block's maximum.
    blob_version_unknown,         ///< EIP-4844: the first byte of a versioned hash is 0x01.
    blob_fee_below_base_fee,      ///< EIP-4844
    set_code_creates,             ///< EIP-7702: `to` must be an address.
    authorization_list_empty,     ///< EIP-7702
    intrinsic_gas_too_low,        ///< Yellow Paper, eq. 64
    floor_gas_too_low,            ///< EIP-7623
    sender_not_externally_owned,  ///< EIP-3607, EIP-7702
    nonce_too_low,                ///< Yellow Paper, eq. 70
    nonce_too_high,               ///< Yellow Paper, eq. 70
    insufficient_funds,           ///< Yellow Paper, eq. 70: balance below value and the most that gas and blobs may cost.
};
[[nodiscard]] std::string_view to_string(TransactionError error) noexcept;

/// The rule that makes a block invalid, as far as execution decides it.
enum class BlockRule : uint8_t {
    transaction_invalid,      ///< BlockError::transaction names it, BlockError::transaction_error says why.
    system_contract_missing,  ///< EIP-7002, EIP-7251: the predeploy has no code.
    system_call_failed,       ///< EIP-7002, EIP-7251: the call must succeed.
    deposit_log_malformed,    ///< EIP-6110
    state_unavailable,        ///< The StateView failed: nothing is said of the block. BlockError::read_error has its code.
    out_of_memory,            ///< The machine failed: nothing is said of the block.
};
[[nodiscard]] std::string_view to_string(BlockRule rule) noexcept;

/// Why a block has no result.
struct BlockError {
    BlockRule rule;
    /// Index of the first transaction that cannot stand where it stands.
    std::optional<size_t> transaction;
    std::optional<TransactionError> transaction_error;
    std::optional<state::ReadError> read_error;

    friend bool operator==(const BlockError&, const BlockError&) = default;
};
/// One line for a person.
[[nodiscard]] std::string to_string(const BlockError& error);

}  // namespace weft::execution
