// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/bench_report.hpp"
#include "cmd/weft/commands.hpp"
#include "cmd/weft/measure.hpp"
#include "cmd/weft/progress.hpp"
#include "weft/base/assert.hpp"
#include "weft/base/io_pool.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/execution/block_executor.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/state/asynchronous_view.hpp"
#include "weft/workloads/slow_view.hpp"
#include "weft/workloads/workload.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <algorithm>
#include <memory>
#include <thread>

namespace weft::cli {
namespace {

using workloads::WorkloadBlock;
using workloads::WorkloadKind;

constexpr const char* kExamples = R"(Examples:
  weft bench
  weft bench --workload transfers,serial-chain --threads 1,2,4,8 --gas 1G --repeat 11 --json result.json
  weft bench --workload transfers --read-latency 100

The same workload, gas and seed give the same block everywhere. Each block is executed in order and in parallel by turns, with
code analysis cold; all results have to be equal, down to the last receipt and slot. Senders are given, so that no signature is
recovered. What needs contracts finds them where tools/build_contracts leaves them (WEFT_CACHE, else .cache).

The way that should be faster is taken, as a node would: the column used tells how many of the threads were, 1 being execution in
order. It learns from one repetition to the next how many transactions meet conflicts. --always-parallel leaves no choice.

Times are medians, beside the interval that half of them lie in. The bound is the best speed-up that the threads and the longest
chain of dependencies allow, measured from the last write of one transaction to the first read of the next; what commutes is no
dependency, and waiting for a slow read belongs to no chain. Efficiency is the speed-up over its bound.
Memory is the most that the process held while it executed in parallel, with the state and what earlier workloads left.

With --read-latency the first read of each location takes that long, in which the thread that reads sleeps. In order, that is the thread
that executes. In parallel it is one of --io-threads, which read on behalf of those that execute: these go on with other transactions
meanwhile. So at most that many reads are under way at the same time, as many as a disk would be asked for at once.

)";

struct Options {
    std::vector<std::string> names;
    uint64_t gas = 100'000'000;
    std::vector<unsigned> threads;
    unsigned repeat = 5;
    uint64_t seed = 1;
    uint64_t read_latency_us = 0;
    unsigned io_threads = 64;
    bool always_parallel = false;
    std::string contracts = workloads::Artifacts::default_folder().string();
    std::string json_file;
};

std::string examples_and_names() {
    std::string text = kExamples;
    text += "Workloads:\n";
    for (const WorkloadKind& kind : workloads::workload_kinds()) text += fmt::format("  {:<18} {}\n", kind.name, kind.description);
    return text;
}

/// Measures workloads one by one.
class Bench {
  public:
    explicit Bench(const Options& options);

    [[nodiscard]] WorkloadReport measure(const WorkloadKind& kind, Progress& progress);

  private:
    using ExecutionResult = execution::BlockOutcome;

    void make_cold(WorkloadBlock& block);
    void repeat(WorkloadBlock& block, WorkloadReport& report, Progress& progress);
    template <typename Executor>
    [[nodiscard]] ExecutionResult run(Executor& executor, WorkloadBlock& block, state::StateView& view, WayReport& way);
    [[nodiscard]] ExecutionResult run_in_order(WorkloadBlock& block, WayReport& way);
    [[nodiscard]] ExecutionResult run_in_parallel(execution::BlockExecutor& executor, WorkloadBlock& block, WayReport& way);

