// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commands.hpp"
#include "cmd/weft/progress.hpp"
#include "cmd/weft/stop_signal.hpp"
#include "weft/base/hex.hpp"
#include "weft/chain/chain_file.hpp"
#include "weft/db/database.hpp"
#include "weft/db/verify.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace weft::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  weft db stats --datadir data
  weft db verify --datadir data --json report.json
  weft db prune --datadir data --history 16
  weft db export --datadir data --first 0 --last 8191 chain.rlp.gz

`verify` reads everything: checksums, blocks, indices, the state against the head's state root, and what undoes blocks.
`prune` forgets how to go back further than --history blocks before the head, and gives back the space.
`forget-bad` lets blocks be tried again that were found invalid, for when that was the fault of the program.
`export` writes a file that `weft import` reads, all of it or none.
Exit code: 1 `verify` has found something, 2 the database or a file cannot be used, 3 stopped by a signal.)";

struct Options {
    std::filesystem::path datadir;
    uint64_t cache_mib = 128;
    std::string json_file;
    uint64_t history = 0;
    uint64_t first = 0;
    std::optional<uint64_t> last;
    std::string file;
};

using Handle = std::unique_ptr<db::Database>;

int complain(std::string_view message) {
    fmt::print(stderr, "weft db: {}\n", message);
    return kBadInput;
}

int complain(const Options& options, const db::Error& error) {
    return complain(fmt::format("{}: {}: {}", options.datadir.string(), db::to_string(error.kind), error.context));
}

/// Opens the database and gives it to `work`, which says the exit code.
template <typename Work>
int with_database(const Options& options, const Work& work) {
    const db::Options how{.cache_bytes = options.cache_mib << 20, .history_blocks = options.history, .create = false};
    const auto database = db::Database::open_any(options.datadir, how);
    if (!database) return complain(options, database.error());
    return work(**database);
}

/// `exit_code` unless the file cannot be written.
int write_json(const Options& options, const std::string& json, int exit_code) {
    if (options.json_file.empty()) return exit_code;
    const auto written = fixtures::write_file(options.json_file, json + "\n");
    return written ? exit_code : complain(written.error().message);
}

std::string text_of(const std::optional<db::BlockId>& block) {
    return block ? fmt::format("{} {}", block->number, to_hex(block->hash)) : "none";
}

std::string json_of(const std::optional<db::BlockId>& block) {
    if (!block) return "null";
    json::JsonItems items;
    items.add("number", fmt::format("{}", block->number));
    items.add("hash", json::json_string(to_hex(block->hash)));
    return items.object();
}

std::string to_text(const db::Statistics& statistics, const db::Identity& identity, size_t bad_blocks) {
    std::string text =
        fmt::format("chain         {}\ngenesis       {}\nhead          {}\noldest state  {}\nbad blocks    {}\n\n", identity.chain_id,
                    to_hex(identity.genesis_hash), text_of(statistics.head), statistics.oldest_state, bad_blocks);
    text += fmt::format("{:<18} {:>14} {:>16} {:>16}\n", "table", "keys", "bytes on disk", "bytes in memory");
    for (const kv::TableStatistics& table : statistics.tables)
        text += fmt::format("{:<18} {:>14} {:>16} {:>16}\n", table.name, table.keys, table.disk_bytes, table.memory_bytes);
    text += '\n';
    for (const kv::Counter& counter : statistics.counters) text += fmt::format("{}: {}\n", counter.name, counter.value);
    return text;
}

std::string to_json(const db::Statistics& statistics, const db::Identity& identity, size_t bad_blocks) {
    json::JsonItems items;
    items.add("chain_id", fmt::format("{}", identity.chain_id));
    items.add("genesis", json::json_string(to_hex(identity.genesis_hash)));
    items.add("head", json_of(statistics.head));
    items.add("oldest_state", fmt::format("{}", statistics.oldest_state));
    items.add("bad_blocks", fmt::format("{}", bad_blocks));
    json::JsonItems tables;
    for (const kv::TableStatistics& table : statistics.tables) {
        json::JsonItems entry;
        entry.add("keys", fmt::format("{}", table.keys));
        entry.add("disk_bytes", fmt::format("{}", table.disk_bytes));
        entry.add("memory_bytes", fmt::format("{}", table.memory_bytes));
        tables.add(table.name, entry.object());
    }
    items.add("tables", tables.object());
    json::JsonItems counters;
    for (const kv::Counter& counter : statistics.counters) counters.add(counter.name, fmt::format("{}", counter.value));
    items.add("counters", counters.object());
    return items.object();
}

int run_stats(const Options& options) {
    return with_database(options, [&](db::Database& database) {
        const auto bad = database.chain().bad_blocks();
        if (!bad) return complain(options, bad.error());
        const db::Statistics statistics = database.statistics();
        fmt::print("{}", to_text(statistics, database.identity(), bad->size()));
        return write_json(options, to_json(statistics, database.identity(), bad->size()), kSuccess);
    });
}

std::string to_json(const db::VerifyReport& report) {
    json::JsonItems items;
    for (const auto& [name, count] : {std::pair{"blocks", report.blocks},
                                      {"transactions", report.transactions},
                                      {"accounts", report.accounts},
                                      {"slots", report.slots},
                                      {"nodes", report.nodes},
                                      {"codes", report.codes},
                                      {"undo_records", report.undo_records}})
        items.add(name, fmt::format("{}", count));
    json::JsonItems findings;
    for (const std::string& finding : report.findings) findings.add(json::json_string(finding));
    items.add("findings", findings.array());
    items.add("stopped", report.stopped ? "true" : "false");
    return items.object();
}

