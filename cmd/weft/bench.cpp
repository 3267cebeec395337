// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/bench_report.hpp"
#include "cmd/weft/commands.hpp"
#include "cmd/weft/commit_report.hpp"
#include "cmd/weft/machine_limit.hpp"
#include "cmd/weft/measure.hpp"
#include "cmd/weft/paired_times.hpp"
#include "cmd/weft/progress.hpp"
#include "weft/base/assert.hpp"
#include "weft/base/io_pool.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/execution/block_executor.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/state/asynchronous_view.hpp"
#include "weft/workloads/delay_line.hpp"
#include "weft/workloads/slow_view.hpp"
#include "weft/workloads/workload.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <thread>

namespace weft::cli {
namespace {

using workloads::WorkloadBlock;
using workloads::WorkloadKind;

constexpr const char* kExamples = R"(Examples:
  weft bench
  weft bench --workload transfers,serial-chain --threads 1,2,4,8 --gas 1G --repeat 31 --json result.json
  weft bench --workload v2-many-pools,v3-many-pools,nft-rush --group exchanges=v2-many-pools,v3-many-pools
  weft bench --workload transfers --read-latency 100
  weft bench --gas 30M --commit rocksdb
  weft bench --threads 2 --machine-limit

The same workload, gas and seed give the same block everywhere. Each block is executed in order and in parallel by turns, with
code analysis cold; all results have to be equal, down to the last receipt and slot. Senders are given, so that no signature is
recovered. What needs contracts finds them where tools/build_contracts leaves them (WEFT_CACHE, else .cache).

The way that should be faster is taken, as a node would: the column used tells how many of the threads were, 1 being execution in
order. It learns from one repetition to the next how many transactions meet conflicts. --always-parallel leaves no choice.

Of transactions that met conflicts, re-ex were executed again; repaired counts the slots, such as a token's balance, that were put right
without. --no-repair does without the latter. What is known of repaired slots, and of counters that were foretold (in the JSON), is
kept from one repetition to the next, as a node would from block to block.

--repeat measures in pairs: in order and in parallel, one right after the other, and the other way round in every second pair. A
measurement is made of as many executions as take --least-ms together. Times are medians; the speed-up is the median of the pairs'
ratios, beside the interval between two of them that holds the true median with a confidence of 95 percent whatever the
distribution; it needs six pairs. Geometric means, of all workloads and of each --group, weigh workloads alike. The bound is the best speed-up that the threads and the longest
chain of dependencies allow, measured from the last write of one transaction to the first read of the next; what commutes is no
dependency, and waiting for a slow read belongs to no chain. Efficiency is the speed-up over its bound.
Memory is the most that the process held while it executed in parallel, with the state, its copies for --machine-limit and what earlier
workloads left.

With --read-latency the first read of each location takes that long. In order, the thread that executes sleeps meanwhile. In parallel
the threads that execute go on with other transactions. The store is one that takes up to --queue-depth questions and answers each in its
time; with --io-threads it is one that can only be waited for, which that many threads do on behalf of those that execute.

)";

struct Options {
    std::vector<std::string> names;
    uint64_t gas = 100'000'000;
    std::vector<unsigned> threads;
    unsigned repeat = 30;
    double least_ms = 5;
    std::vector<std::string> groups;
    uint64_t seed = 1;
    uint64_t read_latency_us = 0;
    unsigned queue_depth = 1024;
    unsigned io_threads = 0;
    bool always_parallel = false;
    bool no_repair = false;
    bool machine_limit = false;
    std::vector<unsigned> simulated_threads;
    CommitOptions commit;
    std::string contracts = workloads::Artifacts::default_folder().string();
    std::string json_file;
};

std::string examples_and_names() {
    std::string text = std::string(kExamples) + kLimitHelp + "\n\n" + kCommitHelp + "\n\n" + kScalingHelp + "\n\n";
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
    /// What one execution took.
    struct Spent {
        double ms = 0;
        double processor_ms = 0;
    };
    /// A block that is executed again and again.
    struct Course {
        Measurement in_order;
        // One for each of Options::threads.
        std::vector<Measurement> parallel;
        std::vector<Measurement> together;
        std::optional<IndependentExecutions> independent;  ///< With --machine-limit.
        std::optional<ExecutionResult> expected;
    };

    void repeat(WorkloadBlock& block, WorkloadReport& report, Progress& progress);
    void summarise(WorkloadBlock& block, WorkloadReport& report, const Course& course);
    void measure_commits(WorkloadBlock& block, WorkloadReport& report, const execution::BlockResult& result);
    [[nodiscard]] Result<hash32> measure_commits(WorkloadBlock& block, size_t which, const execution::BlockResult& result,
                                                 CommitReport& report);
    double measure_in_order(WorkloadBlock& block, WorkloadReport& report, Course& course);
    void measure_in_parallel(size_t which, WorkloadBlock& block, WorkloadReport& report, Course& course);
    /// Makes the independent executions. They are compared with a first execution in order, which is not timed.
    void begin_machine_limit(WorkloadBlock& block, Course& course);
    /// Unless it is not wanted.
    void measure_together(size_t which, WorkloadReport& report, Course& course);
    template <typename Executor, typename Check>
    double measure(Executor& executor, WorkloadBlock& block, Measurement& measurement, WayReport& way, const Check& check);
    template <typename Executor>
    [[nodiscard]] ExecutionResult run(Executor& executor, WorkloadBlock& block, state::StateView& view, Spent& spent) const;
    [[nodiscard]] ExecutionResult run(execution::SequentialExecutor& executor, WorkloadBlock& block, Spent& spent);
    [[nodiscard]] ExecutionResult run(execution::BlockExecutor& executor, WorkloadBlock& block, Spent& spent);

    const Options& options_;
    workloads::Artifacts artifacts_;
    execution::SequentialExecutor sequential_;
    std::vector<std::unique_ptr<execution::BlockExecutor>> parallel_;  ///< One for each of Options::threads.
    std::optional<workloads::SlowView> slow_view_;
    std::unique_ptr<IoQueue> io_queue_;  ///< Where reads are slow.
    uint64_t cold_reads_ = 0;            ///< Of all executions in order.
};

Bench::Bench(const Options& options) : options_(options), artifacts_(options.contracts) {
    if (options_.read_latency_us == 0) return;
    if (options_.io_threads != 0)
        io_queue_ = std::make_unique<IoPool>(options_.io_threads, size_t{16} * options_.io_threads);
    else
        io_queue_ = std::make_unique<workloads::DelayLine>(std::chrono::microseconds(options_.read_latency_us), options_.queue_depth);
}

WorkloadReport Bench::measure(const WorkloadKind& kind, Progress& progress) {
    WorkloadReport report;
    report.name = report.scaling.name = kind.name;
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
Bench::ExecutionResult Bench::run(Executor& executor, WorkloadBlock& block, state::StateView& view, Spent& spent) const {
    const double processor_start = processor_milliseconds();
    const Clock::time_point start = Clock::now();
    ExecutionResult result = executor.execute(block.input(), view, {.repair_slots = !options_.no_repair});
    spent.ms = milliseconds_since(start);
    spent.processor_ms = processor_milliseconds() - processor_start;
    return result;
}

Bench::ExecutionResult Bench::run(execution::SequentialExecutor& executor, WorkloadBlock& block, Spent& spent) {
    make_cold(block);
    if (!slow_view_) return run(executor, block, block.pre_state, spent);
    ExecutionResult result = run(executor, block, *slow_view_, spent);
    cold_reads_ += slow_view_->cold_reads();
    return result;
}

Bench::ExecutionResult Bench::run(execution::BlockExecutor& executor, WorkloadBlock& block, Spent& spent) {
    make_cold(block);
    if (!slow_view_) return run(executor, block, block.pre_state, spent);
    state::StateView& store = options_.io_threads != 0 ? static_cast<state::StateView&>(*slow_view_) : block.pre_state;
    state::AsynchronousView view(store, *io_queue_);
    return run(executor, block, view, spent);
}

/// check(result) is called with the result of each execution.
template <typename Executor, typename Check>
double Bench::measure(Executor& executor, WorkloadBlock& block, Measurement& measurement, WayReport& way, const Check& check) {
    double processor_ms = 0;
    reset_peak_memory();
    const double ms = measurement.measure([&] {
        Spent spent;
        check(run(executor, block, spent));
        processor_ms += spent.processor_ms;
        ++way.executions;
        return spent.ms;
    });
    way.peak_memory = std::max(way.peak_memory, peak_memory());
    way.processor_ms.push_back(processor_ms / static_cast<double>(measurement.executions()));
    way.ms.push_back(ms);
    return ms;
}

double Bench::measure_in_order(WorkloadBlock& block, WorkloadReport& report, Course& course) {
    return measure(sequential_, block, course.in_order, report.sequential, [&](ExecutionResult result) {
        if (course.expected && *course.expected != result) report.error = "sequential execution gave two different results";
        if (!result) report.error = to_string(result.error());
        course.expected = std::move(result);
    });
}

void Bench::measure_in_parallel(size_t which, WorkloadBlock& block, WorkloadReport& report, Course& course) {
    WayReport& way = report.parallel[which];
    const execution::BlockExecutor& executor = *parallel_[which];
    measure(*parallel_[which], block, course.parallel[which], way, [&](const ExecutionResult& result) {
        way.workers = executor.statistics().threads;
        way.reexecutions += executor.statistics().reexecutions;
        way.parked += executor.statistics().parked;
        way.parked_on_reads += executor.statistics().parked_on_reads;
        way.repaired += executor.statistics().repaired;
        way.foretold += executor.statistics().foretold;
        if (const auto difference = execution::difference(*course.expected, result))
            report.error = fmt::format("{} threads: {}", *way.threads, *difference);
    });
}

void Bench::begin_machine_limit(WorkloadBlock& block, Course& course) {
    Spent not_reported;
    course.expected = run(sequential_, block, not_reported);
    course.independent.emplace(std::ranges::max(options_.threads), block.input(), block.pre_state, execution::BlockOptions{});
}

void Bench::measure_together(size_t which, WorkloadReport& report, Course& course) {
    if (!course.independent) return;
    Together& together = report.parallel[which].together;
    if (const auto ns = course.independent->line_ns(options_.threads[which])) together.line_ns.push_back(*ns);
    together.ms.push_back(course.together[which].measure([&] {
        const auto ms = course.independent->execute(options_.threads[which], *course.expected);
        if (!ms) report.error = ms.error();
        // An infinite time ends the measurement.
        return ms.value_or(std::numeric_limits<double>::infinity());
    }));
}

void Bench::repeat(WorkloadBlock& block, WorkloadReport& report, Progress& progress) {
    Course course{.in_order = Measurement(options_.least_ms),
                  .parallel = std::vector(options_.threads.size(), Measurement(options_.least_ms)),
                  .together = std::vector(options_.threads.size(), Measurement(options_.least_ms)),
                  .independent = std::nullopt,
                  .expected = {}};
    if (options_.machine_limit) begin_machine_limit(block, course);
    cold_reads_ = 0;
    for (const unsigned threads : options_.threads) report.parallel.emplace_back().threads = threads;
    for (unsigned round = 0; round < options_.repeat; ++round) {
        for (size_t i = 0; i < parallel_.size() && report.error.empty(); ++i) {
            // Who comes first may be better or worse off.
            const bool is_parallel_first = round % 2 == 1;
            if (is_parallel_first)
                measure_in_parallel(i, block, report, course);
            else
                measure_together(i, report, course);
            report.parallel[i].sequential_ms.push_back(measure_in_order(block, report, course));
            if (is_parallel_first)
                measure_together(i, report, course);
            else
                measure_in_parallel(i, block, report, course);
        }
        if (!report.error.empty()) return;
        progress.advance(report.name);
    }
    course.independent.reset();
    summarise(block, report, course);
}

/// What only all measurements together tell.
void Bench::summarise(WorkloadBlock& block, WorkloadReport& report, const Course& course) {
    for (WayReport& way : report.parallel) {
        way.reexecutions /= way.executions;
        way.parked /= way.executions;
        way.parked_on_reads /= way.executions;
        way.repaired /= way.executions;
        way.foretold /= way.executions;
    }
    report.cold_reads = cold_reads_ / report.sequential.executions;
    const auto path = workloads::measure_critical_path(block.input(), block.pre_state, [&] { make_cold(block); });
    WEFT_ASSERT(path.has_value());
    report.critical_path = *path;
    if (slow_view_) report.work_share = path->work_ms / median(report.sequential.ms);
    if (!options_.simulated_threads.empty()) {
        auto curve = workloads::simulate_scaling(block.input(), block.pre_state, [&] { make_cold(block); }, options_.simulated_threads);
        WEFT_ASSERT(curve.has_value());
        report.scaling.curve = curve->value_or(std::vector<workloads::SimulatedSpeedup>{});
    }
    if (options_.commit.is_wanted()) measure_commits(block, report, **course.expected);
    block.pre_state.apply((*course.expected)->diff);
    report.state_root = block.pre_state.root();
    if (report.committed_root && *report.committed_root != report.state_root) report.error = "the database has another state root";
}

void Bench::measure_commits(WorkloadBlock& block, WorkloadReport& report, const execution::BlockResult& result) {
    for (size_t i = 0; i < options_.threads.size(); ++i) {
        CommitReport& commit = report.commits.emplace_back();
        commit.name = report.name;
        commit.threads = options_.threads[i];
        const auto root = measure_commits(block, i, result, commit);
        if (root) report.committed_root = *root;
        if (!root) report.error = root.error().message;
    }
}

/// The state root after the block.
Result<hash32> Bench::measure_commits(WorkloadBlock& block, size_t which, const execution::BlockResult& result, CommitReport& report) {
    types::Block whole_block;
    whole_block.header = block.header;
    whole_block.transactions = block.batch.transactions;
    for (const types::Transaction& transaction : block.batch.transactions)
        whole_block.encoded_transactions.push_back(types::encode(transaction));
    CommitOptions commit = options_.commit;
    commit.threads = options_.threads[which];
    const auto whole = WholeBlock::open({.block = std::move(whole_block),
                                         .senders = block.batch.senders,
                                         .pre_state = block.pre_state,
                                         .witness = nullptr,
                                         .pre_state_root = {},
                                         .result = result},
                                        commit);
    if (!whole) return std::unexpected(whole.error());
    const auto execute = [&](state::StateView& view) {
        return parallel_[which]->execute(block.input(), view, {.repair_slots = !options_.no_repair});
    };
    CommitCourse course(**whole, execute, options_.least_ms);
    for (unsigned i = 0; i < options_.repeat; ++i)
        if (const auto measured = course.measure_pair(i % 2 == 1, report); !measured) return std::unexpected(measured.error());
    return (*whole)->root();
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

bool contains(const std::vector<WorkloadKind>& kinds, std::string_view name) {
    return std::ranges::find(kinds, name, &WorkloadKind::name) != kinds.end();
}

int run(Options& options) {
    if (options.machine_limit && options.read_latency_us != 0) {
        fmt::print(stderr, "weft bench: --machine-limit is about execution in memory, and --read-latency is not\n");
        return kBadInput;
    }
    if (options.threads.empty()) options.threads = {std::max(1u, std::thread::hardware_concurrency())};
    const auto kinds = kinds_of(options.names);
    if (!kinds) {
        fmt::print(stderr, "weft bench: {}\n", kinds.error().message);
        return kBadInput;
    }
    for (const Group& group : parse_groups(options.groups)) {
        const auto members = kinds_of(group.members);
        if (members && std::ranges::all_of(*members, [&](const WorkloadKind& kind) { return contains(*kinds, kind.name); })) continue;
        fmt::print(stderr, "weft bench: --group {}: {}\n", group.name,
                   members ? "a workload that is not measured" : members.error().message);
        return kBadInput;
    }
    // Reads that take microseconds must not take the fifty more by which Linux may let a thread oversleep. Threads inherit this.
    if (options.read_latency_us != 0) prctl(PR_SET_TIMERSLACK, 1);
    Bench bench(options);
    BenchReport report{.gas = options.gas,
                       .seed = options.seed,
                       .repeat = options.repeat,
                       .least_ms = options.least_ms,
                       .read_latency_us = options.read_latency_us,
                       .machine_limit = options.machine_limit,
                       .commit = options.commit,
                       .groups = parse_groups(options.groups),
                       .workloads = {}};
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
    command->add_option("--workload", options->names, "Workloads, separated by commas (default: all)")
        ->delimiter(',')
        ->allow_extra_args(false);
    command->add_option("--gas", options->gas, "Gas of each block; k, M and G stand for thousands, millions, billions")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, uint64_t>{{"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}))
        ->check(CLI::Range(uint64_t{100'000}, uint64_t{100'000'000'000}))
        ->capture_default_str();
    command->add_option("--threads", options->threads, "Numbers of threads for parallel execution (default: all cores)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(1u, 1024u));
    command->add_option("--repeat", options->repeat, "Pairs of measurements of each block and number of threads")
        ->check(CLI::Range(1u, 1'000'000u))
        ->capture_default_str();
    command->add_option("--least-ms", options->least_ms, "Milliseconds that a measurement takes at least; 0: it is one execution")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    command->add_option("--group", options->groups, "NAME=WORKLOAD,...: workloads whose geometric mean is wanted")
        ->allow_extra_args(false)
        ->check(check_group);
    command->add_option("--seed", options->seed, "Other blocks of the same kinds")->capture_default_str();
    command->add_option("--read-latency", options->read_latency_us, "Microseconds that the first read of each location takes")
        ->check(CLI::Range(uint64_t{0}, uint64_t{1'000'000}))
        ->capture_default_str();
    command
        ->add_option("--queue-depth", options->queue_depth, "With --read-latency: reads of parallel execution that are under way at once")
        ->check(CLI::Range(2u, 1'000'000u))
        ->capture_default_str();
    command
        ->add_option("--io-threads", options->io_threads,
                     "With --read-latency: threads that wait for reads; 0: the store answers by itself")
        ->check(CLI::Range(0u, 4096u))
        ->capture_default_str();
    command->add_flag("--always-parallel", options->always_parallel, "On all threads, also where one should be faster");
    command->add_flag("--no-repair", options->no_repair, "Execute again instead of repairing sums in slots");
    command->add_flag("--machine-limit", options->machine_limit,
                      "Measure beside what as many independent executions gain on this machine; not with --read-latency");
    command->add_option("--simulate-threads", options->simulated_threads, "Numbers of threads to simulate the speed-up of, as 2,4,8,16")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(1u, 1024u));
    add_commit_options(*command, options->commit);
    command->add_option("--contracts", options->contracts, "The folder of compiled contracts")->capture_default_str();
    command->add_option("--json", options->json_file, "Write the results to this file");
    command->footer(examples_and_names());
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
