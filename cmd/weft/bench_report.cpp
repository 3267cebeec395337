// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/bench_report.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/base/hex.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weft::cli {

namespace {

using json::json_string;
using json::JsonItems;

constexpr double kMebibyte = 1 << 20;

double bound(const WorkloadReport& workload, const WayReport& way) {
    return workloads::best_speedup(workload.critical_path.by_time, *way.threads) / workload.work_share;
}

/// The speed-up as a share of the best that is possible.
double efficiency(const WorkloadReport& workload, const WayReport& way) { return way.pairs().speedup()->median / bound(workload, way); }

constexpr const char* kRow = "{:<18} {:>7} {:>7} {:>7} {:>5} {:>9} {:>9} {:>8} {:>11}{} {:>6} {:>6} {:>7} {:>8} {:>10} {:>6}\n";

/// Columns that stand in the table only where they are wanted.
std::string wanted_columns(const BenchReport& report, const std::optional<LimitEstimate>& limit) {
    return report.machine_limit ? limit_columns(limit) : "";
}

std::string rows(const BenchReport& report, const WorkloadReport& workload) {
    const auto fixed = [](double value, int digits) { return fmt::format("{:.{}f}", value, digits); };
    std::string text;
    for (const WayReport& way : workload.parallel) {
        const Estimate speedup = *way.pairs().speedup();
        text += fmt::format(kRow, workload.name, workload.transactions, fixed(static_cast<double>(workload.gas) / 1e6, 1), *way.threads,
                            way.workers, fixed(median(way.sequential_ms), 2), fixed(median(way.ms), 2), fixed(speedup.median, 2),
                            to_text(speedup.interval), wanted_columns(report, way.limit().estimate()), fixed(bound(workload, way), 2),
                            fixed(efficiency(workload, way), 2), way.reexecutions, way.repaired, fixed(median(way.processor_ms), 2),
                            fixed(static_cast<double>(way.peak_memory) / kMebibyte, 0));
    }
    return text;
}

std::string json_numbers(const std::vector<double>& values) {
    JsonItems items;
    for (const double value : values) items.add(fmt::format("{:.6f}", value));
    return items.array();
}

JsonItems json_of(const WayReport& way) {
    JsonItems json;
    json.add("ms", fmt::format("{:.6f}", median(way.ms)));
    json.add("ms_quartiles", json_numbers({quantile(way.ms, 0.25), quantile(way.ms, 0.75)}));
    json.add("ms_all", json_numbers(way.ms));
    json.add("cpu_ms", fmt::format("{:.6f}", median(way.processor_ms)));
    json.add("peak_memory", fmt::format("{}", way.peak_memory));
    return json;
}

std::string json_of(const WorkloadReport& workload, const CommitOptions& commit) {
    JsonItems json;
    json.add("name", json_string(workload.name));
    json.add("error", workload.error.empty() ? "null" : json_string(workload.error));
    if (!workload.error.empty()) return json.object();
    json.add("transactions", fmt::format("{}", workload.transactions));
    json.add("reverted", fmt::format("{}", workload.reverted));
    json.add("gas", fmt::format("{}", workload.gas));
    json.add("build_ms", fmt::format("{:.6f}", workload.build_ms));
    json.add("cold_reads", fmt::format("{}", workload.cold_reads));
    json.add("critical_path_by_time", fmt::format("{:.6f}", workload.critical_path.by_time));
    json.add("critical_path_by_gas", fmt::format("{:.6f}", workload.critical_path.by_gas));
    json.add("state_root", json_string(to_hex(workload.state_root)));
    json.add("sequential", json_of(workload.sequential).object());
    JsonItems ways;
    for (const WayReport& way : workload.parallel) {
        JsonItems item = json_of(way);
        item.add("threads", fmt::format("{}", *way.threads));
        item.add("workers", fmt::format("{}", way.workers));
        item.add("executions", fmt::format("{}", way.executions));
        item.add("sequential_ms_all", json_numbers(way.sequential_ms));
        item.add("together_ms_all", json_numbers(way.together.ms));
        item.add("line_ns_all", json_numbers(way.together.line_ns));
        item.add("speedup", fmt::format("{:.6f}", way.pairs().speedup()->median));
        item.add("speedup_interval", to_json(way.pairs().speedup()->interval));
        add_limit(item, way.limit().estimate());
        item.add("best_speedup", fmt::format("{:.6f}", bound(workload, way)));
        item.add("efficiency", fmt::format("{:.6f}", efficiency(workload, way)));
        item.add("reexecutions", fmt::format("{}", way.reexecutions));
        item.add("repaired", fmt::format("{}", way.repaired));
        item.add("foretold", fmt::format("{}", way.foretold));
        item.add("parked", fmt::format("{}", way.parked));
        item.add("parked_on_reads", fmt::format("{}", way.parked_on_reads));
        ways.add(item.object());
    }
    json.add("parallel", ways.array());
    JsonItems commits;
    for (const CommitReport& report : workload.commits) commits.add(to_json(report, commit));
    json.add("committed", commits.array());
    json.add("simulated", to_json(workload.scaling));
    return json.object();
}

/// Of the speed-ups of several workloads on so many threads.
struct GroupMean {
    std::string name;  ///< Empty: of all workloads.
    unsigned threads = 1;
    size_t workloads = 0;
    Estimate speedup;
    std::optional<LimitEstimate> limit;
};

std::vector<GroupMean> means_of(const BenchReport& report) {
    std::vector<GroupMean> means;
    const auto add = [&](const std::string& name, const auto& is_member) {
        std::map<unsigned, std::vector<PairedTimes>> pairs;
        std::map<unsigned, std::vector<LimitTimes>> limits;
        for (const WorkloadReport& workload : report.workloads)
            if (workload.error.empty() && is_member(workload.name))
                for (const WayReport& way : workload.parallel) {
                    pairs[*way.threads].push_back(way.pairs());
                    limits[*way.threads].push_back(way.limit());
                }
        for (const auto& [threads, times] : pairs)
            means.push_back({.name = name,
                             .threads = threads,
                             .workloads = times.size(),
                             .speedup = geometric_mean_of(times, report.repeat),
                             .limit = geometric_mean_of(limits[threads], report.repeat)});
    };
    add("", [](const std::string&) { return true; });
    for (const Group& group : report.groups)
        add(group.name, [&](const std::string& name) { return std::ranges::find(group.members, name) != group.members.end(); });
    return means;
}

std::string limit_legend(const BenchReport& report) {
    std::map<unsigned, std::vector<LimitTimes>> limits;
    for (const WorkloadReport& workload : report.workloads)
        if (workload.error.empty())
            for (const WayReport& way : workload.parallel) limits[*way.threads].push_back(way.limit());
    std::string legend = kLimitLegend;
    for (const auto& [threads, times] : limits) legend += line_legend(threads, times);
    return legend;
}

}  // namespace

