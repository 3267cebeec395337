// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/paired_times.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weft::cli {

std::optional<size_t> values_outside(size_t count) {
    // By logarithms: of thousands of values, the first terms are below what a double holds.
    const auto chance_of = [&](size_t below) {
        const auto n = static_cast<double>(count);
        const auto k = static_cast<double>(below);
        return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::log(2.0));
    };
    double missed = 0;  // the chance that at most `outside` values fall on one side
    for (size_t outside = 0; 2 * outside < count; ++outside) {
        missed += chance_of(outside);
        if (2 * missed > 1 - kConfidence) return outside == 0 ? std::nullopt : std::optional(outside - 1);
    }
    return std::nullopt;
}

Estimate estimate(std::vector<double> values) {
    WEFT_ASSERT(!values.empty());
    std::ranges::sort(values);
    Estimate result;
    if (const auto outside = values_outside(values.size()))
        result.interval = {.low = values[*outside], .high = values[values.size() - 1 - *outside]};
    result.median = median(std::move(values));
    return result;
}

std::vector<double> PairedTimes::ratios() const {
    WEFT_ASSERT(before_ms.size() == after_ms.size());
    std::vector<double> ratios;
    ratios.reserve(size());
    // What takes no time that the clock can tell is equally fast both ways.
    for (size_t i = 0; i < size(); ++i) ratios.push_back(after_ms[i] > 0 && before_ms[i] > 0 ? before_ms[i] / after_ms[i] : 1);
    return ratios;
}

std::optional<Estimate> PairedTimes::speedup() const {
    if (size() == 0) return std::nullopt;
    return estimate(ratios());
}

PairedTimes sum_of(std::span<const PairedTimes> all, size_t pairs) {
    PairedTimes sum{.before_ms = std::vector<double>(pairs), .after_ms = std::vector<double>(pairs)};
    for (const PairedTimes& times : all) {
        WEFT_ASSERT(times.size() == pairs);
        for (size_t i = 0; i < pairs; ++i) {
            sum.before_ms[i] += times.before_ms[i];
            sum.after_ms[i] += times.after_ms[i];
        }
    }
    return sum;
}

Estimate geometric_mean_of(std::span<const PairedTimes> all, size_t pairs) {
    WEFT_ASSERT(!all.empty());
    std::vector<double> logarithms(pairs);
    for (const PairedTimes& times : all) {
        WEFT_ASSERT(times.size() == pairs);
        const std::vector<double> ratios = times.ratios();
        for (size_t i = 0; i < pairs; ++i) logarithms[i] += std::log(ratios[i]);
    }
    for (double& value : logarithms) value = std::exp(value / static_cast<double>(all.size()));
    return estimate(std::move(logarithms));
}

double Measurement::measure(const std::function<double()>& execute) {
    double sum = 0;
    size_t executions = 0;
    while (executions < executions_ || sum < least_ms_) {
        sum += execute();
        ++executions;
    }
    executions_ = executions;
    return sum / static_cast<double>(executions);
}

std::optional<Group> parse_group(const std::string& text) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    Group group{.name = text.substr(0, equals), .members = {}};
    for (size_t begin = equals + 1; begin <= text.size();) {
        const size_t end = std::min(text.find(',', begin), text.size());
        if (end == begin) return std::nullopt;
        group.members.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    if (group.members.empty() || text.back() == ',') return std::nullopt;
    return group;
}

std::string check_group(const std::string& text) { return parse_group(text) ? "" : text + ": not NAME=MEMBER,MEMBER,..."; }

std::vector<Group> parse_groups(const std::vector<std::string>& texts) {
    std::vector<Group> groups;
    groups.reserve(texts.size());
    for (const std::string& text : texts) groups.push_back(*parse_group(text));
    return groups;
}

std::string to_text(const std::optional<Estimate::Interval>& interval) {
    return interval ? fmt::format("{:.2f} - {:.2f}", interval->low, interval->high) : "-";
}

std::string to_json(const std::optional<Estimate::Interval>& interval) {
    return interval ? fmt::format("[{:.6f},{:.6f}]", interval->low, interval->high) : "null";
}

}  // namespace weft::cli
