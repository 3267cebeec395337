// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/judge.hpp"

#include "test/differential/random_hints.hpp"
#include "test/differential/shaky_view.hpp"
#include "weft/execution/access_record.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/fixtures/block_file.hpp"
#include "weft/state/asynchronous_view.hpp"

#include <fmt/format.h>

#include <utility>

namespace weft::test {

Subject parallel_subject(unsigned threads) {
    auto executor = std::make_shared<execution::ParallelExecutor>(threads);
    return {.name = fmt::format("parallel, {} threads", threads),
            .execute = [executor](const auto& block, auto& view, const auto& options) { return executor->execute(block, view, options); }};
}

Subject stale_subject(StaleExecutor::Past past, size_t lag) {
    return {.name = fmt::format("{} states, lag {}", past == StaleExecutor::Past::committed ? "committed" : "imagined", lag),
            .execute = [past, lag](const auto& block, auto& view, const auto& options) {
                return StaleExecutor(past, lag, {}).execute(block, view, options);
            }};
}

std::optional<Finding> Judge::examine(const GeneratedBlock& block, uint64_t schedule) {
    Random random(schedule);
    state::MemoryState memory = block.state;
    ShakyView steady(memory, {.broken_account = block.broken_account});
    execution::AccessRecord record;
    execution::BlockOptions recording = block.options;
    recording.accesses = &record;
    const BlockOutcome expected = sequential_.execute(block.input(), steady, recording);
    const execution::ListedHints nonsense = random_hints(block, random);
    const execution::ListedHints misleading = misleading_hints(block, record);
    ++tally_.blocks;
    tally_.valid_blocks += expected ? 1 : 0;
    tally_.transactions += block.transactions.size();
    for (const Subject& subject : subjects_) {
        Disturbance disturbance{.seed = random.next(), .broken_account = block.broken_account};
        if (random.chance(40)) {
            disturbance.pending = static_cast<unsigned>(random.below(30));
            disturbance.blocked = static_cast<unsigned>(random.below(10));
            disturbance.yield = static_cast<unsigned>(random.below(30));
        }
        ShakyView view(memory, disturbance);
        ++tally_.comparisons;
        execution::BlockInput input = block.input();
        input.hints = random.pick<const execution::AccessHints*>({nullptr, nullptr, &nonsense, &misleading, &record});
        execution::BlockOptions options = block.options;
        options.repair_slots = random.chance(70);
        std::optional<state::AsynchronousView> asynchronous;
        if (random.chance(30)) asynchronous.emplace(view, io_pool_);
        state::StateView& chosen = asynchronous ? static_cast<state::StateView&>(*asynchronous) : view;
        const BlockOutcome actual = subject.execute(input, chosen, options);
        if (auto found = execution::difference(expected, actual)) return Finding{.subject = subject.name, .difference = *std::move(found)};
    }
    return std::nullopt;
}

// ---- Making a finding small ----

bool Judge::still_differs(const GeneratedBlock& block, unsigned attempts) {
    for (unsigned i = 0; i < attempts; ++i)
        if (examine(block, block.seed + i)) return true;
    return false;
}

bool Judge::drop_transactions(GeneratedBlock& block, unsigned attempts) {
    bool smaller = false;
    for (size_t i = block.transactions.size(); i-- > 0;) {
        GeneratedBlock candidate = block;
        const auto at = static_cast<ptrdiff_t>(i);
        const uint64_t nonce = candidate.transactions[i].nonce;
        for (size_t later = i + 1; later < candidate.transactions.size(); ++later)
            if (candidate.senders[later] == candidate.senders[i] && candidate.transactions[later].nonce > nonce)
                --candidate.transactions[later].nonce;
        candidate.transactions.erase(candidate.transactions.begin() + at);
        candidate.senders.erase(candidate.senders.begin() + at);
        if (!still_differs(candidate, attempts)) continue;
        block = std::move(candidate);
        smaller = true;
    }
    return smaller;
}

bool Judge::simplify(GeneratedBlock& block, unsigned attempts) {
    bool simpler = false;
    const auto attempt = [&](const std::function<void(GeneratedBlock&)>& change) {
        GeneratedBlock candidate = block;
        change(candidate);
        if (!still_differs(candidate, attempts)) return;
        block = std::move(candidate);
        simpler = true;
    };
    if (!block.withdrawals.empty()) attempt([](GeneratedBlock& b) { b.withdrawals.clear(); });
    if (!block.ommers.empty()) attempt([](GeneratedBlock& b) { b.ommers.clear(); });
    // A file cannot carry options.
    if (block.options.keep_effects) attempt([](GeneratedBlock& b) { b.options.keep_effects = false; });
    if (!block.options.pay_rewards) attempt([](GeneratedBlock& b) { b.options.pay_rewards = true; });
    if (block.broken_account) attempt([](GeneratedBlock& b) { b.broken_account.reset(); });
    // An attempt that succeeds puts other transactions in their place.
    for (size_t i = 0; i < block.transactions.size(); ++i) {  // NOLINT(modernize-loop-convert)
        if (!block.transactions[i].value.is_zero()) attempt([i](GeneratedBlock& b) { b.transactions[i].value = 0; });
        if (!block.transactions[i].data.empty()) attempt([i](GeneratedBlock& b) { b.transactions[i].data.clear(); });
        if (!block.transactions[i].access_list.empty()) attempt([i](GeneratedBlock& b) { b.transactions[i].access_list.clear(); });
    }
    std::vector<address> with_code;
    for (const auto& [addr, record] : block.state.accounts())
        if (record.code_hash != state::kEmptyCodeHash) with_code.push_back(addr);
    for (const address& addr : with_code) attempt([&](GeneratedBlock& b) { b.state.set_code(addr, {}); });
    return simpler;
}

GeneratedBlock Judge::minimise(GeneratedBlock block, unsigned attempts) {
    while (drop_transactions(block, attempts)) continue;
    while (simplify(block, attempts)) continue;
    while (drop_transactions(block, attempts)) continue;
    return block;
}

Result<void> write_block(GeneratedBlock block, const std::filesystem::path& path) {
    sign(block);
    fixtures::BlockFile file;
    file.chain_id = block.rules.chain_id;
    file.fork = std::string(types::to_string(block.rules.revision));
    file.rules = block.rules;
    file.header = block.header;
    file.transactions = block.transactions;
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        file.encoded_transactions.push_back(types::encode(block.transactions[i]));
        file.from.push_back(block.senders[i].value_or(address{}));
    }
    if (block.rules.revision >= types::Revision::Shanghai) file.withdrawals = block.withdrawals;
    file.ommers = block.ommers;
    for (size_t i = 0; i < block.block_hashes.size(); ++i) file.block_hashes[block.header.number - 1 - i] = block.block_hashes[i];
    file.pre_state = block.state;
    execution::SequentialExecutor executor;
    if (const auto result = executor.execute(block.input(), block.state, block.options)) fixtures::seal(file, *result);
    return fixtures::write_file(path, fixtures::to_json(file));
}

}  // namespace weft::test