std::string to_table(const BenchReport& report) {
    std::string table = fmt::format(kRow, "workload", "txs", "Mgas", "threads", "used", "seq ms", "par ms", "speed-up", "95 %",
                                    report.machine_limit ? limit_heads() : "", "bound", "effic.", "re-ex", "repaired", "par CPU ms", "MiB");
    for (const WorkloadReport& workload : report.workloads)
        table += workload.error.empty() ? rows(report, workload) : fmt::format("{:<18} not measured\n", workload.name);
    for (const GroupMean& mean : means_of(report))
        table += fmt::format("{:<73} {:>8.2f} {:>11}{}\n",
                             fmt::format("geometric mean of {}{} workloads, {} threads", mean.name.empty() ? "" : mean.name + ", ",
                                         mean.workloads, mean.threads),
                             mean.speedup.median, to_text(mean.speedup.interval), wanted_columns(report, mean.limit));
    table += fmt::format("{} pair{} of measurements, in turns, each of at least {:g} ms; every execution gave the same\n", report.repeat,
                         report.repeat == 1 ? "" : "s", report.least_ms);
    if (report.machine_limit) table += limit_legend(report);
    std::vector<ScalingReport> scaling;
    for (const WorkloadReport& workload : report.workloads) scaling.push_back(workload.scaling);
    table += to_table(scaling);
    std::vector<CommitReport> commits;
    for (const WorkloadReport& workload : report.workloads)
        if (workload.error.empty()) commits.insert(commits.end(), workload.commits.begin(), workload.commits.end());
    table += to_table(commits, report.commit, report.repeat);
    if (report.read_latency_us != 0) table += fmt::format("every cold read took {} us\n", report.read_latency_us);
    return table;
}

std::string to_json(const BenchReport& report) {
    JsonItems workloads;
    for (const WorkloadReport& workload : report.workloads) workloads.add(json_of(workload, report.commit));
    JsonItems groups;
    for (const GroupMean& mean : means_of(report)) {
        JsonItems item;
        item.add("name", json_string(mean.name));
        item.add("threads", fmt::format("{}", mean.threads));
        item.add("workloads", fmt::format("{}", mean.workloads));
        item.add("speedup", fmt::format("{:.6f}", mean.speedup.median));
        item.add("speedup_interval", to_json(mean.speedup.interval));
        add_limit(item, mean.limit);
        groups.add(item.object());
    }
    JsonItems json;
    json.add("gas", fmt::format("{}", report.gas));
    json.add("seed", fmt::format("{}", report.seed));
    json.add("repeat", fmt::format("{}", report.repeat));
    json.add("least_ms", fmt::format("{:g}", report.least_ms));
    json.add("machine_limit", report.machine_limit ? "true" : "false");
    json.add("read_latency_us", fmt::format("{}", report.read_latency_us));
    json.add("workloads", workloads.array());
    json.add("groups", groups.array());
    return json.object() + "\n";
}

}  // namespace weft::cli
