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
