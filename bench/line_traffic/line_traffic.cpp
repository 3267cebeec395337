// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/line_traffic/runtime.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/workloads/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string>

/// WORKLOAD GAS REPEAT: executes a block again and again on two threads, and writes which lines went from one to the other. For
/// tools/line_traffic.
int main(int argc, char** argv) {
    using namespace weft;
    const std::span arguments(argv, static_cast<size_t>(argc));
    if (arguments.size() != 4) return 2;
    const auto& kinds = workloads::workload_kinds();
    const auto kind = std::ranges::find(kinds, std::string(arguments[1]), &workloads::WorkloadKind::name);
    if (kind == kinds.end()) {
        fmt::print(stderr, "no workload {}\n", arguments[1]);
        return 2;
    }
    workloads::Artifacts artifacts{workloads::Artifacts::default_folder()};
    const auto block = workloads::build_block(*kind, std::strtoull(arguments[2], nullptr, 10), 1, artifacts);
    if (!block) {
        fmt::print(stderr, "{}\n", block.error().message);
        return 1;
    }
    auto state = block->pre_state.separate_copy();
    execution::ParallelExecutor executor(2);
    const uint64_t repeat = std::strtoull(arguments[3], nullptr, 10);
    line_traffic::set_counting(true);
    for (uint64_t i = 0; i < repeat; ++i) {
        if (executor.execute(block->input(), state)) continue;
        fmt::print(stderr, "the block is invalid\n");
        return 1;
    }
    line_traffic::set_counting(false);
    fmt::print("# {}\n", block->input().transactions.size() * repeat);
    std::fflush(stdout);
    line_traffic::print(stdout);
}
