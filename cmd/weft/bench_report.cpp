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

std::string rows(const WorkloadReport& workload) {
    std::string text;
    for (const WayReport& way : workload.parallel) {
        text += fmt::format("{:<18} {:>7} {:>8.1f} {:>7} {:>10.3f} {:>10.3f} {:>21} {:>8.2f} {:>8} {:>10.1f} {:>8.0f}\n", workload.name,
                            workload.transactions, static_cast<double>(workload.gas) / 1e6, *way.threads, median(workload.sequential.ms),
                            median(way.ms), fmt::format("{:.3f} - {:.3f}", quantile(way.ms, 0.25), quantile(way.ms, 0.75)),
                            speedup(workload, way), way.reexecutions, median(way.processor_ms),
                            static_cast<double>(way.peak_memory) / kMebibyte);
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
    json.add("state_root", json_string(to_hex(workload.state_root)));
    json.add("sequential", json_of(workload.sequential).object());
    JsonItems ways;
    for (const WayReport& way : workload.parallel) {
        JsonItems item = json_of(way);
        item.add("threads", fmt::format("{}", *way.threads));
        item.add("speedup", fmt::format("{:.6f}", speedup(workload, way)));
        item.add("reexecutions", fmt::format("{}", way.reexecutions));
        item.add("parked", fmt::format("{}", way.parked));
        ways.add(item.object());
    }
    json.add("parallel", ways.array());
    return json.object();
}

}  // namespace

std::string to_table(const BenchReport& report) {
    std::string table = fmt::format("{:<18} {:>7} {:>8} {:>7} {:>10} {:>10} {:>21} {:>8} {:>8} {:>10} {:>8}\n", "workload", "txs", "Mgas",
                                    "threads", "seq ms", "par ms", "half of them in", "speed-up", "re-ex", "par CPU ms", "MiB");
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
