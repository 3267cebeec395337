// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/chrome_trace.hpp"
#include "cmd/weft/commands.hpp"
#include "cmd/weft/commit_report.hpp"
#include "cmd/weft/executed_block.hpp"
#include "cmd/weft/machine_limit.hpp"
#include "cmd/weft/measure.hpp"
#include "cmd/weft/paired_times.hpp"
#include "cmd/weft/progress.hpp"
#include "cmd/weft/replay_report.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/execution/block_executor.hpp"
#include "weft/execution/shadow_executor.hpp"
#include "weft/fixtures/block_file.hpp"
#include "weft/fixtures/block_verification.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/types/sender_recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <type_traits>

namespace weft::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  weft replay examples/blocks
  weft replay --threads 8 --repeat 31 --group swaps=13217637,17666333 --json result.json blocks/
  weft replay --threads 2 --repeat 31 --hints others --simulate-threads 2,4,8,16 blocks/
  weft replay --threads 2 --repeat 31 --machine-limit blocks/
  weft replay --mode sequential blocks/mainnet-14029313.json.gz
  weft replay --mode parallel --shadow blocks/
  weft replay --threads 2 --repeat 31 --mode auto --commit rocksdb blocks/
  weft replay --threads 4 --timeline trace.json.gz blocks/mainnet-14029313.json.gz

compare (the default) executes every block in order, and beside it in the way that should be faster, and requires equality of
everything. auto does the latter alone. The column thr tells how many threads were chosen, 1 being execution in order;
--always-parallel, and whatever is about parallel execution alone, leaves no choice. Times are of execution in memory, with senders known, code analysis cold and nothing kept
from one repetition to the next; loading and the recovery of senders are reported apart. --with-recovery times both together:
senders are recovered on all threads, ahead of sequential execution and beside it.

--repeat measures in pairs: in order and in parallel, one right after the other, and the other way round in every second pair. A
measurement is made of as many executions as take --least-ms together. The speed-up is the median of the pairs' ratios, beside the
interval between two of them that holds the true median with a confidence of 95 percent whatever the distribution; it needs six
pairs, and thirty are a fair number. The row total compares the sums over all blocks, pair by pair; geometric means, of all blocks and
of each --group, weigh blocks alike.

Of transactions that met conflicts, re-ex were executed again; repaired counts the slots, such as a token's balance, that were put right
without. --no-repair does without the latter. Repaired slots, and counters that were foretold (in the JSON), are met as in a block
whose predecessor had none.

--hints measures parallel execution with hints right beside the one without: self, what the block itself was seen to access, which is
the best there can be; or others, what is foretold by a predictor that has learnt from all other blocks given and from nothing of
this one (weft hints says how well). Making hints is not timed.

--shadow makes sure, in modes parallel and auto too, that whatever is executed in parallel comes out as in sequential execution,
which is not timed then, and stops at the first block where it does not.

--timeline writes what each worker did and when, for ui.perfetto.dev or chrome://tracing: executions and where they parked,
validations, repairs, conflicts with the account or slot whose value had changed and who wrote it last, repetitions, waits. With
--repeat it shows the last repetition. Recording takes time of its own: do not compare times taken with and without it.)";

struct Options {
    std::vector<std::string> paths;
    unsigned threads = 0;
    std::string mode = "compare";
    unsigned repeat = 1;
    double least_ms = 5;
    std::vector<std::string> groups;
    bool with_recovery = false;
    bool shadow = false;
    bool always_parallel = false;
    bool no_repair = false;
    bool machine_limit = false;
    std::string hints = "none";
    std::vector<unsigned> simulated_threads;
    CommitOptions commit;
    std::string json_file;
    std::string timeline_file;

    [[nodiscard]] bool is_in_order() const { return mode == "sequential" || mode == "compare"; }
    [[nodiscard]] bool is_in_parallel() const { return mode != "sequential"; }
    [[nodiscard]] bool are_hints_wanted() const { return hints != "none"; }
    [[nodiscard]] bool is_timeline_wanted() const { return !timeline_file.empty(); }
    [[nodiscard]] execution::Choice choice() const {
        const bool is_parallel = always_parallel || mode == "parallel" || is_timeline_wanted() || are_hints_wanted();
        return is_parallel ? execution::Choice::always_parallel : execution::Choice::cheapest;
    }
};

using ExecutionResult = execution::BlockOutcome;

