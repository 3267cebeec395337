// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/prediction/accuracy.hpp"

#include "weft/execution/parallel/expected_writes.hpp"

#include <set>
#include <tuple>

namespace weft::execution::prediction {

namespace {

using Slots = std::set<std::tuple<size_t, address, uint256>>;

Slots slots_of(const AccessHints& hints, size_t transactions) {
    Slots slots;
    for (size_t i = 0; i < transactions; ++i)
        for (const Access& access : hints.of(i))
            if (access.slot) slots.emplace(i, access.account, *access.slot);
    return slots;
}

Slots conflicts_of(const AccessHints& hints, size_t transactions) {
    parallel::ExpectedWrites writes;
    Slots slots;
    for (const auto& [transaction, access] : writes.find(hints, transactions))
        if (access->slot) slots.emplace(transaction, access->account, *access->slot);
    return slots;
}

Accuracy compare(const Slots& foretold, const Slots& happened) {
    Accuracy accuracy{.foretold = foretold.size(), .happened = happened.size()};
    for (const auto& slot : foretold) accuracy.right += happened.count(slot);
    return accuracy;
}

}  // namespace

Accuracy& Accuracy::operator+=(const Accuracy& other) noexcept {
    foretold += other.foretold;
    happened += other.happened;
    right += other.right;
    return *this;
}

HintAccuracy& HintAccuracy::operator+=(const HintAccuracy& other) noexcept {
    slots += other.slots;
    conflicts += other.conflicts;
    return *this;
}

HintAccuracy accuracy_of(const AccessHints& foretold, const AccessHints& happened, size_t transactions) {
    return {.slots = compare(slots_of(foretold, transactions), slots_of(happened, transactions)),
            .conflicts = compare(conflicts_of(foretold, transactions), conflicts_of(happened, transactions))};
}

}  // namespace weft::execution::prediction
