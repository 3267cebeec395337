// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/errors.hpp"
#include "weft/execution/transaction_execution.hpp"

#include <expected>

namespace weft::execution {

/// The rules that need no state: everything of TransactionError from type_not_supported to floor_gas_too_low.
/// `least_gas` is the transaction's.
[[nodiscard]] std::expected<void, TransactionError> check_form(const types::Transaction& transaction, const LeastGas& least_gas,
                                                               const BlockEnvironment& environment);

/// What the sender must own: gas and blob gas at their highest price, and the value (Yellow Paper, eq. 65; EIP-1559, EIP-4844).
/// nullopt: more than 2^256 - 1.
[[nodiscard]] std::optional<uint256> upfront_cost(const types::Transaction& transaction);

/// Price that a unit of gas really costs: base fee plus as much of the priority fee as the maximum leaves (EIP-1559).
[[nodiscard]] uint256 effective_gas_price(const types::Transaction& transaction, const uint256& base_fee);

/// What the beneficiary gets for a unit of gas: from London on the price less the base fee (EIP-1559).
[[nodiscard]] uint256 tip_per_gas(const uint256& gas_price, const BlockEnvironment& environment) noexcept;

/// Whether a transaction is a payment, if neither its sender nor its recipient has code: it moves its value, costs what it costs at least
/// and does nothing else. Some transactions are none for the sake of simplicity. The price that it offers is at least the base fee.
[[nodiscard]] bool may_be_payment(const types::Transaction& transaction, const address& sender,
                                  const BlockEnvironment& environment) noexcept;

/// Whether the beneficiary, who gets the fee, pays or is paid.
[[nodiscard]] bool involves_beneficiary(const types::Transaction& transaction, const address& sender,
                                        const BlockEnvironment& environment) noexcept;

/// Yellow Paper, appendix G: what a transaction pays before it executes anything, and all that a payment costs.
inline constexpr uint64_t kTransactionGas = 21'000;
/// EIP-3860: bytes.
inline constexpr size_t kMaxInitcodeSize = 49'152;
/// EIP-7825
inline constexpr uint64_t kMaxTransactionGas = 16'777'216;
/// EIP-4844, VERSIONED_HASH_VERSION_KZG: the first byte of a blob's hash.
inline constexpr uint8_t kVersionedHashVersionKzg = 0x01;
/// EIP-4844, GAS_PER_BLOB.
inline constexpr uint64_t kGasPerBlob = 131'072;

/// Blob gas of a transaction (EIP-4844).
[[nodiscard]] uint64_t blob_gas(const types::Transaction& transaction) noexcept;

}  // namespace weft::execution
