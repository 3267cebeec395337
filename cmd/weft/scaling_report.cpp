// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/scaling_report.hpp"

#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft::cli {

std::string to_table(const std::vector<ScalingReport>& reports) {
    const auto first = std::ranges::find_if(reports, [](const ScalingReport& report) { return !report.curve.empty(); });
    if (first == reports.end()) return {};
    std::string table = fmt::format("{:<28}", "SIMULATED speed-up / bound");
    for (const auto& point : first->curve) table += fmt::format(" {:>15}", fmt::format("{} threads", point.threads));
    table += '\n';
    for (const ScalingReport& report : reports) {
        if (report.curve.empty()) continue;
        table += fmt::format("{:<28}", report.name);
        for (const auto& point : report.curve) table += fmt::format(" {:>15}", fmt::format("{:.2f} / {:.2f}", point.speedup, point.bound));
        table += '\n';
    }
    return table + "simulated: a schedule of costs that were measured on one thread, no measurement (--help says what is left out)\n";
}

std::string to_json(const ScalingReport& report) {
    json::JsonItems points;
    for (const auto& point : report.curve) {
        json::JsonItems json;
        json.add("threads", fmt::format("{}", point.threads));
        json.add("speedup", fmt::format("{:.6f}", point.speedup));
        json.add("bound", fmt::format("{:.6f}", point.bound));
        json.add("repeated", fmt::format("{}", point.repeated));
        points.add(json.object());
    }
    return points.array();
}

}  // namespace weft::cli
