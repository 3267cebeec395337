// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/transaction_execution.hpp"

#include <optional>

namespace weft::execution::parallel {

/// What is known of a payment (may_be_payment()) without the state: what it does, if its sender may do it and neither side has code.
struct PaymentTerms {
    uint256 upfront;  ///< What the sender has to have.
    uint256 debit;    ///< Value and fee.
    uint256 tip;      ///< What the beneficiary gets.
    uint64_t gas;

    /// nullopt: the transaction is no payment, or breaks a rule that needs no state.
    [[nodiscard]] static std::optional<PaymentTerms> of(const types::Transaction& transaction, const address& sender,
                                                        const BlockEnvironment& environment);
};

}  // namespace weft::execution::parallel
