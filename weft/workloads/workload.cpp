// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/workload.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft::workloads {

namespace {

/// How many of the transactions fit, given the gas used up to and with each.
size_t count_fitting(const std::vector<types::Receipt>& receipts, uint64_t gas) {
    const auto end = std::ranges::upper_bound(receipts, gas, {}, &types::Receipt::cumulative_gas_used);
    return static_cast<size_t>(end - receipts.begin());
}

/// The least limit of a block under which each transaction's own limit fits what is left (Yellow Paper, eq. 69).
uint64_t least_gas_limit(const Batch& batch, const std::vector<types::Receipt>& receipts) {
    uint64_t used = 0;
    uint64_t limit = 0;
    for (size_t i = 0; i < batch.transactions.size(); ++i) {
        limit = std::max(limit, used + batch.transactions[i].gas_limit);
        used = receipts[i].cumulative_gas_used;
    }
    return limit;
}

}  // namespace

Result<WorkloadBlock> build_block(const WorkloadKind& kind, uint64_t gas, uint64_t seed, Artifacts& artifacts) {
    World world(artifacts);
    Random random(seed);
    const std::unique_ptr<Workload> workload = kind.create();
    uint64_t wanted = gas / kind.typical_gas + 2;
    workload->prepare(world, wanted);
    world.settle();
    if (world.error()) return std::unexpected(*world.error());

    // How much gas a transaction uses only its execution tells: blocks are tried until one has enough.
    WorkloadBlock block;
    block.rules = world.rules();
    execution::SequentialExecutor executor;
    std::vector<types::Receipt> receipts;
    for (;;) {
        while (block.batch.transactions.size() < wanted) world.append(workload->next(random), block.batch);
        block.header = world.next_header(kMostGas * wanted);
        auto result = executor.execute(block.input(), world.state());
        if (!result) return fail(fmt::format("{}: {}", kind.name, to_string(result.error())));
        receipts = std::move(result->receipts);
        if (result->gas_used > gas) break;
        wanted += wanted * (gas - result->gas_used) / result->gas_used + wanted / 50 + 1;
    }
    const size_t count = count_fitting(receipts, gas);
    if (count == 0) return fail(fmt::format("{}: the first transaction alone uses {} gas", kind.name, receipts[0].cumulative_gas_used));
    block.batch.transactions.resize(count);
    block.batch.senders.resize(count);
    block.batch.may_fail.resize(count);
    for (size_t i = 0; i < count; ++i) {
        if (receipts[i].status) continue;
        if (!block.batch.may_fail[i]) return fail(fmt::format("{}: transaction {} fails", kind.name, i));
        ++block.reverted;
    }
    block.gas_used = receipts[count - 1].cumulative_gas_used;
    block.header.gas_used = block.gas_used;
    block.header.gas_limit = least_gas_limit(block.batch, receipts);
    block.pre_state = std::move(world.state());
    return block;
}

}  // namespace weft::workloads
