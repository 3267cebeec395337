// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/chain/blockchain.hpp"
#include "weft/chain/memory_chain_store.hpp"
#include "weft/rlp/decode.hpp"

#include <vector>

namespace {

using namespace weft;

chain::Genesis genesis() {
    auto result = chain::parse_genesis(R"({"config": {"chainId": 1, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0,
        "eip158Block": 0, "byzantiumBlock": 1, "constantinopleBlock": 1, "istanbulBlock": 2, "berlinBlock": 2, "londonBlock": 3,
        "terminalTotalDifficulty": 700000, "shanghaiTime": 40, "cancunTime": 60, "pragueTime": 80, "osakaTime": 100},
        "difficulty": "0x20000", "gasLimit": 5000, "alloc": {"00000000000000000000000000000000000000aa": {"balance": 1}}})");
    WEFT_ASSERT(result.has_value());
    return std::move(*result);
}

/// Takes any bytes for a header: fields that follow from the parent are put right, so that checks further on are reached.
bytes repaired(bytes_view input, const chain::KnownBlock& parent, const chain::ChainSpec& spec) {
    auto block = types::decode_block(input);
    if (!block) return {input.begin(), input.end()};
    types::Header& header = block->header;
    header.parent_hash = parent.hash;
    header.number = parent.number() + 1;
    header.timestamp = parent.header.timestamp + 1 + header.timestamp % 32;
    header.gas_limit = parent.header.gas_limit;
    const auto rules = spec.rules_at(header.number, header.timestamp, spec.is_merged_after(parent.total_difficulty));
    if (rules.revision < types::Revision::Paris)
        header.difficulty = chain::difficulty_after(parent.header, header.timestamp, rules.revision, spec.bomb_delay_at(header.number));
    if (header.base_fee_per_gas) header.base_fee_per_gas = chain::base_fee_after(parent.header);
    if (header.excess_blob_gas) header.excess_blob_gas = chain::excess_blob_gas_after(parent.header, rules);
    header.transactions_root = chain::transactions_root(block->encoded_transactions);
    header.ommers_hash = types::ommers_hash(block->ommers);
    if (block->withdrawals) header.withdrawals_root = chain::withdrawals_root(*block->withdrawals);
    return encode(*block);
}

}  // namespace

/// Adds the items of the input to a chain, as they are and put right. Whatever comes, head and state stay together, and a refusal says
/// why.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const chain::Genesis first = genesis();
    chain::MemoryChainStore store;
    auto opened = chain::Blockchain::open(
        first, store, [](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
            return execution::SequentialExecutor().execute(block, view, options);
        });
    WEFT_ASSERT(opened.has_value());
    rlp::Decoder items(bytes_view{data, size});
    while (!items.at_end()) {
        const auto item = items.read_item();
        const bytes_view encoded = item ? item->encoded : items.rest();
        for (const bytes& block : {bytes(encoded.begin(), encoded.end()), repaired(encoded, opened->head(), opened->spec())}) {
            const auto added = opened->append(block);
            if (!added) WEFT_ASSERT(!to_string(added.error()).empty());
            WEFT_ASSERT(store.content().root() == opened->head().header.state_root);
        }
        if (!item) break;
    }
    return 0;
}
