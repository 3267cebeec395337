// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state_diff.hpp"

#include <algorithm>

namespace weft::state {

namespace {

/// The first bytes of an address as a number that compares like them.
uint64_t prefix_of(const address& addr) noexcept {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; ++i) prefix = prefix << 8 | addr[i];
    return prefix;
}

}  // namespace

std::optional<AccountDiff> difference(const std::optional<Account>& before, const std::optional<Account>& after, bool storage_wiped,
                                      std::vector<SlotValue> slots) {
    // Storage that never was needs no wiping.
    AccountDiff diff{.account = after, .storage_wiped = storage_wiped && before && before->has_storage, .slots = std::move(slots)};
    std::ranges::sort(diff.slots, {}, &SlotValue::slot);
    if (diff.account) diff.account->has_storage = false;
    std::optional<Account> old = before;
    if (old) old->has_storage = false;
    if (diff.account == old && !diff.storage_wiped && diff.slots.empty()) return std::nullopt;
    return diff;
}

AccountDiffs sorted_by_address(std::vector<std::pair<address, AccountDiff>> unordered) {
    // Small keys are sorted, then each element moves once.
    struct Key {
        uint64_t prefix;
        size_t index;
    };
    std::vector<Key> keys;
    keys.reserve(unordered.size());
    for (size_t i = 0; i < unordered.size(); ++i) keys.push_back({.prefix = prefix_of(unordered[i].first), .index = i});
    std::ranges::sort(keys, [&](const Key& a, const Key& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix : unordered[a.index].first < unordered[b.index].first;
    });
    AccountDiffs::sequence_type sequence;
    sequence.reserve(unordered.size());
    for (const Key& key : keys) sequence.push_back(std::move(unordered[key.index]));
    AccountDiffs sorted;
    sorted.adopt_sequence(boost::container::ordered_unique_range, std::move(sequence));
    return sorted;
}

}  // namespace weft::state
