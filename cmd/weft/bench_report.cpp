// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/bench_report.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/base/hex.hpp"
#include "weft/fixtures/json.hpp"

#include <fmt/format.h>

namespace weft::cli {

namespace {

using fixtures::json_string;
using fixtures::JsonItems;

constexpr double kMebibyte = 1 << 20;

double speedup(const WorkloadReport& workload, const WayReport& way) { return median(workload.sequential.ms) / median(way.ms); }

double bound(const WorkloadReport& workload, const WayReport& way) {
    return workloads::best_speedup(workload.critical_path.by_time, *way.threads) / workload.work_share;
}

/// The speed-up as a share of the best that is possible.
double efficiency(const WorkloadReport& workload, const WayReport& way) { return speedup(workload, way) / bound(workload, way); }

constexpr const char* kRow = "{:<18} {:>7} {:>7} {:>7} {:>5} {:>9} {:>9} {:>19} {:>8} {:>6} {:>6} {:>7} {:>10} {:>6}\n";

std::string rows(const WorkloadReport& workload) {
    const auto fixed = [](double value, int digits) { return fmt::format("{:.{}f}", value, digits); };
    std::string text;
    for (const WayReport& way : workload.parallel) {
        const std::string middle_half = fmt::format("{:.2f} - {:.2f}", quantile(way.ms, 0.25), quantile(way.ms, 0.75));
        text +=
            fmt::format(kRow, workload.name, workload.transactions, fixed(static_cast<double>(workload.gas) / 1e6, 1), *way.threads,
                        way.workers, fixed(median(workload.sequential.ms), 2), fixed(median(way.ms), 2), middle_half,
                        fixed(speedup(workload, way), 2), fixed(bound(workload, way), 2), fixed(efficiency(workload, way), 2),
                        way.reexecutions, fixed(median(way.processor_ms), 2), fixed(static_cast<double>(way.peak_memory) / kMebibyte, 0));
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

std::string json_of(const WorkloadReport& workload) {
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
        item.add("speedup", fmt::format("{:.6f}", speedup(workload, way)));
        item.add("best_speedup", fmt::format("{:.6f}", bound(workload, way)));
        item.add("efficiency", fmt::format("{:.6f}", efficiency(workload, way)));
        item.add("reexecutions", fmt::format("{}", way.reexecutions));
        item.add("parked", fmt::format("{}", way.parked));
        item.add("parked_on_reads", fmt::format("{}", way.parked_on_reads));
        ways.add(item.object());
    }
    json.add("parallel", ways.array());
    return json.object();
}

}  // namespace

std::string to_table(const BenchReport& report) {
    std::string table = fmt::format(kRow, "workload", "txs", "Mgas", "threads", "used", "seq ms", "par ms", "half of them in", "speed-up",
                                    "bound", "effic.", "re-ex", "par CPU ms", "MiB");
    for (const WorkloadReport& workload : report.workloads)
        table += workload.error.empty() ? rows(workload) : fmt::format("{:<18} not measured\n", workload.name);
    table += fmt::format("{} repetition{}; in each, sequential and parallel execution took turns and gave the same\n", report.repeat,
                         report.repeat == 1 ? "" : "s, medians");
    if (report.read_latency_us != 0) table += fmt::format("every cold read took {} us\n", report.read_latency_us);
    return table;
}

std::string to_json(const BenchReport& report) {
    JsonItems workloads;
    for (const WorkloadReport& workload : report.workloads) workloads.add(json_of(workload));
    JsonItems json;
    json.add("gas", fmt::format("{}", report.gas));
    json.add("seed", fmt::format("{}", report.seed));
    json.add("repeat", fmt::format("{}", report.repeat));
    json.add("read_latency_us", fmt::format("{}", report.read_latency_us));
    json.add("workloads", workloads.array());
    return json.object() + "\n";
}

}  // namespace weft::cli