/// Errors as of db::verify().
db::Expected<db::VerifyReport> verify(db::Database& database, const StopSignal& stop) {
    Progress progress(100);
    progress.show(0, "checksums");
    if (const auto checked = database.store().verify_checksums(); !checked) return db::fail(checked.error());
    return db::verify(database.store(), [&](const db::Progress& at) {
        const uint64_t percent = at.total == 0 ? 0 : std::min<uint64_t>(100, 100 * at.done / at.total);
        progress.show(percent, fmt::format("{} {}", at.stage, at.done));
        return !stop.came();
    });
}

int run_verify(const Options& options) {
    return with_database(options, [&](db::Database& database) {
        const StopSignal stop;
        const auto report = verify(database, stop);
        if (!report) return complain(options, report.error());
        fmt::print("{} blocks with {} transactions, {} accounts with {} slots, {} trie nodes, {} codes, {} undo records\n", report->blocks,
                   report->transactions, report->accounts, report->slots, report->nodes, report->codes, report->undo_records);
        for (const std::string& finding : report->findings) fmt::print("FOUND {}\n", finding);
        if (report->stopped)
            fmt::print("stopped before the end\n");
        else if (report->findings.empty())
            fmt::print("all is well; head {}\n", text_of(database.head()));
        const int exit_code = !report->findings.empty() ? kFailure : report->stopped ? kStopped : kSuccess;
        return write_json(options, to_json(*report), exit_code);
    });
}

int run_prune(const Options& options) {
    return with_database(options, [&](db::Database& database) {
        if (const auto pruned = database.prune(); !pruned) return complain(options, pruned.error());
        const auto oldest = database.oldest_state();
        fmt::print("head {}, oldest state {}\n", text_of(database.head()), oldest.value_or(0));
        return kSuccess;
    });
}

int run_forget_bad(const Options& options) {
    return with_database(options, [&](db::Database& database) {
        const auto bad = database.chain().bad_blocks();
        if (!bad) return complain(options, bad.error());
        if (const auto forgotten = database.forget_bad_blocks(); !forgotten) return complain(options, forgotten.error());
        for (const db::BadBlock& block : *bad) fmt::print("{} {}\n", to_hex(block.hash), block.why);
        fmt::print("forgot {} bad blocks\n", bad->size());
        return kSuccess;
    });
}

/// Writes blocks until a signal comes. Errors of the file; those of the database are in `from_database`.
Result<uint64_t> export_to(const Options& options, db::Database& database, uint64_t last, std::optional<db::Error>& from_database) {
    auto writer = chain::ChainFileWriter::create(options.file);
    if (!writer) return std::unexpected(writer.error());
    const StopSignal stop;
    Progress progress(last - options.first + 1);
    uint64_t count = 0;
    Result<void> written;
    const auto exported = database.chain().export_blocks(options.first, last, [&](uint64_t number, bytes_view encoded) {
        written = writer->add(encoded);
        if (!written) return false;
        progress.advance(fmt::format("block {}", number));
        ++count;
        return !stop.came();
    });
    if (!written) return std::unexpected(written.error());
    if (!exported) from_database = exported.error();
    if (!exported || count != last - options.first + 1) return count;
    if (const auto finished = writer->finish(); !finished) return std::unexpected(finished.error());
    return count;
}

int run_export(const Options& options) {
    return with_database(options, [&](db::Database& database) {
        const auto head = database.head();
        const uint64_t last = options.last.value_or(head ? head->number : 0);
        if (!head || last > head->number || options.first > last)
            return complain(fmt::format("no blocks {} to {}: the head is {}", options.first, last, text_of(head)));
        std::optional<db::Error> failure;
        const auto count = export_to(options, database, last, failure);
        if (!count) return complain(count.error().message);
        if (failure) return complain(options, *failure);
        if (*count != last - options.first + 1) {
            fmt::print("stopped before the end; nothing is written\n");
            return kStopped;
        }
        fmt::print("{}: {} blocks from {} on\n", options.file, *count, options.first);
        return kSuccess;
    });
}

CLI::App* add(CLI::App& parent, const std::string& name, const std::string& does, Options& options) {
    CLI::App* command = parent.add_subcommand(name, does);
    command->add_option("--datadir", options.datadir, "Folder of the database")->required();
    command->add_option("--cache", options.cache_mib, "MiB of cache")->check(CLI::Range(8U, 1U << 24))->capture_default_str();
    command->footer(kExamples);
    return command;
}

}  // namespace

void add_db(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("db", "Look into a database, check it, make it smaller, write out its blocks");
    command->require_subcommand(1);
    command->footer(kExamples);

    CLI::App* stats = add(*command, "stats", "What there is, table by table", *options);
    stats->add_option("--json", options->json_file, "Write the results to this file");
    stats->callback([options, &exit_code] { exit_code = run_stats(*options); });

    CLI::App* verify = add(*command, "verify", "Check all of it", *options);
    verify->add_option("--json", options->json_file, "Write the results to this file");
    verify->callback([options, &exit_code] { exit_code = run_verify(*options); });

    CLI::App* prune = add(*command, "prune", "Forget history", *options);
    prune->add_option("--history", options->history, "States of so many blocks before the head are kept")->required();
    prune->callback([options, &exit_code] { exit_code = run_prune(*options); });

    CLI::App* forget_bad = add(*command, "forget-bad", "Forget which blocks were found invalid", *options);
    forget_bad->callback([options, &exit_code] { exit_code = run_forget_bad(*options); });

    CLI::App* write_out = add(*command, "export", "Write blocks into a file", *options);
    write_out->add_option("file", options->file, "Compressed when its name ends in .gz")->required();
    write_out->add_option("--first", options->first, "First block")->capture_default_str();
    write_out->add_option("--last", options->last, "Last block (default: the head)");
    write_out->callback([options, &exit_code] { exit_code = run_export(*options); });
}

}  // namespace weft::cli
