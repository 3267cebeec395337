// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/simulated_execution.hpp"

#include "test/differential/judge.hpp"
#include "test/differential/random_hints.hpp"
#include "test/differential/shaky_view.hpp"
#include "weft/base/hash.hpp"
#include "weft/base/io_pool.hpp"
#include "weft/execution/access_record.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/state/asynchronous_view.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

namespace weft {

/// In place of the random one of weft/base/random_seed.cpp: the same hash tables in every run.
uint64_t random_seed() { return 0x51a7ed0f5eed; }

namespace test {

namespace {

/// Of one set of blocks: making them costs more than executing them once.
constexpr unsigned kSchedules = 4;

struct Case {
    GeneratedBlock block;
    Disturbance disturbance;
    BlockOutcome expected;
    std::unique_ptr<execution::AccessHints> hints;  ///< Null: none.
    bool is_asynchronous = false;                   ///< Reads are done by other threads.
};

std::unique_ptr<execution::AccessHints> make_hints(const GeneratedBlock& block, const execution::AccessRecord& right, Random& random) {
    switch (random.below(6)) {
        case 0:
            return std::make_unique<execution::AccessRecord>(right);
        case 1:
            return std::make_unique<execution::ListedHints>(random_hints(block, random));
        case 2:
            return std::make_unique<execution::ListedHints>(misleading_hints(block, right));
        default:
            return nullptr;
    }
}

Case make_case(Random& random, const std::optional<Profile>& profile) {
    const uint64_t seed = random.next();
    Case made{.block = profile ? generate_block(seed, *profile) : generate_block(seed), .disturbance = {}, .expected = {}, .hints = {}};
    made.disturbance.seed = random.next();
    made.disturbance.broken_account = made.block.broken_account;
    ShakyView steady(made.block.state, {.broken_account = made.block.broken_account});
    execution::AccessRecord record;
    execution::BlockOptions recording = made.block.options;
    recording.accesses = &record;
    made.expected = execution::SequentialExecutor{}.execute(made.block.input(), steady, recording);
    made.hints = make_hints(made.block, record, random);
    if (random.chance(30)) {
        made.disturbance.pending = static_cast<unsigned>(random.below(20));
        made.disturbance.blocked = static_cast<unsigned>(random.below(10));
    }
    made.is_asynchronous = random.chance(30);
    return made;
}

BlockOutcome execute(execution::ParallelExecutor& executor, Case& each) {
    ShakyView view(each.block.state, each.disturbance);
    execution::BlockInput input = each.block.input();
    input.hints = each.hints.get();
    if (!each.is_asynchronous) return executor.execute(input, view, each.block.options);
    // As many threads and as little room as the disturbance says: each case has its own.
    IoPool pool(1 + each.disturbance.seed % 3, 1 + each.disturbance.seed / 3 % 4);
    state::AsynchronousView asynchronous(view, pool);
    return executor.execute(input, asynchronous, each.block.options);
}

std::optional<std::string> execute(std::vector<Case>& cases, unsigned threads, uint64_t& repaired) {
    execution::ParallelExecutor executor(threads);
    for (size_t i = 0; i < cases.size(); ++i) {
        // So that every run finds it out again.
        cases[i].block.state.forget_analysis();
        const BlockOutcome actual = execute(executor, cases[i]);
        repaired += executor.statistics().repaired;
        if (auto found = execution::difference(cases[i].expected, actual))
            return fmt::format("block {} (seed {}): {}", i, cases[i].block.seed, *found);
    }
    return std::nullopt;
}

std::string describe(const simulation::Outcome& schedule) {
    return fmt::format("{} after {} steps\n{}", schedule.end == simulation::Outcome::End::deadlock ? "deadlock" : "no end", schedule.steps,
                       schedule.threads);
}

}  // namespace

SimulatedOutcome simulate(const SimulatedRun& run) {
    Random random(run.seed);
    std::vector<Case> cases;
    for (uint64_t i = 1 + random.below(3); i > 0; --i) cases.push_back(make_case(random, run.profile));
    SimulatedOutcome outcome;
    for (unsigned i = 0; i < kSchedules && !outcome.finding; ++i) {
        const unsigned threads = run.threads != 0 ? run.threads : 2 + static_cast<unsigned>(random.below(3));
        std::optional<std::string> finding;
        const auto schedule =
            simulation::run({.seed = random.next(), .fault = run.fault}, [&] { finding = execute(cases, threads, outcome.repaired); });
        ++outcome.schedules;
        outcome.steps += schedule.steps;
        outcome.switches += schedule.switches;
        outcome.trace = mix64(outcome.trace ^ schedule.trace, 0x9e3779b97f4a7c15);
        if (schedule.end != simulation::Outcome::End::finished) finding = describe(schedule);
        if (finding) outcome.finding = fmt::format("schedule {}, {} threads: {}", i, threads, *finding);
    }
    outcome.blocks = cases.size();
    for (const Case& each : cases) outcome.transactions += each.block.transactions.size();
    return outcome;
}

}  // namespace test
}  // namespace weft
