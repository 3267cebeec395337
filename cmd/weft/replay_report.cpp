// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/replay_report.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace weft::cli {

namespace {

using json::json_string;
using json::JsonItems;

constexpr std::string_view kUnknownChain = "chain ";

std::string name_of_chain(uint64_t chain_id) {
    switch (chain_id) {
        case 1:
            return "mainnet";
        case 17'000:
            return "holesky";
        case 560'048:
            return "hoodi";
        case 11'155'111:
            return "sepolia";
        default:
            return fmt::format("{}{}", kUnknownChain, chain_id);
    }
}

std::string number_or_dash(const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; }
std::string number_or_null(const std::optional<double>& value) { return value ? fmt::format("{:.6f}", *value) : "null"; }

/// Mgas/s.
std::optional<double> rate(uint64_t gas, const std::optional<double>& milliseconds) {
    if (!milliseconds || *milliseconds <= 0) return std::nullopt;
    return static_cast<double>(gas) / 1000 / *milliseconds;
}

std::string rate_or_dash(uint64_t gas, const std::optional<double>& milliseconds) {
    const auto value = rate(gas, milliseconds);
    return value ? fmt::format("{:.0f}", *value) : "-";
}

/// The blocks of a group, or of all, that are as they should be and were executed both ways.
std::vector<const BlockReport*> compared_blocks(const ReplayReport& report, const Group* group) {
    std::vector<const BlockReport*> blocks;
    for (const BlockReport& block : report.blocks) {
        const auto is_it = [&](const std::string& member) { return block.goes_by(member); };
        if (!block.verified || block.pairs.size() != report.repeat || (group != nullptr && std::ranges::none_of(group->members, is_it)))
            continue;
        blocks.push_back(&block);
    }
    return blocks;
}

template <typename Times>
std::vector<Times> times_of(const std::vector<const BlockReport*>& blocks, Times BlockReport::* which) {
    std::vector<Times> times;
    times.reserve(blocks.size());
    for (const BlockReport* block : blocks) times.push_back(block->*which);
    return times;
}

/// Geometric means over the blocks of a group, or all.
struct Mean {
    size_t blocks = 0;
    std::optional<Estimate> speedup;  ///< nullopt: there is no block.
    std::optional<LimitEstimate> limit;
};

Mean mean_of(const ReplayReport& report, const Group* group) {
    const std::vector<const BlockReport*> blocks = compared_blocks(report, group);
    if (blocks.empty()) return {};
    return {.blocks = blocks.size(),
            .speedup = geometric_mean_of(times_of(blocks, &BlockReport::pairs), report.repeat),
            .limit = geometric_mean_of(times_of(blocks, &BlockReport::limit), report.repeat)};
}

BlockReport total_of(const ReplayReport& report) {
    BlockReport total;
    for (const BlockReport& block : report.blocks) {
        if (block.is_bad_input) continue;
        total.transactions += block.transactions;
        total.gas += block.gas;
        total.load_ms += block.load_ms;
        total.recovery_ms += block.recovery_ms;
        total.reexecutions += block.reexecutions;
        total.repaired += block.repaired;
        total.foretold += block.foretold;
        if (block.sequential_ms) total.sequential_ms = total.sequential_ms.value_or(0) + *block.sequential_ms;
        if (block.parallel_ms) total.parallel_ms = total.parallel_ms.value_or(0) + *block.parallel_ms;
    }
    if (const std::vector<const BlockReport*> blocks = compared_blocks(report, nullptr); !blocks.empty()) {
        total.pairs = sum_of(times_of(blocks, &BlockReport::pairs), report.repeat);
        total.limit = sum_of(times_of(blocks, &BlockReport::limit), report.repeat);
    }
    return total;
}

/// Columns that stand in the table only where they are wanted.
std::string wanted_columns(const ReplayReport& report, const std::optional<LimitEstimate>& limit) {
    return report.machine_limit ? limit_columns(limit) : "";
}

std::string row(const ReplayReport& report, const std::string& name, const std::string& fork, const BlockReport& block,
                const std::string& verdict) {
    const std::optional<Estimate> speedup = block.speedup();
    return fmt::format("{:<28} {:<16} {:>5} {:>9.2f} {:>10} {:>10} {:>8} {:>8} {:>4} {:>8} {:>11}{} {:>6} {:>8}  {}\n", name, fork,
                       block.transactions, static_cast<double>(block.gas) / 1e6, number_or_dash(block.sequential_ms),
                       number_or_dash(block.parallel_ms), rate_or_dash(block.gas, block.sequential_ms),
                       rate_or_dash(block.gas, block.parallel_ms), block.workers == 0 ? "-" : fmt::format("{}", block.workers),
                       speedup ? fmt::format("{:.2f}", speedup->median) : "-", speedup ? to_text(speedup->interval) : "-",
                       wanted_columns(report, block.limit.estimate()), block.reexecutions, block.repaired, verdict);
}

/// The geometric means over all blocks and over those of each group, where there are any.
std::string rows_of_groups(const ReplayReport& report) {
    std::string text;
    const auto add = [&](const std::string& name, const Group* group) {
        const Mean mean = mean_of(report, group);
        if (!mean.speedup) return;
        text += fmt::format("{:<102} {:>8.2f} {:>11}{}\n", fmt::format("geometric mean of {}{} blocks", name, mean.blocks),
                            mean.speedup->median, to_text(mean.speedup->interval), wanted_columns(report, mean.limit));
    };
    add("", nullptr);
    for (const Group& group : report.groups) add(group.name + ", ", &group);
    return text;
}

/// What hints are worth, block by block and altogether.
std::string rows_of_hints(const ReplayReport& report) {
    if (report.hints == "none") return {};
    std::string text = fmt::format("{:<28} {:>12} {:>12} {:>8} {:>11} {:>6} {:>6}\n", fmt::format("hints from {}", report.hints),
                                   "without ms", "with ms", "speed-up", "95 %", "re-ex", "hinted");
    std::vector<PairedTimes> all;
    for (const BlockReport& block : report.blocks) {
        const std::optional<Estimate> speedup = block.hinted_pairs.speedup();
        if (!speedup || !block.verified) continue;
        all.push_back(block.hinted_pairs);
        text += fmt::format("{:<28} {:>12.3f} {:>12.3f} {:>8.2f} {:>11} {:>6} {:>6}\n", block.name(), median(block.hinted_pairs.before_ms),
                            median(block.hinted_pairs.after_ms), speedup->median, to_text(speedup->interval), block.reexecutions,
                            block.hinted_reexecutions);
    }
    if (all.empty()) return {};
    const Estimate mean = geometric_mean_of(all, report.repeat);
    return text + fmt::format("{:<54} {:>8.2f} {:>11}\n", fmt::format("geometric mean of {} blocks", all.size()), mean.median,
                              to_text(mean.interval));
}

std::string how_it_was_measured(const ReplayReport& report) {
    if (report.repeat == 1) return "1 measurement each way";
    return fmt::format(
        "{} pairs of measurements, in turns, each of at least {:g} ms; times are medians, speed-ups medians of the pairs' with the\n"
        "interval that holds the true one with {:.0f} % confidence",
        report.repeat, report.least_ms, kConfidence * 100);
}

std::string verdict_of(const BlockReport& block) { return block.verified ? "verified" : block.is_bad_input ? "bad input" : "MISMATCH"; }

/// What one thread needs for one transaction while all of them recover.
double recovery_us_per_transaction(const BlockReport& total, unsigned threads) {
    return total.transactions == 0 ? 0 : total.recovery_ms * 1000 * threads / static_cast<double>(total.transactions);
}

std::string json_numbers(const std::vector<double>& values) {
    JsonItems items;
    for (const double value : values) items.add(fmt::format("{:.6f}", value));
    return items.array();
}

/// Parallel execution with hints; null: there were none.
std::string json_of_hints(const BlockReport& block) {
    const std::optional<Estimate> speedup = block.hinted_pairs.speedup();
    if (!speedup) return "null";
    JsonItems json;
    json.add("without_ms_all", json_numbers(block.hinted_pairs.before_ms));
    json.add("ms_all", json_numbers(block.hinted_pairs.after_ms));
    json.add("ms", fmt::format("{:.6f}", median(block.hinted_pairs.after_ms)));
    json.add("speedup", fmt::format("{:.6f}", speedup->median));
    json.add("speedup_interval", to_json(speedup->interval));
    json.add("reexecutions", fmt::format("{}", block.hinted_reexecutions));
    return json.object();
}

/// The geometric mean over a group's blocks.
std::string json_of(const ReplayReport& report, const Group& group) {
    const Mean mean = mean_of(report, &group);
    JsonItems json;
    json.add("name", json_string(group.name));
    json.add("blocks", fmt::format("{}", mean.blocks));
    json.add("speedup", number_or_null(mean.speedup ? std::optional(mean.speedup->median) : std::nullopt));
    json.add("speedup_interval", to_json(mean.speedup ? mean.speedup->interval : std::nullopt));
    add_limit(json, mean.limit);
    return json.object();
}

JsonItems json_of(const BlockReport& block) {
    JsonItems json;
    json.add("transactions", fmt::format("{}", block.transactions));
    json.add("gas", fmt::format("{}", block.gas));
    json.add("sequential_ms", number_or_null(block.sequential_ms));
    json.add("parallel_ms", number_or_null(block.parallel_ms));
    const std::optional<Estimate> speedup = block.speedup();
    json.add("speedup", number_or_null(speedup ? std::optional(speedup->median) : std::nullopt));
    json.add("speedup_interval", to_json(speedup ? speedup->interval : std::nullopt));
    add_limit(json, block.limit.estimate());
    json.add("workers", block.workers == 0 ? "null" : fmt::format("{}", block.workers));
    json.add("reexecutions", fmt::format("{}", block.reexecutions));
    json.add("repaired", fmt::format("{}", block.repaired));
    json.add("foretold", fmt::format("{}", block.foretold));
    json.add("load_ms", fmt::format("{:.6f}", block.load_ms));
    json.add("recovery_ms", fmt::format("{:.6f}", block.recovery_ms));
    return json;
}

}  // namespace

