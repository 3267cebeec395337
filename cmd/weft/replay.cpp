// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/chrome_trace.hpp"
#include "cmd/weft/commands.hpp"
#include "cmd/weft/measure.hpp"
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
#include <memory>
#include <thread>
#include <type_traits>

namespace weft::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  weft replay examples/blocks
  weft replay --threads 8 --repeat 5 --json result.json blocks/
  weft replay --mode sequential blocks/mainnet-14029313.json.gz
  weft replay --mode parallel --shadow blocks/
  weft replay --threads 4 --timeline trace.json.gz blocks/mainnet-14029313.json.gz

compare (the default) executes every block in order, and beside it in the way that should be faster, and requires equality of
everything. auto does the latter alone. The column thr tells how many threads were chosen, 1 being execution in order;
--always-parallel, and whatever is about parallel execution alone, leaves no choice. Times are of execution in memory, with senders known, code analysis cold and nothing kept
from one repetition to the next; loading and the recovery of senders are reported apart. --with-recovery times both together:
senders are recovered on all threads, ahead of sequential execution and beside it.

--shadow makes sure, in modes parallel and auto too, that whatever is executed in parallel comes out as in sequential execution,
which is not timed then, and stops at the first block where it does not.

Of transactions that met conflicts, re-ex were executed again; repaired counts the slots, such as a token's balance, that were put right
without. --no-repair does without the latter.

--timeline writes what each worker did and when, for ui.perfetto.dev or chrome://tracing: executions and where they parked,
validations, repairs, conflicts with the account or slot whose value had changed and who wrote it last, repetitions, waits. With
--repeat it shows the last repetition. Recording takes time of its own: do not compare times taken with and without it.)";

struct Options {
    std::vector<std::string> paths;
    unsigned threads = 0;
    std::string mode = "compare";
    unsigned repeat = 1;
    bool with_recovery = false;
    bool shadow = false;
    bool always_parallel = false;
    bool no_repair = false;
    std::string json_file;
    std::string timeline_file;

