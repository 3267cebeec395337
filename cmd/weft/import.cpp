// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commands.hpp"
#include "cmd/weft/progress.hpp"
#include "cmd/weft/stop_signal.hpp"
#include "weft/base/hex.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"
#include "weft/node/importer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace weft::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kExamples = R"(Examples:
  weft import --datadir data --genesis mainnet mainnet-0-8191.rlp.gz
  weft import --datadir data --genesis genesis.json --threads 8 chain.rlp more.rlp
  weft import --datadir data --genesis genesis.json --sync-every 1 --json report.json chain.rlp

Files hold the RLP of one block after the other, plain or as gzip; `weft db export` writes such files. Blocks that the database
has already are skipped, so an import that was broken off goes on where it was when it is started again. After a crash
the database has every block up to the durable head, and perhaps some more.

The first SIGINT or SIGTERM ends the import after the block that is under way.
Exit code: 1 an invalid block, 2 a file or the database cannot be used, 3 stopped by a signal. The good blocks before stay.)";

struct Options {
    std::filesystem::path datadir;
    std::string genesis;
    std::vector<std::string> files;
    unsigned threads = 0;
    unsigned io_threads = 32;
    uint64_t cache_mib = 512;
    uint64_t history = 128;
    uint64_t sync_blocks = 1024;
    bool no_overlap = false;
    std::string json_file;
};

int complain(std::string_view message, int exit_code) {
    fmt::print(stderr, "weft import: {}\n", message);
    return exit_code;
}