void BlockReport::describe(const fixtures::BlockFile& block) {
    chain = name_of_chain(block.chain_id);
    number = block.header.number;
    fork = block.fork;
    transactions = block.transactions.size();
    gas = block.header.gas_used;
}

std::string BlockReport::name() const {
    if (!chain.empty() && !chain.starts_with(kUnknownChain)) return fmt::format("{} {}", chain, number);
    const std::string name = std::filesystem::path(file).filename().string();
    return name.substr(0, name.find(".json"));
}

bool BlockReport::goes_by(std::string_view word) const {
    const std::string file_name = std::filesystem::path(file).filename().string();
    return word == name() || word == fmt::format("{}", number) || word == file_name.substr(0, file_name.find(".json"));
}

std::optional<std::string> ReplayReport::unknown_member() const {
    for (const Group& group : groups)
        for (const std::string& member : group.members)
            if (std::ranges::none_of(blocks, [&](const BlockReport& block) { return block.goes_by(member); })) return member;
    return std::nullopt;
}

std::string to_table(const ReplayReport& report) {
    std::string table = fmt::format("{:<28} {:<16} {:>5} {:>9} {:>10} {:>10} {:>8} {:>8} {:>4} {:>8} {:>11}{} {:>6} {:>8}\n", "block",
                                    "fork", "txs", "Mgas", "seq ms", "par ms", "seq MG/s", "par MG/s", "thr", "speed-up", "95 %",
                                    report.machine_limit ? limit_heads() : "", "re-ex", "repaired");
    std::map<std::string, size_t> not_checkable;
    for (const BlockReport& block : report.blocks) {
        table += row(report, block.name(), block.fork, block, verdict_of(block));
        for (const std::string& field : block.not_checkable) ++not_checkable[field];
    }
    const BlockReport total = total_of(report);
    const auto verified = std::ranges::count_if(report.blocks, &BlockReport::verified);
    table += row(report, fmt::format("total, {} threads", report.threads), "", total,
                 fmt::format("{} of {} verified", verified, report.blocks.size()));
    table += rows_of_groups(report);
    table += fmt::format("loading {:.0f} ms, recovery of senders {:.0f} ms ({:.1f} us a transaction and thread){}\n", total.load_ms,
                         total.recovery_ms, recovery_us_per_transaction(total, report.threads),
                         report.with_recovery ? ", which the times above include" : "");
    table += how_it_was_measured(report) + "\n";
    if (report.machine_limit)
        table += kLimitLegend + line_legend(report.threads, times_of(compared_blocks(report, nullptr), &BlockReport::limit));
    table += rows_of_hints(report);
    std::vector<ScalingReport> scaling;
    for (const BlockReport& block : report.blocks) scaling.push_back(block.scaling);
    table += to_table(scaling);
    std::vector<CommitReport> commits;
    for (const BlockReport& block : report.blocks)
        if (block.verified) commits.push_back(block.commit);
    table += to_table(commits, report.commit, report.repeat);
    for (const auto& [field, count] : not_checkable) table += fmt::format("not checkable in {} blocks: {}\n", count, field);
    return table;
}

