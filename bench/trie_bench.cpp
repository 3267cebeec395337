// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/roots.hpp"
#include "weft/trie/trie.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace weft::trie {
namespace {

using Accounts = std::vector<std::pair<hash32, bytes>>;

Accounts make_accounts(uint64_t count) {
    Accounts accounts;
    for (uint64_t i = 0; i < count; ++i) {
        const address owner = address_of(i);
        accounts.emplace_back(crypto::keccak256(owner), encode_account({.nonce = i, .balance = uint256{0, i + 1, 0, 0}}));
    }
    std::ranges::sort(accounts);
    return accounts;
}

Trie make_trie(const Accounts& accounts) {
    Trie trie;
    for (const auto& [key, value] : accounts) WEFT_ASSERT(trie.put(key, value).has_value());
    return trie;
}

void sorted_root_of_accounts(benchmark::State& state) {
    const Accounts accounts = make_accounts(static_cast<uint64_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(sorted_root(accounts));
}
BENCHMARK(sorted_root_of_accounts)->Arg(10'000)->Unit(benchmark::kMillisecond);

void trie_filled_and_hashed(benchmark::State& state) {
    const Accounts accounts = make_accounts(static_cast<uint64_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(make_trie(accounts).root());
}
BENCHMARK(trie_filled_and_hashed)->Arg(10'000)->Unit(benchmark::kMillisecond);

void trie_after_changes(benchmark::State& state) {
    const Accounts accounts = make_accounts(100'000);
    Trie trie = make_trie(accounts);
    benchmark::DoNotOptimize(trie.root());
    const auto changes = static_cast<size_t>(state.range(0));
    uint64_t round = 0;
    for (auto _ : state) {
        const bytes value = encode_account({.nonce = ++round, .balance = uint256{}});
        for (size_t i = 0; i < changes; ++i) WEFT_ASSERT(trie.put(accounts[i * accounts.size() / changes].first, value).has_value());
        benchmark::DoNotOptimize(trie.root());
    }
}
BENCHMARK(trie_after_changes)->Arg(300)->Unit(benchmark::kMillisecond);

void ordered_root_of_receipts(benchmark::State& state) {
    const std::vector<bytes> receipts(static_cast<size_t>(state.range(0)), bytes(600, 0xa5));
    for (auto _ : state) benchmark::DoNotOptimize(ordered_root(receipts));
}
BENCHMARK(ordered_root_of_receipts)->Arg(200)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weft::trie
