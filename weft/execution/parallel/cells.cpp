// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/cells.hpp"

namespace weft::execution::parallel {

std::optional<state::Account> MultiVersionMemory::AccountVersion::over(const std::optional<state::Account>& base) const noexcept {
    const bool base_counts = base.has_value() && !removed;
    if (!exists && !base_counts) return std::nullopt;
    state::Account account = base_counts ? *base : state::Account{};
    if (nonce_known) account.nonce = nonce;
    account.balance = balance_known ? balance : account.balance + balance;
    if (code_hash != nullptr) account.code_hash = *code_hash;
    account.has_storage = stores || (account.has_storage && !storage_wiped);
    return account;
}

bool MultiVersionMemory::AccountVersion::concerns(uint8_t aspects) const noexcept {
    const auto is_among = [=](int some) { return (aspects & some) != 0; };
    if (removed || is_among(state::kObservedExistence | state::kObservedEmptiness)) return true;
    if (is_among(state::kObservedNonce) && nonce_known) return true;
    if (is_among(state::kObservedBalance | state::kObservedFunds) && (balance_known || !balance.is_zero())) return true;
    if (is_among(state::kObservedCode) && code_hash != nullptr) return true;
    return is_among(state::kObservedHasStorage) && (stores || storage_wiped);
}

void MultiVersionMemory::AccountVersion::follow_by(const AccountVersion& later) noexcept {
    if (later.removed) {
        *this = later;
        return;
    }
    writer = later.writer;
    if (later.storage_wiped) {
        storage_wiped = true;
        stores = false;
        wiped_by = later.wiped_by;
    }
    exists = true;
    stores = stores || later.stores;
    if (later.balance_known) {
        balance = later.balance;
        balance_known = true;
    } else {
        balance += later.balance;
    }
    if (later.nonce_known) {
        nonce = later.nonce;
        nonce_known = true;
    }
    if (later.code_hash != nullptr) code_hash = later.code_hash;
}

void MultiVersionMemory::AccountCell::fold_several(Position end_of_settled) {
    const auto is_settled = [=](const AccountVersion& version) { return version.writer < end_of_settled; };
    auto end = versions.begin() + 1;
    for (; end != versions.end() && is_settled(*end); ++end) versions.front().follow_by(*end);
    versions.erase(versions.begin() + 1, end);
}

}  // namespace weft::execution::parallel
