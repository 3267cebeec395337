// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/fixtures/state_tests.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

/// State tests as benchmarks: `state_test_bench BUDGET_MS FILE...` executes the transaction of every case again and again, from
/// validation to its changes, and prints the median times as JSON. Code analysis is cold in every repetition.
namespace weft {
namespace {

using Clock = std::chrono::steady_clock;

/// As many repetitions as fit the budget, in these bounds.
constexpr double kMostRepetitions = 1000;
constexpr double kFewestRepetitions = 3;

struct Run {
    double ms = 0;
    uint64_t gas = 0;
    bool success = false;
};

Run run_once(execution::TransactionExecution& execution, const fixtures::StateTestInput& input, const address& sender,
             state::MemoryState& state) {
    state.forget_analysis();
    const Clock::time_point start = Clock::now();
    const auto progress = execution.start(input.environment, input.transaction, sender, state);
    const auto finished = execution::finish(execution, progress, state);
    const auto result = execution.take_result();
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    WEFT_ASSERT(finished && result);
    return {.ms = ms, .gas = result->gas_used, .success = result->status == evm::Status::success};
}

Run measure(execution::TransactionExecution& execution, const fixtures::StateTestInput& input, const address& sender,
            state::MemoryState state, double budget_ms) {
    Run run = run_once(execution, input, sender, state);
    const double wanted = std::clamp(budget_ms / std::max(run.ms, 1e-6), kFewestRepetitions, kMostRepetitions);
    std::vector<double> times(static_cast<size_t>(wanted));
    std::ranges::generate(times, [&] { return run_once(execution, input, sender, state).ms; });
    std::ranges::sort(times);
    run.ms = times[times.size() / 2];
    return run;
}

Result<void> measure_file(const std::filesystem::path& path, double budget_ms, execution::TransactionExecution& execution,
                          json::JsonItems& reports) {
    const auto text = fixtures::read_file(path);
    if (!text) return std::unexpected(text.error());
    const auto tests = fixtures::parse_state_tests(*text);
    if (!tests) return std::unexpected(tests.error());
    for (const fixtures::StateTest& test : *tests) {
        for (const fixtures::StateTestCase& test_case : test.cases) {
            const auto checked = fixtures::run_state_test(test, test_case, execution);
            if (checked.outcome.status != fixtures::TestOutcome::Status::passed) return fail(checked.outcome.message);
            const auto input = fixtures::input_of(test, test_case);
            WEFT_ASSERT(input);
            const Run run = measure(execution, *input, test.transaction.sender, test.pre_state, budget_ms);
            json::JsonItems json;
            json.add("file", json::json_string(path.filename().string()));
            json.add("data", fmt::format("{}", test_case.data_index));
            json.add("ms", fmt::format("{:.6f}", run.ms));
            json.add("gas", fmt::format("{}", run.gas));
            json.add("success", run.success ? "true" : "false");
            reports.add(json.object());
        }
    }
    return {};
}

int run(std::span<char*> arguments) {
    double budget_ms = 0;
    if (arguments.size() < 2 || std::from_chars(arguments[0], arguments[0] + std::strlen(arguments[0]), budget_ms).ec != std::errc{}) {
        fmt::print(stderr, "usage: state_test_bench BUDGET_MS FILE...\n");
        return 2;
    }
    execution::TransactionExecution execution;
    json::JsonItems reports;
    for (const char* path : arguments.subspan(1)) {
        if (const auto measured = measure_file(path, budget_ms, execution, reports); !measured) {
            fmt::print(stderr, "state_test_bench: {}: {}\n", path, measured.error().message);
            return 1;
        }
    }
    fmt::print("{}\n", reports.array());
    return 0;
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) { return weft::run({argv + 1, static_cast<size_t>(argc - 1)}); }
