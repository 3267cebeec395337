// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state_commitment.hpp"

#include "weft/base/random.hpp"
#include "weft/base/sync.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/state/random_diffs.hpp"
#include "weft/trie/memory_nodes.hpp"
#include "weft/trie/proof.hpp"
#include "weft/trie/roots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace weft::state {
namespace {

using trie::MemoryNodes;
using trie::NodeChange;

StateCommitment committed(const StateDiff& diff, const hash32& root, trie::NodeReader& nodes) {
    Crew nobody;
    auto result = commit(diff, root, nodes, nobody);
    EXPECT_TRUE(result);
    return result ? *std::move(result) : StateCommitment{};
}

void expect_same(const StateCommitment& a, const StateCommitment& b) {
    ASSERT_EQ(a.root, b.root);
    ASSERT_EQ(a.storage_roots, b.storage_roots);
    ASSERT_EQ(a.nodes.wiped_owners, b.nodes.wiped_owners);
    ASSERT_TRUE(std::ranges::equal(a.nodes.changes, b.nodes.changes, [](const NodeChange& x, const NodeChange& y) {
        return x.owner == y.owner && std::ranges::equal(x.path, y.path) && std::ranges::equal(x.encoded, y.encoded);
    }));
}

void expect_sorted(const trie::NodeChanges& nodes) {
    ASSERT_TRUE(std::ranges::is_sorted(nodes.wiped_owners));
    for (size_t i = 1; i < nodes.changes.size(); ++i) {
        const NodeChange& before = nodes.changes[i - 1];
        const NodeChange& change = nodes.changes[i];
        ASSERT_TRUE(before.owner < change.owner ||
                    (before.owner == change.owner && std::ranges::lexicographical_compare(before.path, change.path)));
    }
}

TEST(StateCommitment, random_blocks_give_the_root_and_exactly_the_nodes_of_a_state_made_at_once) {
    ThreadPool pool{4};
    for (const auto& [addresses, slots] : {std::pair{2U, 3U}, {20U, 5U}, {300U, 40U}}) {
        RandomDiffs blocks{addresses, addresses, slots};
        MemoryState state;
        MemoryNodes nodes;
        hash32 root = trie::kEmptyRoot;
        for (unsigned number = 0; number < 250; ++number) {
            const StateDiff diff = blocks.next(state);
            const StateCommitment made = committed(diff, root, nodes);
            for (unsigned threads = 1; threads <= 4; ++threads) {
                const auto again = commit(diff, root, nodes, pool, threads);
                ASSERT_TRUE(again);
                expect_same(*again, made);
            }
            expect_sorted(made.nodes);
            nodes.apply(made.nodes);
            state.apply(diff);
            root = made.root;
            ASSERT_EQ(root, state.root()) << "block " << number;

            MemoryNodes fresh;
            const StateCommitment at_once = committed(state.difference_from_nothing(), trie::kEmptyRoot, fresh);
            fresh.apply(at_once.nodes);
            ASSERT_EQ(at_once.root, root);
            ASSERT_EQ(nodes.tries(), fresh.tries()) << "block " << number;
            for (const auto& [addr, storage_root] : made.storage_roots)
                ASSERT_NE(std::ranges::find(at_once.storage_roots, std::pair{addr, storage_root}), at_once.storage_roots.end());
        }
    }
}

TEST(StateCommitment, a_large_storage_is_changed_in_parts) {
    ThreadPool pool{3};
    Random random{11};
    MemoryState state;
    MemoryNodes nodes;
    hash32 root = trie::kEmptyRoot;
    const address addr = address_of(5);
    for (unsigned number = 0; number < 6; ++number) {
        StateDiff diff;
        AccountDiff& account = diff.accounts[addr];
        account.account = Account{.nonce = number, .balance = uint256{}};
        account.storage_wiped = number == 3;
        for (uint64_t slot = 0; slot < 3000; ++slot) {
            // The last block leaves nothing, and the one before next to nothing.
            const bool erases = number == 5 || (number == 4 && slot != 17) || random.chance(30);
            account.slots.push_back({uint256{slot}, erases ? uint256{} : uint256{random.next()}});
        }
        diff.accounts[address_of(6)].account = Account{.nonce = number, .balance = uint256{}};
        const StateCommitment made = committed(diff, root, nodes);
        for (unsigned threads = 2; threads <= 3; ++threads) expect_same(*commit(diff, root, nodes, pool, threads), made);
        nodes.apply(made.nodes);
        state.apply(diff);
        root = made.root;
        ASSERT_EQ(root, state.root());
        MemoryNodes fresh;
        fresh.apply(committed(state.difference_from_nothing(), trie::kEmptyRoot, fresh).nodes);
        ASSERT_EQ(nodes.tries(), fresh.tries()) << "block " << number;
    }
}

/// Fails at the n-th read; what it gives lives without it.
class FailingReader final : public trie::NodeReader {
  public:
    FailingReader(trie::NodeReader& below, size_t good_reads) noexcept : below_(below), good_reads_(good_reads) {}
    [[nodiscard]] std::expected<bytes_view, trie::NodeReadError> node(const hash32& owner, trie::nibbles_view path,
                                                                      trie::NodeMemory& memory) override {
        if (reads_.fetch_add(1) >= good_reads_) return std::unexpected(trie::NodeReadError{.detail = 5});
        const auto node = below_.node(owner, path, memory);
        return node ? memory.copy(*node) : node;
    }

