// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/root_workloads.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/random.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/trie/roots.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace weft::bench {

namespace {

using state::Account;
using state::AccountDiff;
using state::SlotValue;
using state::StateDiff;

struct Shape {
    std::string_view name;
    uint64_t accounts;
    uint64_t slots;  ///< Of each.
    uint64_t changed_accounts;
    uint64_t changed_slots;  ///< Of each of these.
};
constexpr Shape kShapes[] = {
    {.name = "transfers", .accounts = 5'000, .slots = 0, .changed_accounts = 2'860, .changed_slots = 0},
    {.name = "transfers-million", .accounts = 1'000'000, .slots = 0, .changed_accounts = 2'860, .changed_slots = 0},
    {.name = "large-storage", .accounts = 1, .slots = 200'000, .changed_accounts = 1, .changed_slots = 3'000},
    {.name = "small-storages", .accounts = 1'000, .slots = 200, .changed_accounts = 300, .changed_slots = 5},
};

/// So many accounts with so many slots each. Those of a small difference are spread over the tries of a large one, as keys are hashes.
StateDiff difference(uint64_t accounts, uint64_t slots, uint64_t seed) {
    Random random{seed};
    StateDiff diff;
    state::AccountDiffs::sequence_type sequence;
    sequence.reserve(accounts);
    for (uint64_t i = 0; i < accounts; ++i) {
        AccountDiff account{.account = Account{.nonce = 1 + random.below(100), .balance = uint256{random.below(uint64_t{1} << 61)}}};
        account.slots.reserve(slots);
        for (uint64_t slot = 0; slot < slots; ++slot)
            account.slots.push_back(SlotValue{.slot = uint256{slot}, .value = uint256{1 + random.below(uint64_t{1} << 61)}});
        sequence.emplace_back(address_of(1 + i), std::move(account));
    }
    diff.accounts.adopt_sequence(boost::container::ordered_unique_range, std::move(sequence));
    return diff;
}

}  // namespace

std::unique_ptr<RootWorkload> make_root_workload(std::string_view name) {
    const auto* const shape = std::ranges::find(kShapes, name, &Shape::name);
    if (shape == std::end(kShapes)) return nullptr;
    auto made = std::make_unique<RootWorkload>();
    Crew nobody;
    const auto before = state::commit(difference(shape->accounts, shape->slots, 1), trie::kEmptyRoot, made->nodes, nobody);
    WEFT_ASSERT(before.has_value());
    made->nodes.apply(before->nodes);
    made->root = before->root;
    made->diff = difference(shape->changed_accounts, shape->changed_slots, 2);
    return made;
}

}  // namespace weft::bench