struct Failure {
    enum class Kind : uint8_t {
        bad_input,         ///< The file cannot be used.
        mismatch,          ///< Execution does not give what the file says.
        executors_differ,  ///< Ours, whatever the file says.
    };
    Kind kind;
    std::string message;
};

/// One way of executing a block, and what it came to so far.
struct Way {
    explicit Way(double least_ms) : measurement(least_ms) {}

    Measurement measurement;
    std::vector<double> ms;
    uint64_t executions = 0;
    uint64_t reexecutions = 0;
    uint64_t repaired = 0;
    uint64_t foretold = 0;
};

/// A block that is executed again and again.
struct Course {
    Course(fixtures::BlockFile& file, const execution::BlockInput& block_input, double least_ms)
        : block(file), input(block_input), together(least_ms), in_order(least_ms), parallel(least_ms), hinted(least_ms) {}

    fixtures::BlockFile& block;
    const execution::BlockInput& input;
    std::optional<IndependentExecutions> independent;  ///< With --machine-limit.
    Way together;                                      ///< All of those at the same time.
    std::vector<double> line_ns;                       ///< Beside that.
    Way in_order;
    Way parallel;
    Way hinted;  ///< In parallel too.
};

class Replayer {
  public:
    explicit Replayer(const Options& options)
        : options_(options), recovery_(options.threads), executor_(options.threads, options.choice()), timeline_(options.threads) {
        if (options.is_timeline_wanted()) executor_.record(&timeline_);
    }

    /// With --hints others: reads and executes what there is to learn from. What cannot be read has nothing to say here.
    void learn(const std::vector<std::filesystem::path>& files);
    [[nodiscard]] BlockReport replay(const std::filesystem::path& path);
    /// Of all blocks so far that were executed in parallel.
    [[nodiscard]] const ChromeTrace& trace() const noexcept { return trace_; }

  private:
    using Outcome = std::expected<void, Failure>;

    [[nodiscard]] Outcome replay(const std::filesystem::path& path, BlockReport& report);
    [[nodiscard]] Outcome execute(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report);
    void summarise(const Course& course, BlockReport& report) const;
    void simulate(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report) const;
    /// For the block that is replayed, as --hints says.
    [[nodiscard]] std::unique_ptr<execution::AccessHints> make_hints(fixtures::BlockFile& block, const execution::BlockInput& input);
    /// Makes the independent executions. They are compared with a first execution in order, which is not timed.
    void begin_machine_limit(Course& course);
    /// Measures once more. Error: results differ, and how.
    [[nodiscard]] std::expected<void, std::string> measure_together(Course& course);
    [[nodiscard]] std::expected<void, std::string> measure_in_order(Course& course);
    [[nodiscard]] std::expected<void, std::string> measure_in_parallel(Course& course, Way& way, const execution::BlockInput& input);
    [[nodiscard]] std::expected<ExecutionResult, std::string> run_in_parallel(fixtures::BlockFile& block,
                                                                              const execution::BlockInput& input, bool shadowed,
                                                                              double& time);
    /// Whole blocks with commit, in the way that is not sequential, if there is one.
    [[nodiscard]] Outcome measure_commits(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report);
    [[nodiscard]] Outcome judge(const fixtures::BlockFile& block, fixtures::Verification& verification, BlockReport& report);
    template <typename Executor>
    [[nodiscard]] ExecutionResult run(Executor& executor, fixtures::BlockFile& block, const execution::BlockInput& input, double& time);
    /// Sequential execution recovers on the other threads meanwhile; the parallel executor brings its own.
    template <typename Executor>
    [[nodiscard]] ExecutionResult run_on(state::StateView& view, Executor& executor, const fixtures::BlockFile& block,
                                         const execution::BlockInput& input);
    [[nodiscard]] execution::BlockOptions options_of(const fixtures::BlockFile& block) const {
        return {.keep_effects = needs_effects(block), .repair_slots = !options_.no_repair};
    }

    const Options& options_;
    ThreadPool recovery_;
    execution::SequentialExecutor sequential_;
    execution::BlockExecutor executor_;
    execution::Timeline timeline_;
    ChromeTrace trace_;
    std::vector<ExecutedBlock> learnt_;
    std::vector<std::filesystem::path> learnt_files_;
    std::filesystem::path file_;  ///< That is replayed.
    std::optional<ExecutionResult> sequential_result_;
    std::optional<ExecutionResult> parallel_result_;
};

