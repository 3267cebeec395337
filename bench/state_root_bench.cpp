// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// The state root after a block, over a state of a million accounts that is kept node by node in memory: reads cost next to nothing, so
// this measures the work of the trie.
#include "weft/base/assert.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/trie/memory_nodes.hpp"
#include "weft/trie/roots.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <utility>

namespace weft::state {
namespace {

constexpr uint64_t kAccounts = 1'000'000;
/// One account of so many has storage, of that many slots; account 0 has a large one besides.
constexpr uint64_t kAccountsPerStorage = 10;
constexpr uint64_t kSlots = 20;
constexpr uint64_t kLargeSlots = 200'000;

address address_of_account(uint64_t number) { return address_of(number + 1); }

class World {
  public:
    World() {
        StateDiff diff;
        AccountDiffs::sequence_type accounts;
        accounts.reserve(kAccounts);
        for (uint64_t i = 0; i < kAccounts; ++i) {
            AccountDiff account{.account = Account{.nonce = 1, .balance = uint256{i, 7, 0, 0}}};
            const uint64_t slots = i == 0 ? kLargeSlots : i % kAccountsPerStorage == 0 ? kSlots : 0;
            account.slots.reserve(slots);
            for (uint64_t slot = 0; slot < slots; ++slot) account.slots.push_back({uint256{slot}, uint256{slot + 1}});
            accounts.emplace_back(address_of_account(i), std::move(account));
        }
        diff.accounts.adopt_sequence(boost::container::ordered_unique_range, std::move(accounts));
        Crew nobody;
        const auto made = commit(diff, trie::kEmptyRoot, nodes, nobody);
        WEFT_ASSERT(made.has_value());
        nodes.apply(made->nodes);
        root = made->root;
    }

    trie::MemoryNodes nodes;
    hash32 root;
};

World& world() {
    static World made;
    return made;
}

void run(benchmark::State& state, const StateDiff& diff, unsigned threads) {
    ThreadPool pool{threads};
    // Made before the first measurement.
    static_cast<void>(world());
    size_t changes = 0;
    for (auto _ : state) {
        auto made = std::make_unique<trie::TrieResult<StateCommitment>>(commit(diff, world().root, world().nodes, pool, threads));
        WEFT_ASSERT(made->has_value());
        changes = (*made)->nodes.changes.size();
        // Whoever writes the changes frees them later.
        state.PauseTiming();
        made.reset();
        state.ResumeTiming();
    }
    state.counters["nodes"] = static_cast<double>(changes);
}

/// Balances change, and one slot of each account that has storage.
void changed_accounts(benchmark::State& state) {
    const auto count = static_cast<uint64_t>(state.range(0));
    StateDiff diff;
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t number = 1 + i * ((kAccounts - 1) / count);
        AccountDiff account{.account = Account{.nonce = 2, .balance = uint256{i}}};
        if (number % kAccountsPerStorage == 0) account.slots.push_back({uint256{i % kSlots}, uint256{1'000'000 + i}});
        diff.accounts.emplace_hint(diff.accounts.end(), address_of_account(number), std::move(account));
    }
    run(state, diff, static_cast<unsigned>(state.range(1)));
}
BENCHMARK(changed_accounts)
    ->ArgNames({"changed", "threads"})
    ->ArgsProduct({{1'000, 10'000, 100'000}, {1, 2, 4}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// Slots of a single account change.
void changed_slots_of_one_account(benchmark::State& state) {
    const auto count = static_cast<uint64_t>(state.range(0));
    StateDiff diff;
    AccountDiff& account = diff.accounts[address_of_account(0)];
    account.account = Account{.nonce = 2, .balance = uint256{}};
    for (uint64_t i = 0; i < count; ++i) account.slots.push_back({uint256{i * (kLargeSlots / count)}, uint256{1'000'000 + i}});
    run(state, diff, static_cast<unsigned>(state.range(1)));
}
BENCHMARK(changed_slots_of_one_account)
    ->ArgNames({"changed", "threads"})
    ->ArgsProduct({{10'000}, {1, 2, 4}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace weft::state