std::string to_json(const ReplayReport& report) {
    JsonItems blocks;
    for (const BlockReport& block : report.blocks) {
        JsonItems not_checkable;
        for (const std::string& field : block.not_checkable) not_checkable.add(json_string(field));
        JsonItems json = json_of(block);
        json.add("sequential_ms_all", json_numbers(block.pairs.before_ms));
        json.add("parallel_ms_all", json_numbers(block.pairs.after_ms));
        json.add("together_ms_all", json_numbers(block.limit.limit.after_ms));
        json.add("line_ns_all", json_numbers(block.limit.line_ns));
        json.add("hinted", json_of_hints(block));
        json.add("simulated", to_json(block.scaling));
        json.add("committed", to_json(block.commit, report.commit));
        json.add("file", json_string(block.file));
        json.add("chain", json_string(block.chain));
        json.add("number", fmt::format("{}", block.number));
        json.add("fork", json_string(block.fork));
        json.add("verified", block.verified ? "true" : "false");
        json.add("not_checkable", not_checkable.array());
        json.add("error", block.error.empty() ? "null" : json_string(block.error));
        blocks.add(json.object());
    }
    const auto verified = std::ranges::count_if(report.blocks, &BlockReport::verified);
    JsonItems total = json_of(total_of(report));
    total.add("blocks", fmt::format("{}", report.blocks.size()));
    total.add("verified", fmt::format("{}", verified));
    JsonItems groups;
    for (const Group& group : report.groups) groups.add(json_of(report, group));
    JsonItems json;
    json.add("threads", fmt::format("{}", report.threads));
    json.add("mode", json_string(report.mode));
    json.add("repeat", fmt::format("{}", report.repeat));
    json.add("with_recovery", report.with_recovery ? "true" : "false");
    json.add("least_ms", fmt::format("{:g}", report.least_ms));
    json.add("hints", json_string(report.hints));
    json.add("machine_limit", report.machine_limit ? "true" : "false");
    json.add("blocks", blocks.array());
    json.add("groups", groups.array());
    json.add("total", total.object());
    return json.object() + "\n";
}

}  // namespace weft::cli