BlockReport Replayer::replay(const std::filesystem::path& path) {
    BlockReport report;
    file_ = path;
    report.file = path.string();
    if (const Outcome outcome = replay(path, report); !outcome) {
        report.verified = false;
        report.is_bad_input = outcome.error().kind == Failure::Kind::bad_input;
        report.executors_differ = outcome.error().kind == Failure::Kind::executors_differ;
        report.error = outcome.error().message;
    }
    return report;
}

Replayer::Outcome Replayer::replay(const std::filesystem::path& path, BlockReport& report) {
    const auto bad_input = [](std::string message) { return std::unexpected(Failure{Failure::Kind::bad_input, std::move(message)}); };
    const Clock::time_point start = Clock::now();
    auto block = fixtures::read_block_file(path);
    if (!block) return bad_input(block.error().message);
    report.load_ms = milliseconds_since(start);
    report.describe(*block);

    const Clock::time_point recovery_start = Clock::now();
    const auto senders = types::recover_senders(block->transactions, block->rules.revision, recovery_);
    report.recovery_ms = milliseconds_since(recovery_start);
    if (const auto unknown = std::ranges::find_if(senders, [](const auto& sender) { return !sender; }); unknown != senders.end())
        return bad_input(fmt::format("{}: transaction {}: invalid signature", path.string(), unknown - senders.begin()));

    fixtures::Verification verification;
    fixtures::verify_input(*block, senders, verification);
    if (const fixtures::Check* mismatch = verification.first_mismatch())
        return bad_input(fmt::format("{}: block {}: {}", path.string(), report.number, to_string(*mismatch)));

    const Outcome executed = execute(*block, block->input(senders), report);
    if (!timeline_.is_empty()) trace_.add(report.name(), block->transactions, timeline_);
    if (!executed) return executed;
    if (const Outcome judged = judge(*block, verification, report); !judged) return judged;
    return measure_commits(*block, block->input(senders), report);
}

template <typename Executor>
ExecutionResult Replayer::run(Executor& executor, fixtures::BlockFile& block, const execution::BlockInput& input, double& time) {
    block.pre_state.forget_analysis();
    const Clock::time_point start = Clock::now();
    ExecutionResult result = run_on(block.pre_state, executor, block, input);
    time = milliseconds_since(start);
    return result;
}

template <typename Executor>
ExecutionResult Replayer::run_on(state::StateView& view, Executor& executor, const fixtures::BlockFile& block,
                                 const execution::BlockInput& input) {
    // It would know the block from the last time.
    if constexpr (std::is_same_v<Executor, execution::BlockExecutor>) executor.forget_slots();
    if (!options_.with_recovery) return executor.execute(input, view, options_of(block));
    types::SenderRecovery recovery(input.transactions, input.rules.revision);
    execution::BlockInput ahead = input;
    ahead.senders = recovery.senders();
    ahead.recovery = &recovery;
    ExecutionResult result = std::unexpected(execution::BlockError{});
    const auto execute = [&] { result = executor.execute(ahead, view, options_of(block)); };
    if constexpr (std::is_same_v<Executor, execution::SequentialExecutor>) {
        recovery_.run([&](unsigned worker) { worker == 0 ? execute() : recovery.work(); });
    } else {
        execute();
    }
    return result;
}

/// Error: a difference from sequential execution, looked for if `shadowed`.
std::expected<ExecutionResult, std::string> Replayer::run_in_parallel(fixtures::BlockFile& block, const execution::BlockInput& input,
                                                                      bool shadowed, double& time) {
    const auto watched = [&](const auto&, auto&, const auto&) { return run(executor_, block, input, time); };
    if (!shadowed) return watched(input, block.pre_state, execution::BlockOptions{});
    return execution::ShadowExecutor(watched).execute(input, block.pre_state, options_of(block));
}

/// execute(ms) executes once, says how long it took, and returns what is wrong with the result, if anything is.
template <typename Execute>
std::expected<void, std::string> measure(Way& way, const Execute& execute) {
    std::optional<std::string> problem;
    way.ms.push_back(way.measurement.measure([&] {
        double ms = 0;
        if (!problem) problem = execute(ms);
        ++way.executions;
        return problem ? std::numeric_limits<double>::infinity() : ms;
    }));
    if (problem) return std::unexpected(*std::move(problem));
    return {};
}

void Replayer::begin_machine_limit(Course& course) {
    double not_timed = 0;
    sequential_result_ = run(sequential_, course.block, course.input, not_timed);
    course.independent.emplace(options_.threads, course.input, course.block.pre_state, options_of(course.block));
}

