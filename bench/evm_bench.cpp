// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/evm/machine.hpp"
#include "weft/evm/precompiles/precompiles.hpp"
#include "weft/state/memory_state.hpp"

#include <benchmark/benchmark.h>

#include <utility>

/// Loops of EVM code around one kind of work. `per_instruction` counts every executed instruction, the seven of the loop itself
/// included.
namespace weft {
namespace {

constexpr address kContract = address_of(0x1000);
constexpr uint64_t kIterations = 20'000;
constexpr uint64_t kLoopInstructions = 7;

/// PUSH3 iterations; JUMPDEST body PUSH1 1 SWAP1 SUB DUP1 PUSH1 4 JUMPI; STOP
bytes loop(std::string_view body) {
    bytes code{0x62, static_cast<uint8_t>(kIterations >> 16), static_cast<uint8_t>(kIterations >> 8), static_cast<uint8_t>(kIterations),
               0x5b};
    const bytes inner = from_hex(body).value();
    code.insert(code.end(), inner.begin(), inner.end());
    for (const uint8_t byte : {0x60, 0x01, 0x90, 0x03, 0x80, 0x60, 0x04, 0x57, 0x00}) code.push_back(byte);
    return code;
}

void run_loop(benchmark::State& bench, std::string_view body, uint64_t body_instructions) {
    state::MemoryState world;
    world.insert(kContract).nonce = 1;
    world.set_code(kContract, loop(body));
    const evm::BlockContext block;
    const evm::TransactionContext transaction;
    const evm::Message message{.is_create = false, .gas = 10'000'000'000, .sender = {}, .recipient = kContract, .value = {}, .input = {}};
    evm::Machine machine;
    state::State state;
    for (auto _ : bench) {
        state.begin(world, types::kLatestRevision, evm::is_precompile);
        std::ignore = machine.start(state, block, transaction, message);
        if (machine.outcome().status != evm::Status::success) bench.SkipWithError("the code failed");
    }
    const auto per_run = static_cast<double>(kIterations * (kLoopInstructions + body_instructions));
    bench.counters["per_instruction"] =
        benchmark::Counter(per_run, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
    bench.counters["gas/s"] =
        benchmark::Counter(static_cast<double>(message.gas - machine.outcome().gas_left), benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK_CAPTURE(run_loop, loop_alone, "", 0);
BENCHMARK_CAPTURE(run_loop, dup_push_add_pop, "8060030150", 4);
BENCHMARK_CAPTURE(run_loop, mul, "80800250", 4);
BENCHMARK_CAPTURE(run_loop, div, "6007810450", 4);
BENCHMARK_CAPTURE(run_loop, compare, "806005101560011650", 8);
BENCHMARK_CAPTURE(run_loop, shift, "8060201b60e01c50", 7);
BENCHMARK_CAPTURE(run_loop, memory, "602051600101602052", 6);
BENCHMARK_CAPTURE(run_loop, keccak256_of_64_bytes, "604060002050", 4);
BENCHMARK_CAPTURE(run_loop, warm_sload, "60015450", 3);
BENCHMARK_CAPTURE(run_loop, warm_sstore, "80600155", 3);
BENCHMARK_CAPTURE(run_loop, static_call_of_an_account_without_code, "5f5f5f5f6120005afa50", 8);

}  // namespace
}  // namespace weft
