// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_difference.hpp"

#include "weft/base/hex.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft::execution {

namespace {

std::string describe(const std::optional<state::Account>& account) {
    if (!account) return "absent";
    return fmt::format("nonce {}, balance {}, code {}", account->nonce, to_hex_quantity(account->balance), to_hex(account->code_hash));
}

std::string describe(const BlockOutcome& outcome) { return outcome ? "a valid block" : to_string(outcome.error()); }

std::optional<std::string> account_difference(const address& addr, const state::AccountDiff& expected, const state::AccountDiff& actual) {
    if (expected.account != actual.account)
        return fmt::format("account {}: {}, found {}", to_hex(addr), describe(expected.account), describe(actual.account));
    if (expected.storage_wiped != actual.storage_wiped) return fmt::format("account {}: storage_wiped", to_hex(addr));
    if (expected.slots != actual.slots) return fmt::format("account {}: storage", to_hex(addr));
    return std::nullopt;
}

std::optional<std::string> diff_difference(const state::StateDiff& expected, const state::StateDiff& actual) {
    for (const auto& [addr, after] : expected.accounts) {
        const auto other = actual.accounts.find(addr);
        if (other == actual.accounts.end()) return fmt::format("account {}: {}, found no change", to_hex(addr), describe(after.account));
        if (auto found = account_difference(addr, after, other->second)) return found;
    }
    for (const auto& [addr, after] : actual.accounts)
        if (!expected.accounts.contains(addr)) return fmt::format("account {}: no change, found {}", to_hex(addr), describe(after.account));
    return std::nullopt;
}

std::optional<std::string> receipt_difference(const BlockResult& expected, const BlockResult& actual) {
    for (size_t i = 0; i < std::min(expected.receipts.size(), actual.receipts.size()); ++i) {
        const types::Receipt& a = expected.receipts[i];
        const types::Receipt& b = actual.receipts[i];
        if (a.status != b.status) return fmt::format("receipt {}: status {}, found {}", i, a.status, b.status);
        if (a.cumulative_gas_used != b.cumulative_gas_used)
            return fmt::format("receipt {}: cumulative gas {}, found {}", i, a.cumulative_gas_used, b.cumulative_gas_used);
        if (a != b) return fmt::format("receipt {}: logs or type", i);
    }
    if (expected.receipts.size() != actual.receipts.size()) return "number of receipts";
    return std::nullopt;
}

/// Of what the block comes to as a whole.
std::optional<std::string> sum_difference(const BlockResult& expected, const BlockResult& actual) {
    if (expected.gas_used != actual.gas_used) return fmt::format("gas used: {}, found {}", expected.gas_used, actual.gas_used);
    if (expected.blob_gas_used != actual.blob_gas_used)
        return fmt::format("blob gas used: {}, found {}", expected.blob_gas_used, actual.blob_gas_used);
    if (expected.logs_bloom != actual.logs_bloom) return "logs bloom";
    if (expected.requests != actual.requests) return "requests";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const BlockOutcome& expected, const BlockOutcome& actual) {
    if (expected == actual) return std::nullopt;
    if (!expected || !actual) return fmt::format("{}, found {}", describe(expected), describe(actual));
    if (auto found = receipt_difference(*expected, *actual)) return found;
    if (auto found = sum_difference(*expected, *actual)) return found;
    if (auto found = diff_difference(expected->diff, actual->diff)) return found;
    for (size_t i = 0; i < std::min(expected->effects.size(), actual->effects.size()); ++i)
        if (auto found = diff_difference(expected->effects[i], actual->effects[i])) return fmt::format("effect {}, {}", i, *found);
    return "number of effects";
}

}  // namespace weft::execution
