// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/types/sender_recovery.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace weft::types {
namespace {

constexpr size_t kTransactions = 1'000;

std::vector<Transaction> signed_transfers() {
    std::vector<Transaction> transactions(kTransactions);
    for (size_t i = 0; i < kTransactions; ++i) {
        Transaction& tx = transactions[i];
        tx.type = TransactionType::DynamicFee;
        tx.chain_id = 1;
        tx.nonce = i;
        tx.gas_limit = 21'000;
        tx.to = address_of(i);
        tx.data = bytes(68, 0xcc);
        const auto signature = crypto::sign(signing_hash(tx), to_hash32(i + 1)).value();
        tx.r = signature.r;
        tx.s = signature.s;
        tx.y_parity = signature.y_parity;
    }
    return transactions;
}

/// Argument: threads. The time is that of the whole block.
void block_of_1000(benchmark::State& state) {
    const auto transactions = signed_transfers();
    ThreadPool pool(static_cast<unsigned>(state.range(0)));
    for (auto _ : state) {
        const auto senders = recover_senders(transactions, kLatestRevision, pool);
        WEFT_ASSERT(std::ranges::none_of(senders, [](const auto& sender) { return !sender; }));
    }
}
BENCHMARK(block_of_1000)->Name("recover_senders_of_1000")->Arg(1)->Arg(2)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weft::types
