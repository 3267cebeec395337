// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/payment_terms.hpp"

#include "weft/execution/transaction_validation.hpp"

#include <algorithm>

namespace weft::execution::parallel {

std::optional<PaymentTerms> PaymentTerms::of(const types::Transaction& transaction, const address& sender,
                                             const BlockEnvironment& environment) {
    const uint256 price = effective_gas_price(transaction, environment.context.base_fee);
    const LeastGas least_gas = LeastGas::of(transaction, environment.rules.revision);
    if (!check_form(transaction, least_gas, environment) || !may_be_payment(transaction, sender, environment)) return std::nullopt;
    const auto upfront = upfront_cost(transaction);
    if (!upfront) return std::nullopt;
    const uint64_t gas = std::max(least_gas.intrinsic, least_gas.floor);
    return PaymentTerms{
        .upfront = *upfront, .debit = transaction.value + price * gas, .tip = tip_per_gas(price, environment) * gas, .gas = gas};
}

}  // namespace weft::execution::parallel