std::expected<void, std::string> Replayer::measure_together(Course& course) {
    if (const auto ns = course.independent->line_ns(options_.threads)) course.line_ns.push_back(*ns);
    return measure(course.together, [&](double& ms) -> std::optional<std::string> {
        const auto spent = course.independent->execute(options_.threads, *sequential_result_);
        if (!spent) return spent.error();
        ms = *spent;
        return std::nullopt;
    });
}

std::expected<void, std::string> Replayer::measure_in_order(Course& course) {
    return measure(course.in_order, [&](double& ms) -> std::optional<std::string> {
        ExecutionResult result = run(sequential_, course.block, course.input, ms);
        if (sequential_result_ && *sequential_result_ != result) return "sequential execution gave two different results";
        sequential_result_ = std::move(result);
        return std::nullopt;
    });
}

std::expected<void, std::string> Replayer::measure_in_parallel(Course& course, Way& way, const execution::BlockInput& input) {
    return measure(way, [&](double& ms) -> std::optional<std::string> {
        auto result = run_in_parallel(course.block, input, options_.shadow && !options_.is_in_order(), ms);
        if (!result) return fmt::format("parallel execution {}", result.error());
        way.reexecutions += executor_.statistics().reexecutions;
        way.repaired += executor_.statistics().repaired;
        way.foretold += executor_.statistics().foretold;
        const auto& before = sequential_result_ ? sequential_result_ : parallel_result_;
        if (const auto found = before ? execution::difference(*before, *result) : std::nullopt)
            return fmt::format("parallel execution differs from {}: {}", sequential_result_ ? "sequential execution" : "the time before",
                               *found);
        parallel_result_ = *std::move(result);
        return std::nullopt;
    });
}

Replayer::Outcome Replayer::execute(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report) {
    sequential_result_.reset();
    parallel_result_.reset();
    timeline_.clear();
    Course course(block, input, options_.least_ms);
    // Each right beside what it is compared with: execution in order or, with hints, the one without.
    std::vector<std::function<std::expected<void, std::string>()>> turns;
    if (options_.machine_limit) {
        begin_machine_limit(course);
        turns.emplace_back([&] { return measure_together(course); });
    }
    if (options_.is_in_order()) turns.emplace_back([&] { return measure_in_order(course); });
    if (options_.is_in_parallel()) turns.emplace_back([&] { return measure_in_parallel(course, course.parallel, input); });
    execution::BlockInput hinted = input;
    const auto hints = options_.are_hints_wanted() ? make_hints(block, input) : nullptr;
    hinted.hints = hints.get();
    if (hints != nullptr) turns.emplace_back([&] { return measure_in_parallel(course, course.hinted, hinted); });
    for (unsigned i = 0; i < options_.repeat; ++i) {
        for (const auto& turn : turns)
            if (const auto measured = turn(); !measured)
                return std::unexpected(Failure{Failure::Kind::executors_differ,
                                               fmt::format("{}: block {}: {}", report.file, report.number, measured.error())});
        // Who comes first may be better or worse off.
        std::ranges::reverse(turns);
    }
    summarise(course, report);
    course.independent.reset();
    if (!options_.simulated_threads.empty()) simulate(block, input, report);
    return {};
}

void Replayer::summarise(const Course& course, BlockReport& report) const {
    if (options_.is_in_order()) report.sequential_ms = median(course.in_order.ms);
    if (!options_.is_in_parallel()) return;
    report.parallel_ms = median(course.parallel.ms);
    report.workers = executor_.statistics().threads;
    report.reexecutions = course.parallel.reexecutions / course.parallel.executions;
    report.repaired = course.parallel.repaired / course.parallel.executions;
    report.foretold = course.parallel.foretold / course.parallel.executions;
    if (options_.are_hints_wanted()) {
        report.hinted_pairs = {.before_ms = course.parallel.ms, .after_ms = course.hinted.ms};
        report.hinted_reexecutions = course.hinted.reexecutions / course.hinted.executions;
    }
    if (options_.is_in_order()) report.pairs = {.before_ms = course.in_order.ms, .after_ms = course.parallel.ms};
    report.limit = limit_of(options_.threads, report.pairs, {.ms = course.together.ms, .line_ns = course.line_ns});
}

void Replayer::simulate(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report) const {
    report.scaling.name = report.name();
    const auto curve =
        workloads::simulate_scaling(input, block.pre_state, [&] { block.pre_state.forget_analysis(); }, options_.simulated_threads);
    // A block that breaks a rule is judged later.
    if (curve && *curve) report.scaling.curve = **curve;
}