    const Options& options_;
    workloads::Artifacts artifacts_;
    execution::SequentialExecutor sequential_;
    std::vector<std::unique_ptr<execution::BlockExecutor>> parallel_;  ///< One for each of Options::threads.
    std::optional<workloads::SlowView> slow_view_;
    std::optional<IoPool> io_pool_;  ///< Where reads are slow.
    uint64_t cold_reads_ = 0;
};

Bench::Bench(const Options& options) : options_(options), artifacts_(options.contracts) {
    if (options_.read_latency_us != 0) io_pool_.emplace(options_.io_threads, size_t{16} * options_.io_threads);
}

WorkloadReport Bench::measure(const WorkloadKind& kind, Progress& progress) {
    WorkloadReport report;
    report.name = kind.name;
    const Clock::time_point start = Clock::now();
    auto block = workloads::build_block(kind, options_.gas, options_.seed, artifacts_);
    if (!block) {
        report.is_bad_input = true;
        report.error = block.error().message;
        return report;
    }
    report.build_ms = milliseconds_since(start);
    report.transactions = block->batch.transactions.size();
    report.reverted = block->reverted;
    report.gas = block->gas_used;
    if (options_.read_latency_us != 0) slow_view_.emplace(block->pre_state, std::chrono::microseconds(options_.read_latency_us));
    // New ones, which know nothing of other workloads.
    parallel_.clear();
    const auto choice = options_.always_parallel ? execution::Choice::always_parallel : execution::Choice::cheapest;
    for (const unsigned threads : options_.threads) parallel_.push_back(std::make_unique<execution::BlockExecutor>(threads, choice));
    repeat(*block, report, progress);
    slow_view_.reset();
    return report;
}

void Bench::make_cold(WorkloadBlock& block) {
    block.pre_state.forget_analysis();
    if (slow_view_) slow_view_->forget();
}

template <typename Executor>
Bench::ExecutionResult Bench::run(Executor& executor, WorkloadBlock& block, state::StateView& view, WayReport& way) {
    reset_peak_memory();
    const double processor_start = processor_milliseconds();
    const Clock::time_point start = Clock::now();
    ExecutionResult result = executor.execute(block.input(), view);
    way.ms.push_back(milliseconds_since(start));
    way.processor_ms.push_back(processor_milliseconds() - processor_start);
    way.peak_memory = std::max(way.peak_memory, peak_memory());
    return result;
}

Bench::ExecutionResult Bench::run_in_order(WorkloadBlock& block, WayReport& way) {
    make_cold(block);
    if (!slow_view_) return run(sequential_, block, block.pre_state, way);
    ExecutionResult result = run(sequential_, block, *slow_view_, way);
    cold_reads_ += slow_view_->cold_reads();
    return result;
}

Bench::ExecutionResult Bench::run_in_parallel(execution::BlockExecutor& executor, WorkloadBlock& block, WayReport& way) {
    make_cold(block);
    if (!slow_view_) return run(executor, block, block.pre_state, way);
    std::optional<state::AsynchronousView> view(std::in_place, *slow_view_, *io_pool_);
    ExecutionResult result = run(executor, block, *view, way);
    // What was asked for ahead and not needed may still be under way.
    view.reset();
    cold_reads_ += slow_view_->cold_reads();
    return result;
}

void Bench::repeat(WorkloadBlock& block, WorkloadReport& report, Progress& progress) {
    std::optional<ExecutionResult> expected;
    cold_reads_ = 0;
    for (const unsigned threads : options_.threads) report.parallel.emplace_back().threads = threads;
    for (unsigned round = 0; round < options_.repeat; ++round) {
        ExecutionResult in_order = run_in_order(block, report.sequential);
        if (expected && *expected != in_order) report.error = "sequential execution gave two different results";
        expected = std::move(in_order);
        for (size_t i = 0; i < parallel_.size(); ++i) {
            WayReport& way = report.parallel[i];
            execution::BlockExecutor& executor = *parallel_[i];
            const ExecutionResult result = run_in_parallel(executor, block, way);
            way.workers = executor.statistics().threads;
            way.reexecutions += executor.statistics().reexecutions;
            way.parked += executor.statistics().parked;
            way.parked_on_reads += executor.statistics().parked_on_reads;
            if (const auto difference = execution::difference(*expected, result))
                report.error = fmt::format("{} threads: {}", *way.threads, *difference);
        }
        if (!*expected) report.error = to_string(expected->error());
        if (!report.error.empty()) return;
        progress.advance(report.name);
    }
    for (WayReport& way : report.parallel) {
        way.reexecutions /= options_.repeat;
        way.parked /= options_.repeat;
        way.parked_on_reads /= options_.repeat;
    }
    report.cold_reads = cold_reads_ / (options_.repeat * (1 + parallel_.size()));
    const auto path = workloads::measure_critical_path(block.input(), block.pre_state, [&] { make_cold(block); });
    WEFT_ASSERT(path.has_value());
    report.critical_path = *path;
    if (slow_view_) report.work_share = path->work_ms / median(report.sequential.ms);
    block.pre_state.apply((*expected)->diff);
    report.state_root = block.pre_state.root();
}

/// The kinds of those names, in the order of all kinds; all of them without any name. Error: the name that none has.
Result<std::vector<WorkloadKind>> kinds_of(const std::vector<std::string>& names) {
    const auto all = workloads::workload_kinds();
    for (const std::string& name : names)
        if (std::ranges::find(all, name, &WorkloadKind::name) == all.end())
            return fail(fmt::format("{}: no such workload; --help lists them", name));
    std::vector<WorkloadKind> kinds;
    for (const WorkloadKind& kind : all)
        if (names.empty() || std::ranges::find(names, kind.name) != names.end()) kinds.push_back(kind);
    return kinds;
}

int run(Options& options) {
    if (options.threads.empty()) options.threads = {std::max(1u, std::thread::hardware_concurrency())};
    const auto kinds = kinds_of(options.names);
    if (!kinds) {
        fmt::print(stderr, "weft bench: {}\n", kinds.error().message);
        return kBadInput;
    }
    // Reads that take microseconds must not take the fifty more by which Linux may let a thread oversleep. Threads inherit this.
    if (options.read_latency_us != 0) prctl(PR_SET_TIMERSLACK, 1);
    Bench bench(options);
    BenchReport report{
        .gas = options.gas, .seed = options.seed, .repeat = options.repeat, .read_latency_us = options.read_latency_us, .workloads = {}};
    {
        Progress progress(kinds->size() * options.repeat);
        for (const WorkloadKind& kind : *kinds) report.workloads.push_back(bench.measure(kind, progress));
    }
    fmt::print("{}", to_table(report));
    for (const WorkloadReport& workload : report.workloads)
        if (!workload.error.empty()) fmt::print(stderr, "weft bench: {}: {}\n", workload.name, workload.error);
    if (!options.json_file.empty()) {
        if (const auto written = fixtures::write_file(options.json_file, to_json(report)); !written) {
            fmt::print(stderr, "weft bench: {}\n", written.error().message);
            return kBadInput;
        }
    }
    if (std::ranges::any_of(report.workloads, &WorkloadReport::is_bad_input)) return kBadInput;
    return std::ranges::all_of(report.workloads, &std::string::empty, &WorkloadReport::error) ? kSuccess : kFailure;
}

}  // namespace

