// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commit_report.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <limits>

namespace weft::cli {
namespace {

using json::json_string;
using json::JsonItems;

constexpr const char* kRow = "{:<28} {:>7} {:>10} {:>10} {:>10} {:>10} {:>8} {:>11}\n";

std::string json_numbers(const std::vector<double>& values) {
    JsonItems items;
    for (const double value : values) items.add(fmt::format("{:.6f}", value));
    return items.array();
}

std::string row(const CommitReport& report) {
    const auto ms = [](const std::vector<double>& values) { return fmt::format("{:.3f}", median(values)); };
    const Estimate ratio = *report.ratio();
    return fmt::format(kRow, report.name, report.threads, ms(report.pairs.after_ms), ms(report.pairs.before_ms), ms(report.execution_ms),
                       ms(report.commit_ms), fmt::format("{:.3f}", ratio.median), to_text(ratio.interval));
}

std::string row(const std::string& name, const Estimate& ratio) {
    return fmt::format("{:<80} {:>8.3f} {:>11}\n", name, ratio.median, to_text(ratio.interval));
}

}  // namespace

void CommitReport::add(const WholeBlock::Times& whole, double alone_ms) {
    pairs.before_ms.push_back(whole.all());
    pairs.after_ms.push_back(alone_ms);
    execution_ms.push_back(whole.execution);
    commit_ms.push_back(whole.commit);
}

Result<WholeBlock::Times> CommitCourse::measure(Measurement& measurement, Run run) {
    WholeBlock::Times sum;
    std::optional<Error> error;
    static_cast<void>(measurement.measure([&] {
        // An infinite time ends the measurement.
        if (error) return std::numeric_limits<double>::infinity();
        const auto times = (block_.*run)(execute_);
        if (!times) {
            error = times.error();
            return std::numeric_limits<double>::infinity();
        }
        sum.execution += times->execution;
        sum.commit += times->commit;
        return times->all();
    }));
    if (error) return std::unexpected(*error);
    const auto count = static_cast<double>(measurement.executions());
    return WholeBlock::Times{.execution = sum.execution / count, .commit = sum.commit / count};
}

Result<void> CommitCourse::measure_pair(bool is_whole_first, CommitReport& report) {
    Result<WholeBlock::Times> whole;
    if (is_whole_first) whole = measure(whole_, &WholeBlock::execute_and_commit);
    const auto alone = measure(alone_, &WholeBlock::execute);
    if (!is_whole_first) whole = measure(whole_, &WholeBlock::execute_and_commit);
    if (!alone) return std::unexpected(alone.error());
    if (!whole) return std::unexpected(whole.error());
    report.add(*whole, alone->all());
    return {};
}

std::string to_table(std::span<const CommitReport> reports, const CommitOptions& options, size_t pairs) {
    if (!options.is_wanted()) return {};
    std::string table = fmt::format(kRow, fmt::format("committed to {}", options.store), "threads", "alone ms", "whole ms", "exec. ms",
                                    "commit ms", "ratio", "95 %");
    std::vector<PairedTimes> all;
    for (const CommitReport& report : reports) {
        if (!report.ratio()) continue;
        table += row(report);
        all.push_back(report.pairs);
    }
    if (!all.empty()) {
        table += row(fmt::format("sum of {} blocks", all.size()), *sum_of(all, pairs).speedup());
        table += row(fmt::format("geometric mean of {} blocks", all.size()), geometric_mean_of(all, pairs));
    }
    for (const CommitReport& report : reports)
        if (!report.not_measured.empty()) table += fmt::format("not measured with commit: {}: {}\n", report.name, report.not_measured);
    return table;
}

std::string to_json(const CommitReport& report, const CommitOptions& options) {
    if (!options.is_wanted()) return "null";
    const std::optional<Estimate> ratio = report.ratio();
    JsonItems json;
    json.add("store", json_string(options.store));
    json.add("write_behind", options.write_behind ? "true" : "false");
    json.add("threads", fmt::format("{}", report.threads));
    json.add("not_measured", report.not_measured.empty() ? "null" : json_string(report.not_measured));
    json.add("ratio", ratio ? fmt::format("{:.6f}", ratio->median) : "null");
    json.add("ratio_interval", to_json(ratio ? ratio->interval : std::nullopt));
    json.add("alone_ms_all", json_numbers(report.pairs.after_ms));
    json.add("whole_ms_all", json_numbers(report.pairs.before_ms));
    json.add("execution_ms_all", json_numbers(report.execution_ms));
    json.add("commit_ms_all", json_numbers(report.commit_ms));
    return json.object();
}

void add_commit_options(CLI::App& command, CommitOptions& options) {
    CLI::Option* const store =
        command.add_option("--commit", options.store, "Measure whole blocks, with commit to rocksdb or memory; or none")
            ->check(CLI::IsMember({"rocksdb", "memory", "none"}))
            ->capture_default_str();
    command.add_flag("!--commit-waits", options.write_behind, "A commit returns when it is written, not while the next block executes")
        ->needs(store);
}

}  // namespace weft::cli