Result<chain::Genesis> read_genesis(const std::string& name) {
    if (std::ranges::find(chain::builtin_networks(), name) != chain::builtin_networks().end()) return chain::builtin_genesis(name);
    const auto text = fixtures::read_file(name, {.max_size = chain::kMaxGenesisSize});
    if (!text) return std::unexpected(text.error());
    auto genesis = chain::parse_genesis(*text);
    if (!genesis) return fail(fmt::format("{}: {}", name, genesis.error().message));
    return genesis;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Blocks and gas of an import, and how fast.
struct Rates {
    const node::ImportProgress& done;
    double seconds;

    [[nodiscard]] double blocks() const { return seconds > 0 ? static_cast<double>(done.blocks) / seconds : 0; }
    [[nodiscard]] double megagas() const { return seconds > 0 ? static_cast<double>(done.gas) / 1e6 / seconds : 0; }
};

std::string duration_text(double seconds) {
    const auto whole = static_cast<uint64_t>(seconds + 0.5);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// One line of progress. What is left is judged by the bytes of the files.
std::string line_of(const node::ImportProgress& done, double seconds, uint64_t bytes_total) {
    const Rates rates{.done = done, .seconds = seconds};
    const double left = done.bytes_read == 0 ? 0
                                             : seconds * static_cast<double>(bytes_total - std::min(bytes_total, done.bytes_read)) /
                                                   static_cast<double>(done.bytes_read);
    return fmt::format("block {}, {:.0f} blocks/s, {:.1f} Mgas/s, {} left", done.head.number, rates.blocks(), rates.megagas(),
                       duration_text(left));
}

std::string block_text(const std::optional<db::BlockId>& block) {
    return block ? fmt::format("{} {}", block->number, to_hex(block->hash)) : "none";
}

std::string to_text(const node::ImportProgress& done, double seconds) {
    const Rates rates{.done = done, .seconds = seconds};
    return fmt::format(
        "imported {} blocks with {} transactions and {:.3f} Mgas in {:.2f} s ({:.0f} blocks/s, {:.1f} Mgas/s), skipped {}\n"
        "head          {}\ndurable head  {}\n",
        done.blocks, done.transactions, static_cast<double>(done.gas) / 1e6, seconds, rates.blocks(), rates.megagas(), done.skipped,
        block_text(done.head), block_text(done.durable_head));
}

std::string json_of(const std::optional<db::BlockId>& block) {
    if (!block) return "null";
    json::JsonItems items;
    items.add("number", fmt::format("{}", block->number));
    items.add("hash", json::json_string(to_hex(block->hash)));
    return items.object();
}

std::string to_json(const node::ImportResult& result, const Options& options, double seconds) {
    const node::ImportProgress& done = result.done;
    const Rates rates{.done = done, .seconds = seconds};
    json::JsonItems items;
    items.add("threads", fmt::format("{}", options.threads));
    items.add("overlap", options.no_overlap ? "false" : "true");
    items.add("blocks", fmt::format("{}", done.blocks));
    items.add("skipped", fmt::format("{}", done.skipped));
    items.add("transactions", fmt::format("{}", done.transactions));
    items.add("gas", fmt::format("{}", done.gas));
    items.add("seconds", fmt::format("{:.6f}", seconds));
    items.add("blocks_per_second", fmt::format("{:.3f}", rates.blocks()));
    items.add("mgas_per_second", fmt::format("{:.3f}", rates.megagas()));
    items.add("head", json_of(done.head));
    items.add("durable_head", json_of(done.durable_head));
    items.add("stopped", result.is_stopped ? "true" : "false");
    items.add("error", result.failure ? json::json_string(result.failure->message) : "null");
    return items.object() + "\n";
}

uint64_t total_size(const std::vector<std::string>& files) {
    uint64_t total = 0;
    for (const std::string& file : files) {
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        if (!error) total += size;
    }
    return total;
}

node::ImportResult import_files(const chain::Genesis& genesis, db::Database& database, const Options& options, Clock::time_point start) {
    const node::ImportOptions how{.files = {options.files.begin(), options.files.end()},
                                  .threads = options.threads,
                                  .overlaps = !options.no_overlap,
                                  .store = {.sync_blocks = options.sync_blocks, .io_threads = options.io_threads}};
    const uint64_t bytes_total = total_size(options.files);
    const StopSignal stop;
    Progress progress(bytes_total);
    return node::import_blocks(genesis, database, how, [&](const node::ImportProgress& done) {
        progress.show(done.bytes_read, line_of(done, seconds_since(start), bytes_total));
        return !stop.came();
    });
}

int exit_code_of(const node::ImportResult& result) {
    if (result.failure) return result.failure->kind == node::ImportFailure::Kind::invalid_block ? kFailure : kBadInput;
    return result.is_stopped ? kStopped : kSuccess;
}

int run(Options& options) {
    if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
    const auto genesis = read_genesis(options.genesis);
    if (!genesis) return complain(genesis.error().message, kBadInput);
    const Clock::time_point start = Clock::now();
    auto database = db::Database::open(options.datadir, {.cache_bytes = options.cache_mib << 20, .history_blocks = options.history},
                                       {.chain_id = genesis->spec.chain_id, .genesis_hash = genesis->hash});
    if (!database) {
        const db::Error& error = database.error();
        return complain(fmt::format("{}: {}: {}", options.datadir.string(), db::to_string(error.kind), error.context), kBadInput);
    }
    const node::ImportResult result = import_files(*genesis, **database, options, start);
    const double seconds = seconds_since(start);
    fmt::print("{}", to_text(result.done, seconds));
    if (result.failure) fmt::print(stderr, "weft import: {}\n", result.failure->message);
    if (result.is_stopped) fmt::print(stderr, "weft import: stopped by a signal\n");
    if (!options.json_file.empty()) {
        const auto written = fixtures::write_file(options.json_file, to_json(result, options, seconds));
        if (!written) return complain(written.error().message, kBadInput);
    }
    return exit_code_of(result);
}

}  // namespace

void add_import(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("import", "Validate, execute and keep the blocks of files");
    command->add_option("files", options->files, "Files of blocks: RLP one after the other, plain or gzip")->required();
    command->add_option("--datadir", options->datadir, "Folder of the database, which is created where there is none")->required();
    command->add_option("--genesis", options->genesis, "mainnet, sepolia, holesky, hoodi, or a genesis file")->required();
    command->add_option("--threads", options->threads, "Threads for execution and state roots (default: all cores)")
        ->check(CLI::Range(1U, 1024U));
    command
        ->add_option("--io-threads", options->io_threads,
                     "Reads of the state that may wait for the disk at once, while others execute, where reads are slow; 0: none")
        ->check(CLI::Range(0U, 1024U))
        ->capture_default_str();
    command->add_option("--cache", options->cache_mib, "MiB of cache for the database")
        ->check(CLI::Range(8U, 1U << 24))
        ->capture_default_str();
    command->add_option("--history", options->history, "States of so many blocks before the head are kept")->capture_default_str();
    command
        ->add_option("--sync-every", options->sync_blocks, "Blocks after which the database is synced, if a second has not passed before")
        ->check(CLI::Range(1U, 1U << 24))
        ->capture_default_str();
    command->add_flag("--no-overlap", options->no_overlap, "One block after the other through all stages, to compare with");
    command->add_option("--json", options->json_file, "Write the results to this file");
    command->footer(kExamples);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
