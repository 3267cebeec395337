// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0

/// Runs one workload twice and has callgrind count the instructions of the second execution, and of nothing else: files,
/// recovery of senders and whatever comes with the first use of code or memory stay outside. tools/instructions runs it.
///
///     instructions_bench sequential FILE    the block of a file, executed in order
///     instructions_bench parallel FILE      the same by the parallel executor, on one thread
///     instructions_bench sequential NAME    a block of a workload, of 30 million gas, executed in order
///     instructions_bench parallel NAME      the same by the parallel executor, on one thread
///     instructions_bench loop NAME          a block of one transaction that runs a loop
///     instructions_bench root NAME          the state root after changes in memory (bench/root_workloads.hpp)
#include "bench/root_workloads.hpp"
#include "weft/base/assert.hpp"
#include "weft/base/hash.hpp"
#include "weft/base/hex.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/fixtures/block_file.hpp"
#include "weft/fixtures/block_verification.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/workloads/workload.hpp"

#include <fmt/format.h>
#include <valgrind/callgrind.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace weft {

/// In place of the random one of weft/base/random_seed.cpp: the same hash tables in every run.
uint64_t random_seed() { return 0x9e6c63d0876a9a35; }

namespace {

using ExecutionResult = std::expected<execution::BlockResult, execution::BlockError>;

[[noreturn]] void give_up(std::string_view message) {
    fmt::print(stderr, "instructions_bench: {}\n", message);
    std::exit(1);
}

/// What a block of one's own needs to be executed.
struct Workload {
    execution::BlockInput input;
    state::MemoryState& state;
    bool keep_effects = false;
};

/// Code analysis is cold, as it is in `weft replay`; buffers have the size that the first execution gave them.
template <typename Executor>
ExecutionResult count(Executor& executor, const Workload& work) {
    const execution::BlockOptions options{.keep_effects = work.keep_effects};
    const ExecutionResult first = executor.execute(work.input, work.state, options);
    work.state.forget_analysis();
    CALLGRIND_START_INSTRUMENTATION;
    ExecutionResult second = executor.execute(work.input, work.state, options);
    CALLGRIND_STOP_INSTRUMENTATION;
    if (first != second) give_up("two executions gave two different results");
    if (!second) give_up(to_string(second.error()));
    return second;
}

template <typename Executor>
void count_file(Executor&& executor, const char* path) {
    auto block = fixtures::read_block_file(path);
    if (!block) give_up(block.error().message);
    std::vector<std::optional<address>> senders;
    for (const types::Transaction& transaction : block->transactions)
        senders.push_back(types::recover_sender(transaction, block->rules.revision));
    const Workload work{.input = block->input(senders), .state = block->pre_state, .keep_effects = fixtures::needs_effects(*block)};
    const ExecutionResult result = count(executor, work);
    fixtures::Verification verification;
    fixtures::verify_result(*block, *result, verification);
    if (const fixtures::Check* mismatch = verification.first_mismatch()) give_up(to_string(*mismatch));
}

template <typename Executor>
void count_generated(Executor&& executor, const workloads::WorkloadKind& kind) {
    constexpr uint64_t kGas = 30'000'000;
    constexpr uint64_t kSeed = 1;
    workloads::Artifacts artifacts(workloads::Artifacts::default_folder());
    auto block = workloads::build_block(kind, kGas, kSeed, artifacts);
    if (!block) give_up(block.error().message);
    const ExecutionResult result = count(executor, {.input = block->input(), .state = block->pre_state});
    if (result->gas_used != block->gas_used) give_up("the block was built with another result");
}

/// A file, or the name of a workload.
template <typename Executor>
void count_block(Executor&& executor, std::string_view what) {
    const auto kinds = workloads::workload_kinds();
    const auto kind = std::ranges::find(kinds, what, &workloads::WorkloadKind::name);
    if (kind != kinds.end()) return count_generated(executor, *kind);
    count_file(executor, std::string(what).c_str());
}

struct Loop {
    std::string_view name;
    std::string_view body;  ///< EVM code that leaves the stack as it finds it, the loop's counter on top.
};

constexpr Loop kLoops[] = {
    // Stack, arithmetic, comparison and shifts.
    {.name = "words", .body = "80600301600702600d90048060051b186101ff101550"},
    {.name = "memory", .body = "6020516001016020526040600020606052"},
    {.name = "storage", .body = "8054600101815580600f165450600160005d60005c50"},
    // The contract calls itself with one byte of input, which makes it return at once.
    {.name = "calls", .body = "5f5f60015f5f305af1505f5f60015f305afa50"},
};
constexpr uint64_t kIterations = 10'000;
constexpr address kSender = address_of(0x5e17de7);
constexpr address kContract = address_of(0x1000);

/// CALLDATASIZE PUSH1 end JUMPI PUSH2 iterations; JUMPDEST body PUSH1 1 SWAP1 SUB DUP1 PUSH1 7 JUMPI; JUMPDEST STOP
bytes loop_code(const Loop& loop) {
    const bytes body = from_hex(loop.body).value();
    bytes code{0x36,
               0x60,
               static_cast<uint8_t>(body.size() + 16),
               0x57,
               0x61,
               static_cast<uint8_t>(kIterations >> 8),
               static_cast<uint8_t>(kIterations & 0xff),
               0x5b};
    code.insert(code.end(), body.begin(), body.end());
    for (const uint8_t byte : {0x60, 0x01, 0x90, 0x03, 0x80, 0x60, 0x07, 0x57, 0x5b, 0x00}) code.push_back(byte);
    return code;
}

void count_loop(std::string_view name) {
    const auto* const loop = std::ranges::find(kLoops, name, &Loop::name);
    if (loop == std::end(kLoops)) give_up("no such loop");
    state::MemoryState state;
    state.insert(kSender).balance = uint256{1} << 100;
    state.set_code(kContract, loop_code(*loop));

    types::Header header;
    header.gas_limit = 1'000'000'000;
    header.base_fee_per_gas = 0;
    types::Transaction transaction;
    transaction.gas_limit = header.gas_limit;
    transaction.to = kContract;
    const std::optional<address> sender = kSender;
    const execution::BlockInput input{.header = &header,
                                      .transactions = {&transaction, 1},
                                      .senders = {&sender, 1},
                                      .ommers = {},
                                      .withdrawals = {},
                                      .rules = {.revision = types::Revision::Cancun}};
    execution::SequentialExecutor executor;
    const ExecutionResult result = count(executor, {.input = input, .state = state});
    if (!result->receipts.at(0).status) give_up("the loop failed");
}

void count_root(std::string_view name) {
    const auto work = bench::make_root_workload(name);
    if (!work) give_up("no such workload");
    Crew nobody;
    const auto first = state::commit(work->diff, work->root, work->nodes, nobody);
    CALLGRIND_START_INSTRUMENTATION;
    const auto second = state::commit(work->diff, work->root, work->nodes, nobody);
    CALLGRIND_STOP_INSTRUMENTATION;
    if (!first || !second || first->root != second->root) give_up("the state root was not computed");
}

void run(std::string_view kind, const char* what) {
    if (kind == "sequential") return count_block(execution::SequentialExecutor{}, what);
    if (kind == "parallel") return count_block(execution::ParallelExecutor{1}, what);
    if (kind == "loop") return count_loop(what);
    if (kind == "root") return count_root(what);
    give_up("the workload is sequential, parallel, loop or root");
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
    if (argc != 3) weft::give_up("usage: instructions_bench sequential|parallel|loop|root FILE|NAME");
    weft::run(argv[1], argv[2]);
}