void Replayer::learn(const std::vector<std::filesystem::path>& files) {
    for (const std::filesystem::path& file : files) {
        auto block = read_and_execute(file, recovery_);
        if (!block) continue;
        learnt_.push_back(*std::move(block));
        learnt_files_.push_back(file);
    }
}

std::unique_ptr<execution::AccessHints> Replayer::make_hints(fixtures::BlockFile& block, const execution::BlockInput& input) {
    if (options_.hints == "self") {
        auto record = std::make_unique<execution::AccessRecord>();
        static_cast<void>(sequential_.execute(input, block.pre_state, {.accesses = record.get()}));
        return record;
    }
    const auto self = std::ranges::find(learnt_files_, file_);
    if (self == learnt_files_.end()) return std::make_unique<execution::ListedHints>();
    return std::make_unique<execution::ListedHints>(foretell_from_others(learnt_, static_cast<size_t>(self - learnt_files_.begin())));
}

Replayer::Outcome Replayer::measure_commits(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report) {
    if (!options_.commit.is_wanted()) return {};
    report.commit.name = report.name();
    report.commit.threads = options_.commit.threads;
    const auto leave_out = [&](std::string why) -> Outcome {
        report.commit.not_measured = std::move(why);
        return {};
    };
    if (!block.witness || !block.ommers) return leave_out(block.witness ? "no list of ommers" : "no witness");
    types::Block whole_block{.header = block.header,
                             .transactions = block.transactions,
                             .encoded_transactions = block.encoded_transactions,
                             .ommers = *block.ommers,
                             .withdrawals = block.withdrawals};
    auto whole = WholeBlock::open({.block = std::move(whole_block),
                                   .senders = input.senders,
                                   .pre_state = block.pre_state,
                                   .witness = &*block.witness,
                                   .pre_state_root = *block.pre_state_root,
                                   .result = sequential_result_ ? **sequential_result_ : **parallel_result_,
                                   .has_state_roots = needs_effects(block) && !block.transactions.empty()},
                                  options_.commit);
    if (!whole) return leave_out(whole.error().message);
    const auto failure = [&](const std::string& why) {
        return std::unexpected(Failure{Failure::Kind::mismatch, fmt::format("{}: block {}: {}", report.file, report.number, why)});
    };
    if ((*whole)->root() != block.header.state_root) return failure("the state root of the database is not the header's");
    const auto execute = [&](state::StateView& view) {
        return options_.is_in_parallel() ? run_on(view, executor_, block, input) : run_on(view, sequential_, block, input);
    };
    CommitCourse course(**whole, execute, options_.least_ms);
    for (unsigned i = 0; i < options_.repeat; ++i)
        if (const auto measured = course.measure_pair(i % 2 == 1, report.commit); !measured) return failure(measured.error().message);
    return {};
}

Replayer::Outcome Replayer::judge(const fixtures::BlockFile& block, fixtures::Verification& verification, BlockReport& report) {
    const ExecutionResult& result = sequential_result_ ? *sequential_result_ : *parallel_result_;
    if (!result)
        return std::unexpected(
            Failure{Failure::Kind::bad_input, fmt::format("{}: block {}: {}", report.file, report.number, to_string(result.error()))});
    fixtures::verify_result(block, *result, verification);
    if (const fixtures::Check* mismatch = verification.first_mismatch())
        return std::unexpected(
            Failure{Failure::Kind::mismatch, fmt::format("{}: block {}: {}", report.file, report.number, to_string(*mismatch))});
    report.not_checkable = verification.not_checkable();
    report.verified = true;
    return {};
}

bool write(const std::string& file, const std::string& content) {
    const auto written = fixtures::write_file(file, content);
    if (!written) fmt::print(stderr, "weft replay: {}\n", written.error().message);
    return written.has_value();
}

/// Why the options do not go together; empty: they do.
std::string conflict_of(const Options& options) {
    if (options.mode == "sequential" && (options.is_timeline_wanted() || options.shadow || options.are_hints_wanted())) {
        const char* const option = options.shadow ? "--shadow" : options.are_hints_wanted() ? "--hints" : "--timeline";
        return fmt::format("{} is about parallel execution, which --mode sequential does without", option);
    }
    if (options.machine_limit && options.mode != "compare")
        return fmt::format("--machine-limit stands beside execution in order and in parallel: it needs --mode compare, not {}",
                           options.mode);
    if (options.machine_limit && options.with_recovery)
        return "--machine-limit is about execution with senders known, and --with-recovery is not";
    return {};
}

