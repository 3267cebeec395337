// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commands.hpp"
#include "cmd/weft/executed_block.hpp"
#include "cmd/weft/progress.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/prediction/accuracy.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

namespace weft::cli {
namespace {

using execution::prediction::Accuracy;
using execution::prediction::HintAccuracy;
using json::json_string;
using json::JsonItems;

constexpr const char* kExamples = R"(Examples:
  weft hints examples/blocks
  weft hints --threads 4 --repeat 10 --json hints.json blocks/

For each block, what is foretold of it by a predictor that has learnt from all the others, later ones too, and from nothing of
the block itself. "slots" are the slots that its transactions access, each counted once for each transaction. "conflicts" are
those that a transaction writes and a later one accesses: what hints are for. Precision is the share of what was foretold that
happened, recall the share of what happened that was foretold. Repeated executions are means of parallel executions without
hints, with these, and with what sequential execution accessed as hints; every result is compared with the sequential one.)";

struct Options {
    std::vector<std::string> paths;
    unsigned threads = 0;
    unsigned repeat = 5;
    std::string json_file;
};

/// Means of one block, sums of several.
struct Reexecutions {
    double without = 0;
    double foretold = 0;
    double recorded = 0;
};

struct Row {
    std::string name;
    std::string fork;
    size_t transactions = 0;
    HintAccuracy accuracy{};
    Reexecutions reexecutions{};
};

// ---- The report ----

std::string cells_of(const Accuracy& accuracy) {
    const auto percent = [](uint64_t of, double share) { return of == 0 ? std::string("-") : fmt::format("{:.1f}", share * 100); };
    return fmt::format("{:>8} {:>7} {:>7}", accuracy.happened, percent(accuracy.foretold, accuracy.precision()),
                       percent(accuracy.happened, accuracy.recall()));
}

std::string line_of(const Row& row) {
    return fmt::format("{:<28} {:<16} {:>5} {} {} {:>8.1f} {:>8.1f} {:>8.1f}\n", row.name, row.fork, row.transactions,
                       cells_of(row.accuracy.slots), cells_of(row.accuracy.conflicts), row.reexecutions.without, row.reexecutions.foretold,
                       row.reexecutions.recorded);
}

Row total_of(const std::vector<Row>& rows) {
    Row total{.name = "total", .fork = {}};
    for (const Row& row : rows) {
        total.transactions += row.transactions;
        total.accuracy += row.accuracy;
        total.reexecutions.without += row.reexecutions.without;
        total.reexecutions.foretold += row.reexecutions.foretold;
        total.reexecutions.recorded += row.reexecutions.recorded;
    }
    return total;
}

std::string to_table(const std::vector<Row>& rows, const Options& options) {
    std::string table = fmt::format("{:<28} {:<16} {:>5} {:>8} {:>7} {:>7} {:>8} {:>7} {:>7} {:>8} {:>8} {:>8}\n", "block", "fork", "txs",
                                    "slots", "prec %", "recall", "confl.", "prec %", "recall", "re-ex", "hinted", "recorded");
    for (const Row& row : rows) table += line_of(row);
    table += line_of(total_of(rows));
    table += fmt::format("repeated executions on {} threads, means of {}\n", options.threads, options.repeat);
    return table;
}

std::string json_of(const Accuracy& accuracy) {
    JsonItems json;
    json.add("foretold", fmt::format("{}", accuracy.foretold));
    json.add("happened", fmt::format("{}", accuracy.happened));
    json.add("right", fmt::format("{}", accuracy.right));
    json.add("precision", fmt::format("{:.6f}", accuracy.precision()));
    json.add("recall", fmt::format("{:.6f}", accuracy.recall()));
    return json.object();
}

JsonItems json_of(const Row& row) {
    JsonItems json;
    json.add("name", json_string(row.name));
    json.add("fork", json_string(row.fork));
    json.add("transactions", fmt::format("{}", row.transactions));
    json.add("slots", json_of(row.accuracy.slots));
    json.add("conflicts", json_of(row.accuracy.conflicts));
    JsonItems reexecutions;
    reexecutions.add("without", fmt::format("{:.3f}", row.reexecutions.without));
    reexecutions.add("foretold", fmt::format("{:.3f}", row.reexecutions.foretold));
    reexecutions.add("recorded", fmt::format("{:.3f}", row.reexecutions.recorded));
    json.add("reexecutions", reexecutions.object());
    return json;
}

std::string to_json(const std::vector<Row>& rows, const Options& options) {
    JsonItems blocks;
    for (const Row& row : rows) blocks.add(json_of(row).object());
    JsonItems json;
    json.add("threads", fmt::format("{}", options.threads));
    json.add("repeat", fmt::format("{}", options.repeat));
    json.add("blocks", blocks.array());
    json.add("total", json_of(total_of(rows)).object());
    return json.object() + "\n";
}

// ---- The work ----

/// How often transactions are executed again, on average; nullopt: the result is not the sequential one.
std::optional<double> count_reexecutions(execution::ParallelExecutor& executor, ExecutedBlock& block, const execution::AccessHints* hints,
                                         unsigned repeat) {
    execution::BlockInput input = block.input();
    input.hints = hints;
    uint64_t reexecutions = 0;
    for (unsigned i = 0; i < repeat; ++i) {
        const auto result = executor.execute(input, block.file.pre_state);
        if (!result || *result != block.result) return std::nullopt;
        reexecutions += executor.statistics().reexecutions;
    }
    return static_cast<double>(reexecutions) / repeat;
}

/// nullopt: a result is not the sequential one.
std::optional<Row> examine(std::vector<ExecutedBlock>& blocks, size_t which, execution::ParallelExecutor& executor, unsigned repeat) {
    ExecutedBlock& block = blocks[which];
    const execution::ListedHints hints = foretell_from_others(blocks, which);
    const auto without = count_reexecutions(executor, block, nullptr, repeat);
    const auto foretold = count_reexecutions(executor, block, &hints, repeat);
    const auto recorded = count_reexecutions(executor, block, &block.accesses, repeat);
    if (!without || !foretold || !recorded) return std::nullopt;
    const size_t transactions = block.file.transactions.size();
    return Row{.name = block.name,
               .fork = block.file.fork,
               .transactions = transactions,
               .accuracy = execution::prediction::accuracy_of(hints, block.accesses, transactions),
               .reexecutions = {.without = *without, .foretold = *foretold, .recorded = *recorded}};
}

Result<std::vector<ExecutedBlock>> read_blocks(const Options& options) {
    constexpr std::string_view kEndings[] = {".json", ".json.gz"};
    const auto files = fixtures::find_fixtures(options.paths, kEndings);
    if (!files) return std::unexpected(files.error());
    std::vector<ExecutedBlock> blocks;
    ThreadPool pool(options.threads);
    Progress progress(files->size());
    for (const std::filesystem::path& file : *files) {
        auto block = read_and_execute(file, pool);
        if (!block) return std::unexpected(block.error());
        blocks.push_back(*std::move(block));
        progress.advance(file.filename().string());
    }
    return blocks;
}

int run(Options& options) {
    if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
    auto blocks = read_blocks(options);
    if (!blocks) {
        fmt::print(stderr, "weft hints: {}\n", blocks.error().message);
        return kBadInput;
    }
    execution::ParallelExecutor executor(options.threads);
    std::vector<Row> rows;
    {
        Progress progress(blocks->size());
        for (size_t i = 0; i < blocks->size(); ++i) {
            const auto row = examine(*blocks, i, executor, options.repeat);
            if (!row) {
                fmt::print(stderr, "weft hints: {}: parallel differs from sequential execution\n", (*blocks)[i].name);
                return kFailure;
            }
            rows.push_back(*row);
            progress.advance(row->name);
        }
    }
    fmt::print("{}", to_table(rows, options));
    if (options.json_file.empty()) return kSuccess;
    const auto written = fixtures::write_file(options.json_file, to_json(rows, options));
    if (written) return kSuccess;
    fmt::print(stderr, "weft hints: {}\n", written.error().message);
    return kBadInput;
}

}  // namespace

void add_hints(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("hints", "How well the accesses of recorded blocks are foretold, and what it spares");
    command->add_option("paths", options->paths, "Block files (.json, .json.gz), or folders of them")->required();
    command->add_option("--threads", options->threads, "Threads for parallel execution (default: all cores)")->check(CLI::Range(1u, 1024u));
    command->add_option("--repeat", options->repeat, "Parallel executions of each block and kind of hints")
        ->check(CLI::Range(1u, 1'000'000u))
        ->capture_default_str();
    command->add_option("--json", options->json_file, "Write the results to this file");
    command->footer(kExamples);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