  private:
    trie::NodeReader& below_;
    const size_t good_reads_;
    sync::Atomic<size_t> reads_{0};
};

TEST(StateCommitment, tries_left_by_the_commitment_before_make_no_difference) {
    ThreadPool pool{3};
    for (const size_t capacity : {size_t{1} << 30U, size_t{200'000}, size_t{20'000}, size_t{0}}) {
        for (const auto& [addresses, slots] : {std::pair{2U, 3U}, {20U, 5U}, {300U, 40U}}) {
            TrieCache cache{capacity};
            RandomDiffs blocks{addresses + capacity, addresses, slots};
            Random random{capacity};
            MemoryState state;
            MemoryNodes nodes;
            hash32 root = trie::kEmptyRoot;
            hash32 parent_root = root;
            std::optional<StateDiff> undo;
            const auto commit_with_cache = [&](const StateDiff& diff, unsigned threads) {
                // Nothing of it is there any more when the cache is used next.
                FailingReader passing{nodes, SIZE_MAX};
                auto made = commit(diff, root, passing, pool, threads, &cache);
                EXPECT_TRUE(made);
                return *std::move(made);
            };
            for (unsigned number = 0; number < 250; ++number) {
                StateDiff diff = blocks.next(state);
                if (random.chance(20)) {
                    // A block that is never written.
                    const StateDiff other = blocks.next(state);
                    expect_same(commit_with_cache(other, 1), committed(other, root, nodes));
                }
                if (random.chance(10)) {
                    FailingReader failing{nodes, random.below(20)};
                    Crew nobody;
                    (void)commit(diff, root, failing, nobody, &cache);
                }
                if (undo && random.chance(20)) {
                    // Back by a block, which nobody tells the cache.
                    const StateCommitment back = committed(*undo, root, nodes);
                    ASSERT_EQ(back.root, parent_root);
                    nodes.apply(back.nodes);
                    state.apply(*undo);
                    undo.reset();
                    root = parent_root;
                    diff = blocks.next(state);
                }
                const StateCommitment made = committed(diff, root, nodes);
                expect_same(commit_with_cache(diff, 1 + number % 3), made);
                if (testing::Test::HasFailure()) return;
                ASSERT_LE(cache.size_in_bytes(), capacity);
                undo = state.undo_of(diff);
                nodes.apply(made.nodes);
                state.apply(diff);
                parent_root = root;
                root = made.root;
                ASSERT_EQ(root, state.root()) << "block " << number;
            }
        }
    }
}

TEST(StateCommitment, what_the_commitment_before_has_met_is_not_read_again) {
    MemoryState state;
    for (uint64_t number = 1; number <= 50; ++number) {
        state.insert(address_of(number)).nonce = 1;
        for (uint64_t slot = 0; slot < number % 5; ++slot) state.set_storage(address_of(number), uint256{slot}, uint256{number});
    }
    MemoryNodes nodes;
    StateCommitment made = committed(state.difference_from_nothing(), trie::kEmptyRoot, nodes);
    nodes.apply(made.nodes);

    Crew nobody;
    TrieCache cache{size_t{1} << 20U};
    for (uint64_t block = 1; block <= 3; ++block) {
        StateDiff diff;
        for (uint64_t number = 1; number <= 50; number += 7) {
            AccountDiff& account = diff.accounts[address_of(number)];
            account.account = Account{.nonce = 1 + block, .balance = {}};
            for (uint64_t slot = 0; slot < number % 5; ++slot) account.slots.push_back({uint256{slot}, uint256{number + block}});
        }
        FailingReader reader{nodes, block == 1 ? SIZE_MAX : 0};
        const auto next = commit(diff, made.root, reader, nobody, &cache);
        ASSERT_TRUE(next) << "block " << block;
        state.apply(diff);
        EXPECT_EQ(next->root, state.root()) << "block " << block;
        nodes.apply(next->nodes);
        made = *next;
    }
}

TEST(StateCommitment, an_account_keeps_the_root_of_a_storage_that_does_not_change) {
    MemoryState state;
    state.insert(address_of(1)).nonce = 1;
    state.set_storage(address_of(1), uint256{1}, uint256{2});
    MemoryNodes nodes;
    const StateCommitment before = committed(state.difference_from_nothing(), trie::kEmptyRoot, nodes);
    nodes.apply(before.nodes);

    StateDiff diff;
    diff.accounts[address_of(1)].account = Account{.nonce = 2, .balance = uint256{9}};
    const StateCommitment after = committed(diff, before.root, nodes);
    state.apply(diff);
    EXPECT_EQ(after.root, state.root());
    EXPECT_EQ(after.storage_roots, before.storage_roots);
    ASSERT_EQ(after.nodes.changes.size(), 1U);
    EXPECT_EQ(after.nodes.changes[0].owner, trie::kAccountTrie);
}

TEST(StateCommitment, a_removed_or_wiped_account_names_its_storage_as_gone) {
    for (const bool is_removed : {true, false}) {
        MemoryState state;
        for (const uint64_t number : {1, 2}) {
            state.insert(address_of(number)).nonce = 1;
            state.set_storage(address_of(number), uint256{1}, uint256{2});
        }
        MemoryNodes nodes;
        const StateCommitment before = committed(state.difference_from_nothing(), trie::kEmptyRoot, nodes);
        nodes.apply(before.nodes);
        EXPECT_EQ(nodes.tries().size(), 3U);

        StateDiff diff;
        AccountDiff& account = diff.accounts[address_of(1)];
        if (!is_removed) account = {.account = Account{.nonce = 1, .balance = uint256{}}, .storage_wiped = true};
        const StateCommitment after = committed(diff, before.root, nodes);
        EXPECT_EQ(after.nodes.wiped_owners, std::vector{crypto::keccak256(address_of(1))});
        nodes.apply(after.nodes);
        state.apply(diff);
        EXPECT_EQ(after.root, state.root());
        EXPECT_EQ(nodes.tries().size(), 2U);
    }
}

TEST(StateCommitment, no_difference_needs_no_store) {
    MemoryNodes nothing;
    const hash32 root{{{1, 2, 3}}};
    EXPECT_EQ(committed({}, root, nothing).root, root);
}

TEST(StateCommitment, a_read_that_fails_anywhere_is_reported) {
    RandomDiffs blocks{3, 60, 10};
    MemoryState state;
    for (unsigned i = 0; i < 60; ++i) state.apply(blocks.next(state));
    MemoryNodes nodes;
    const StateCommitment before = committed(state.difference_from_nothing(), trie::kEmptyRoot, nodes);
    nodes.apply(before.nodes);
    StateDiff diff;
    while (diff.accounts.size() < 5) diff = blocks.next(state);
    Crew nobody;
    for (size_t good_reads = 0;; ++good_reads) {
        FailingReader failing{nodes, good_reads};
        const auto result = commit(diff, before.root, failing, nobody);
        if (result) {
            EXPECT_GT(good_reads, 5U);
            break;
        }
        ASSERT_EQ(result.error().kind, trie::TrieError::Kind::unread_node);
        ASSERT_EQ(result.error().detail, 5U);
    }
}

TEST(StateCommitment, accounts_and_slots_are_proven_from_what_was_written) {
    RandomDiffs blocks{4, 60, 10};
    MemoryState state;
    for (unsigned i = 0; i < 60; ++i) state.apply(blocks.next(state));
    MemoryNodes nodes;
    const StateCommitment made = committed(state.difference_from_nothing(), trie::kEmptyRoot, nodes);
    nodes.apply(made.nodes);
    for (uint64_t number = 1; number <= 70; ++number) {
        const address addr = address_of(number);
        const uint256 slots[] = {uint256{1}, uint256{7}, uint256{99}};
        const auto proven = trie::prove_account(made.root, addr, slots, nodes);
        ASSERT_TRUE(proven);
        ASSERT_EQ(trie::verify_account(made.root, addr, proven->proof).value(), proven->account);
        ASSERT_EQ(proven->account.has_value(), state.account(addr)->has_value());
        if (!proven->account) continue;
        for (const auto& slot : proven->slots) {
            ASSERT_EQ(slot.value, state.storage(addr, slot.slot).value());
            ASSERT_EQ(trie::verify_storage(proven->account->storage_root, slot.slot, slot.proof).value(), slot.value);
        }
    }
}

}  // namespace
}  // namespace weft::state
