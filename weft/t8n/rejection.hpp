// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/transaction_execution.hpp"
#include "weft/state/state_view.hpp"
#include "weft/types/decode_error.hpp"

#include <string>

/// Why transactions are rejected, in geth's words: fillers of tests know errors by them.
namespace weft::t8n {

/// Bytes that are no transaction of the type that they claim to be.
[[nodiscard]] std::string rejection_text(const types::DecodeError& error, types::TransactionType type);

/// What a text about a rule tells besides it.
struct RejectedTransaction {
    const types::Transaction* transaction = nullptr;
    address sender;  ///< Zero where it is not known; no text then names it.
    const execution::BlockEnvironment* environment = nullptr;
    uint64_t blob_gas_before = 0;       ///< Used by the transactions before.
    state::StateView* state = nullptr;  ///< The one before the transaction.
};
[[nodiscard]] std::string rejection_text(execution::TransactionError error, const RejectedTransaction& rejected);

/// A blob transaction in an environment where blobs have no price.
[[nodiscard]] std::string_view blobs_without_price() noexcept;

}  // namespace weft::t8n
