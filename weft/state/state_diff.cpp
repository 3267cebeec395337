// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state_diff.hpp"

#include "weft/state/key_order.hpp"

#include <algorithm>

namespace weft::state {

namespace {

std::optional<Account> without_storage(std::optional<Account> account) noexcept {
    if (account) account->has_storage = false;
    return account;
}

/// Apart from their storage.
bool are_same(const std::optional<Account>& a, const std::optional<Account>& b) noexcept {
    if (!a || !b) return a.has_value() == b.has_value();
    return a->nonce == b->nonce && a->balance == b->balance && a->code_hash == b->code_hash;
}

}  // namespace

std::optional<AccountDiff> difference(const std::optional<Account>& before, const std::optional<Account>& after, bool storage_wiped,
                                      std::vector<SlotValue> slots) {
    // Storage that never was needs no wiping.
    const bool wiped = storage_wiped && before && before->has_storage;
    if (!wiped && slots.empty() && are_same(before, after)) return std::nullopt;
    return AccountDiff{.account = without_storage(after), .storage_wiped = wiped, .slots = std::move(slots)};
}

AccountDiff effect_of(const AccountChange& change, const std::optional<Account>& now) {
    AccountDiff effect{.account = without_storage(now), .storage_wiped = change.storage_wiped, .slots = change.slots};
    sort_by_slot(effect.slots);
    return effect;
}

AccountDiffs sorted_by_address(std::vector<std::pair<address, AccountDiff>> unordered) {
    std::vector<const address*> addresses;
    addresses.reserve(unordered.size());
    for (const auto& [addr, diff] : unordered) addresses.push_back(&addr);
    AccountDiffs::sequence_type sequence;
    sequence.reserve(unordered.size());
    for (const uint32_t number : order_of(addresses)) sequence.push_back(std::move(unordered[number]));
    AccountDiffs sorted;
    sorted.adopt_sequence(boost::container::ordered_unique_range, std::move(sequence));
    return sorted;
}

uint256* find_changed_slot(TransactionChanges& changes, const address& account, const uint256& slot) noexcept {
    const auto change = std::ranges::find(changes, account, &AccountChange::addr);
    if (change == changes.end()) return nullptr;
    const auto value = std::ranges::find(change->slots, slot, &SlotValue::slot);
    return value == change->slots.end() ? nullptr : &value->value;
}

}  // namespace weft::state
