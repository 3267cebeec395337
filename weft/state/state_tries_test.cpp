// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state_tries.hpp"

#include "weft/base/crew.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/state/random_diffs.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/trie/memory_nodes.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace weft::state {
namespace {

using trie::MemoryNodes;
using trie::TrieError;

StateCommitment committed(const StateDiff& diff, const hash32& root, trie::NodeReader& nodes) {
    Crew nobody;
    auto result = commit(diff, root, nodes, nobody);
    EXPECT_TRUE(result);
    return result ? *std::move(result) : StateCommitment{};
}

StateDiff difference_of(const address& addr, AccountDiff change) {
    StateDiff diff;
    diff.accounts.emplace(addr, std::move(change));
    return diff;
}

/// Accounts 1 and 2 with slots 1 and 2, whose keys part at their first nibble.
MemoryState small_state() {
    MemoryState state;
    for (const uint64_t number : {1, 2}) {
        state.insert(address_of(number)).nonce = 1;
        for (const uint64_t slot : {1, 2}) state.set_storage(address_of(number), uint256{slot}, uint256{number + slot});
    }
    return state;
}

TEST(StateTries, the_root_after_each_of_many_differences_is_that_of_a_commitment) {
    for (const auto& [addresses, slots] : {std::pair{2U, 3U}, {20U, 5U}, {300U, 40U}}) {
        RandomDiffs diffs{addresses, addresses, slots};
        MemoryState state;
        MemoryNodes head;
        MemoryNodes nodes;
        hash32 root = trie::kEmptyRoot;
        for (unsigned block = 0; block < 60; ++block) {
            // The store stays as it is before the block.
            auto tries = StateTries::from_store(root, head);
            std::vector<StateCommitment> steps;
            for (unsigned step = 0; step < 12; ++step) {
                const StateDiff diff = diffs.next(state);
                const StateCommitment& made = steps.emplace_back(committed(diff, root, nodes));
                ASSERT_TRUE(tries.apply(diff));
                ASSERT_EQ(tries.root(), made.root) << "block " << block << ", step " << step;
                nodes.apply(made.nodes);
                state.apply(diff);
                root = made.root;
            }
            ASSERT_EQ(root, state.root()) << "block " << block;
            for (const StateCommitment& step : steps) head.apply(step.nodes);
        }
    }
}

TEST(StateTries, accounts_and_slots_are_those_of_the_state_from_nothing) {
    RandomDiffs diffs{7, 20, 5};
    MemoryState state;
    StateTries tries;
    for (unsigned step = 0; step < 60; ++step) {
        const StateDiff diff = diffs.next(state);
        state.apply(diff);
        ASSERT_TRUE(tries.apply(diff));
        for (uint64_t number = 1; number <= 20; ++number) {
            const address addr = address_of(number);
            const auto expected = *state.account(addr);
            const auto account = tries.account(addr);
            ASSERT_TRUE(account);
            ASSERT_EQ(account->has_value(), expected.has_value());
            if (expected) {
                ASSERT_EQ((*account)->nonce, expected->nonce);
                ASSERT_EQ((*account)->balance, expected->balance);
                ASSERT_EQ((*account)->code_hash, expected->code_hash);
                ASSERT_EQ((*account)->storage_root != trie::kEmptyRoot, expected->has_storage);
            }
            for (uint64_t slot = 0; slot < 5; ++slot)
                ASSERT_EQ(tries.storage(addr, uint256{slot}), state.storage(addr, uint256{slot}).value());
        }
        ASSERT_EQ(tries.root(), state.root());
    }
}

TEST(StateTries, storage_begins_empty_when_it_was_wiped_or_the_account_is_created_again) {
    const address addr = address_of(1);
    const AccountDiff created{.account = Account{.nonce = 1, .balance = uint256{}}, .slots = {{uint256{3}, uint256{4}}}};
    const AccountDiff touched{.account = Account{.nonce = 2, .balance = uint256{}}};
    const AccountDiff emptied{.account = Account{.nonce = 2, .balance = uint256{}}, .slots = {{uint256{3}, uint256{}}}};
    const AccountDiff wiped{.account = Account{.nonce = 3, .balance = uint256{}}, .storage_wiped = true};
    AccountDiff created_over = created;
    created_over.storage_wiped = true;
    for (const bool is_storage_open : {false, true}) {
        MemoryState state = small_state();
        MemoryNodes nodes;
        const StateCommitment before = committed(state.difference_from_nothing(), trie::kEmptyRoot, nodes);
        nodes.apply(before.nodes);
        auto tries = StateTries::from_store(before.root, nodes);
        if (is_storage_open) {
            ASSERT_EQ(tries.storage(addr, uint256{1}), uint256{2});
        }
        for (const AccountDiff& change :
             {AccountDiff{}, created, touched, emptied, wiped, touched, created_over, AccountDiff{}, touched, created}) {
            const StateDiff diff = difference_of(addr, change);
            state.apply(diff);
            ASSERT_TRUE(tries.apply(diff));
            ASSERT_EQ(tries.root(), state.root());
        }
    }
}

TEST(StateTries, no_difference_needs_no_store) {
    MemoryNodes nothing;
    const hash32 root{{{1, 2, 3}}};
    auto tries = StateTries::from_store(root, nothing);
    EXPECT_TRUE(tries.apply({}));
    EXPECT_EQ(tries.root(), root);
}

TEST(StateTries, a_node_that_the_store_lacks_is_reported) {
    const StateDiff diff =
        difference_of(address_of(1), {.account = Account{.nonce = 5, .balance = uint256{}}, .slots = {{uint256{1}, uint256{}}}});
    const StateDiff whole = small_state().difference_from_nothing();
    for (const hash32& owner : {trie::kAccountTrie, crypto::keccak256(address_of(1))}) {
        MemoryNodes nodes;
        const StateCommitment before = committed(whole, trie::kEmptyRoot, nodes);
        nodes.apply(before.nodes);
        nodes.apply({.wiped_owners = {owner}, .changes = {}});
        const auto applied = StateTries::from_store(before.root, nodes).apply(diff);
        ASSERT_FALSE(applied);
        EXPECT_EQ(applied.error().kind, TrieError::Kind::missing_node);
    }
}

TEST(StateTries, a_leaf_that_is_no_account_is_reported) {
    trie::Trie trie;
    ASSERT_TRUE(trie.put(crypto::keccak256(address_of(1)), bytes{0x01}));
    trie::NodeChanges changes;
    const hash32 root = trie.list_changes(trie::kAccountTrie, changes);
    MemoryNodes nodes;
    nodes.apply(changes);
    const TrieError expected{.kind = TrieError::Kind::malformed_node, .node = {}};
    auto tries = StateTries::from_store(root, nodes);
    EXPECT_EQ(tries.account(address_of(1)).error(), expected);
    EXPECT_EQ(tries.apply(difference_of(address_of(1), {.account = Account{.nonce = 5, .balance = uint256{}}})).error(), expected);
}

TEST(StateTries, assumed_siblings_count_also_in_storage_that_is_gone) {
    const address addr = address_of(1);
    const hash32 other_key = crypto::keccak256(to_hash32(uint256{2}));
    MemoryNodes nothing;
    const StateCommitment before = committed(small_state().difference_from_nothing(), trie::kEmptyRoot, nothing);
    std::vector<bytes> encoded;
    for (const trie::NodeChange& change : before.nodes.changes) {
        const bool is_other = !change.path.empty() && change.path[0] == other_key[0] >> 4U;
        if (change.owner == crypto::keccak256(addr) && is_other) continue;
        encoded.emplace_back(change.encoded.begin(), change.encoded.end());
    }
    const trie::WitnessNodes witness(std::move(encoded));
    const StateDiff erasing =
        difference_of(addr, {.account = Account{.nonce = 1, .balance = uint256{}}, .slots = {{uint256{1}, uint256{}}}});

    const auto strict = StateTries::from_witness(before.root, witness).apply(erasing);
    ASSERT_FALSE(strict);
    EXPECT_EQ(strict.error().kind, TrieError::Kind::missing_node);

    auto lenient = StateTries::from_witness(before.root, witness, trie::MissingSibling::assume_branch);
    ASSERT_TRUE(lenient.apply(erasing));
    EXPECT_EQ(lenient.assumed_siblings(), 1U);
    ASSERT_TRUE(lenient.apply(difference_of(addr, {.account = Account{.nonce = 1, .balance = uint256{}}, .storage_wiped = true})));
    EXPECT_EQ(lenient.assumed_siblings(), 1U);
}

}  // namespace
}  // namespace weft::state