int run(Options& options) {
    if (const std::string conflict = conflict_of(options); !conflict.empty()) {
        fmt::print(stderr, "weft replay: {}\n", conflict);
        return kBadInput;
    }
    if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
    constexpr std::string_view kEndings[] = {".json", ".json.gz"};
    const auto files = fixtures::find_fixtures(options.paths, kEndings);
    if (!files) {
        fmt::print(stderr, "weft replay: {}\n", files.error().message);
        return kBadInput;
    }
    options.commit.threads = options.is_in_parallel() ? options.threads : 1;
    Replayer replayer(options);
    if (options.hints == "others") replayer.learn(*files);
    ReplayReport report{.threads = options.threads,
                        .mode = options.mode,
                        .repeat = options.repeat,
                        .with_recovery = options.with_recovery,
                        .least_ms = options.least_ms,
                        .hints = options.hints,
                        .machine_limit = options.machine_limit,
                        .commit = options.commit,
                        .groups = parse_groups(options.groups),
                        .blocks = {}};
    {
        Progress progress(files->size());
        for (const std::filesystem::path& file : *files) {
            report.blocks.push_back(replayer.replay(file));
            progress.advance(file.filename().string());
            if (options.shadow && report.blocks.back().executors_differ) break;
        }
    }
    if (const auto unknown = report.unknown_member()) {
        fmt::print(stderr, "weft replay: --group: {}: no such block\n", *unknown);
        return kBadInput;
    }
    fmt::print("{}", to_table(report));
    for (const BlockReport& block : report.blocks)
        if (!block.verified) fmt::print(stderr, "weft replay: {}\n", block.error);
    if (report.blocks.size() < files->size())
        fmt::print(stderr, "weft replay: stopped at the first difference, {} files before the end\n", files->size() - report.blocks.size());
    if (!options.json_file.empty() && !write(options.json_file, to_json(report))) return kBadInput;
    if (options.is_timeline_wanted() && !write(options.timeline_file, replayer.trace().json())) return kBadInput;
    if (std::ranges::any_of(report.blocks, &BlockReport::is_bad_input)) return kBadInput;
    return std::ranges::all_of(report.blocks, &BlockReport::verified) ? kSuccess : kFailure;
}

}  // namespace

void add_replay(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("replay", "Execute recorded blocks and check everything they must give");
    command->add_option("paths", options->paths, "Block files (.json, .json.gz), or folders of them")->required();
    command->add_option("--threads", options->threads, "Threads for parallel execution (default: all cores)")->check(CLI::Range(1u, 1024u));
    command->add_option("--mode", options->mode, "sequential, parallel, compare (sequential and auto) or auto")
        ->check(CLI::IsMember({"sequential", "parallel", "compare", "auto"}))
        ->capture_default_str();
    command->add_option("--repeat", options->repeat, "Pairs of measurements of each block")
        ->check(CLI::Range(1u, 1'000'000u))
        ->capture_default_str();
    command->add_option("--least-ms", options->least_ms, "Milliseconds that a measurement takes at least; 0: it is one execution")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    command->add_option("--group", options->groups, "NAME=BLOCK,...: blocks, by name or number, whose geometric mean is wanted")
        ->allow_extra_args(false)
        ->check(check_group);
    command->add_flag("--with-recovery", options->with_recovery,
                      "Times include the recovery of senders on all threads, those of --commit as well");
    command->add_flag("--shadow", options->shadow, "Execute sequentially as well, and stop at the first difference");
    command->add_flag("--always-parallel", options->always_parallel, "On all threads, also where one should be faster");
    command->add_flag("--no-repair", options->no_repair, "Execute again instead of repairing sums in slots");
    command->add_flag("--machine-limit", options->machine_limit,
                      "Measure beside what as many independent executions gain on this machine; needs --mode compare");
    command->add_option("--hints", options->hints, "Measure with hints beside: self, others (learnt from the other blocks) or none")
        ->check(CLI::IsMember({"self", "others", "none"}))
        ->capture_default_str();
    command->add_option("--simulate-threads", options->simulated_threads, "Numbers of threads to simulate the speed-up of, as 2,4,8,16")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(1u, 1024u));
    add_commit_options(*command, options->commit);
    command->add_option("--json", options->json_file, "Write the results to this file");
    command->add_option("--timeline", options->timeline_file, "Write what each worker did to this file, as a Chrome trace");
    command->footer(std::string(kExamples) + "\n\n" + kLimitHelp + "\n\n" + kCommitHelp + "\n\n" + kScalingHelp);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