    [[nodiscard]] bool is_timeline_wanted() const { return !timeline_file.empty(); }
    [[nodiscard]] execution::Choice choice() const {
        const bool is_parallel = always_parallel || mode == "parallel" || is_timeline_wanted();
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

class Replayer {
  public:
    explicit Replayer(const Options& options)
        : options_(options), recovery_(options.threads), executor_(options.threads, options.choice()), timeline_(options.threads) {
        if (options.is_timeline_wanted()) executor_.record(&timeline_);
    }

    [[nodiscard]] BlockReport replay(const std::filesystem::path& path);
    /// Of all blocks so far that were executed in parallel.
    [[nodiscard]] const ChromeTrace& trace() const noexcept { return trace_; }

  private:
    using Outcome = std::expected<void, Failure>;

    [[nodiscard]] Outcome replay(const std::filesystem::path& path, BlockReport& report);
    [[nodiscard]] Outcome execute(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report);
    [[nodiscard]] std::expected<ExecutionResult, std::string> run_in_parallel(fixtures::BlockFile& block,
                                                                              const execution::BlockInput& input, bool shadowed,
                                                                              double& time);
    [[nodiscard]] execution::BlockOptions options_of(const fixtures::BlockFile& block) const {
        return {.keep_effects = needs_effects(block), .repair_slots = !options_.no_repair};
    }
    [[nodiscard]] Outcome judge(const fixtures::BlockFile& block, fixtures::Verification& verification, BlockReport& report);
    template <typename Executor>
    [[nodiscard]] ExecutionResult run(Executor& executor, fixtures::BlockFile& block, const execution::BlockInput& input, double& time);
    /// Sequential execution recovers on the other threads meanwhile; the parallel executor brings its own.
    template <typename Executor>
    [[nodiscard]] ExecutionResult run_with_recovery(Executor& executor, fixtures::BlockFile& block, const execution::BlockInput& input);

    const Options& options_;
    ThreadPool recovery_;
    execution::SequentialExecutor sequential_;
    execution::BlockExecutor executor_;
    execution::Timeline timeline_;
    ChromeTrace trace_;
    std::optional<ExecutionResult> sequential_result_;
    std::optional<ExecutionResult> parallel_result_;
};

BlockReport Replayer::replay(const std::filesystem::path& path) {
    BlockReport report;
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
    return judge(*block, verification, report);
}

template <typename Executor>
ExecutionResult Replayer::run(Executor& executor, fixtures::BlockFile& block, const execution::BlockInput& input, double& time) {
    block.pre_state.forget_analysis();
    const Clock::time_point start = Clock::now();
    ExecutionResult result =
        options_.with_recovery ? run_with_recovery(executor, block, input) : executor.execute(input, block.pre_state, options_of(block));
    time = milliseconds_since(start);
    return result;
}

template <typename Executor>
ExecutionResult Replayer::run_with_recovery(Executor& executor, fixtures::BlockFile& block, const execution::BlockInput& input) {
    types::SenderRecovery recovery(input.transactions, input.rules.revision);
    execution::BlockInput ahead = input;
    ahead.senders = recovery.senders();
    ahead.recovery = &recovery;
    ExecutionResult result = std::unexpected(execution::BlockError{});
    const auto execute = [&] { result = executor.execute(ahead, block.pre_state, options_of(block)); };
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

Replayer::Outcome Replayer::execute(fixtures::BlockFile& block, const execution::BlockInput& input, BlockReport& report) {
    const bool in_parallel = options_.mode != "sequential";
    const bool in_order = options_.mode == "sequential" || options_.mode == "compare";
    sequential_result_.reset();
    parallel_result_.reset();
    timeline_.clear();
    const auto differ = [&](std::string_view what) {
        return std::unexpected(Failure{Failure::Kind::executors_differ, fmt::format("{}: block {}: {}", report.file, report.number, what)});
    };

    std::vector<double> sequential_times;
    std::vector<double> parallel_times;
    for (unsigned i = 0; i < options_.repeat; ++i) {
        if (in_order) {
            ExecutionResult result = run(sequential_, block, input, sequential_times.emplace_back());
            if (sequential_result_ && *sequential_result_ != result) return differ("sequential execution gave two different results");
            sequential_result_ = std::move(result);
        }
        if (in_parallel) {
            auto result = run_in_parallel(block, input, options_.shadow && !in_order, parallel_times.emplace_back());
            if (!result) return differ(fmt::format("parallel execution {}", result.error()));
            report.reexecutions += executor_.statistics().reexecutions;
            report.repaired += executor_.statistics().repaired;
            report.workers = executor_.statistics().threads;
            const auto& before = sequential_result_ ? sequential_result_ : parallel_result_;
            if (const auto found = before ? execution::difference(*before, *result) : std::nullopt)
                return differ(
                    fmt::format("parallel execution differs from {}: {}", in_order ? "sequential execution" : "the time before", *found));
            parallel_result_ = *std::move(result);
        }
    }
    if (in_order) report.sequential_ms = median(std::move(sequential_times));
    if (in_parallel) report.parallel_ms = median(std::move(parallel_times));
    report.reexecutions /= options_.repeat;
    report.repaired /= options_.repeat;
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

int run(Options& options) {
    if (options.mode == "sequential" && (options.is_timeline_wanted() || options.shadow)) {
        fmt::print(stderr, "weft replay: {} is about parallel execution, which --mode sequential does without\n",
                   options.shadow ? "--shadow" : "--timeline");
        return kBadInput;
    }
    if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
    constexpr std::string_view kEndings[] = {".json", ".json.gz"};
    const auto files = fixtures::find_fixtures(options.paths, kEndings);
    if (!files) {
        fmt::print(stderr, "weft replay: {}\n", files.error().message);
        return kBadInput;
    }
    Replayer replayer(options);
    ReplayReport report{
        .threads = options.threads, .mode = options.mode, .repeat = options.repeat, .with_recovery = options.with_recovery, .blocks = {}};
    {
        Progress progress(files->size());
        for (const std::filesystem::path& file : *files) {
            report.blocks.push_back(replayer.replay(file));
            progress.advance(file.filename().string());
            if (options.shadow && report.blocks.back().executors_differ) break;
        }
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
    command->add_option("--repeat", options->repeat, "Executions of each block; times are medians")
        ->check(CLI::Range(1u, 1'000'000u))
        ->capture_default_str();
    command->add_flag("--with-recovery", options->with_recovery, "Times include the recovery of senders on all threads");
    command->add_flag("--shadow", options->shadow, "Execute sequentially as well, and stop at the first difference");
    command->add_flag("--always-parallel", options->always_parallel, "On all threads, also where one should be faster");
    command->add_flag("--no-repair", options->no_repair, "Execute again instead of repairing sums in slots");
    command->add_option("--json", options->json_file, "Write the results to this file");
    command->add_option("--timeline", options->timeline_file, "Write what each worker did to this file, as a Chrome trace");
    command->footer(kExamples);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