void add_bench(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("bench", "Measure execution in order and in parallel on blocks of many kinds");
    command->add_option("--workload", options->names, "Workloads, separated by commas (default: all)")->delimiter(',');
    command->add_option("--gas", options->gas, "Gas of each block; k, M and G stand for thousands, millions, billions")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, uint64_t>{{"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}))
        ->check(CLI::Range(uint64_t{100'000}, uint64_t{100'000'000'000}))
        ->capture_default_str();
    command->add_option("--threads", options->threads, "Numbers of threads for parallel execution (default: all cores)")
        ->delimiter(',')
        ->check(CLI::Range(1u, 1024u));
    command->add_option("--repeat", options->repeat, "Executions of each block in each way")
        ->check(CLI::Range(1u, 1'000'000u))
        ->capture_default_str();
    command->add_option("--seed", options->seed, "Other blocks of the same kinds")->capture_default_str();
    command->add_option("--read-latency", options->read_latency_us, "Microseconds that the first read of each location takes")
        ->check(CLI::Range(uint64_t{0}, uint64_t{1'000'000}))
        ->capture_default_str();
    command->add_option("--io-threads", options->io_threads, "With --read-latency: reads of parallel execution that are under way at once")
        ->check(CLI::Range(1u, 4096u))
        ->capture_default_str();
    command->add_flag("--always-parallel", options->always_parallel, "On all threads, also where one should be faster");
    command->add_option("--contracts", options->contracts, "The folder of compiled contracts")->capture_default_str();
    command->add_option("--json", options->json_file, "Write the results to this file");
    command->footer(examples_and_names());
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
