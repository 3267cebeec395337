// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/machine_limit.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/base/assert.hpp"
#include "weft/base/sync.hpp"
#include "weft/execution/block_difference.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft::cli {

IndependentExecutions::IndependentExecutions(unsigned threads, const execution::BlockInput& input, const state::MemoryState& pre_state,
                                             const execution::BlockOptions& options)
    : input_(input), options_(options), copies_(threads), pool_(threads) {
    pool_.run([&](unsigned worker) {
        copies_[worker] = std::make_unique<Copy>(pre_state);
        execute(worker);
    });
}

void IndependentExecutions::execute(unsigned worker) {
    Copy& copy = *copies_[worker];
    copy.outcome = copy.executor.execute(input_, copy.state, options_);
}

std::expected<double, std::string> IndependentExecutions::execute(unsigned threads, const execution::BlockOutcome& expected) {
    pool_.run(threads, [&](unsigned worker) {
        copies_[worker]->state.forget_analysis();
        copies_[worker]->outcome.reset();
    });
    const Clock::time_point start = Clock::now();
    pool_.run(threads, [&](unsigned worker) { execute(worker); });
    const double ms = milliseconds_since(start);
    for (unsigned worker = 0; worker < threads; ++worker)
        if (const auto found = execution::difference(expected, *copies_[worker]->outcome))
            return std::unexpected(fmt::format("execution in order on {} threads at the same time differs on one: {}", threads, *found));
    return ms;
}

std::optional<double> IndependentExecutions::line_ns(unsigned threads) {
    if (threads < 2) return std::nullopt;
    double sum = 0;
    for (unsigned other = 1; other < threads; ++other) sum += line_ns_with(other);
    return sum / (threads - 1);
}

double IndependentExecutions::line_ns_with(unsigned other) {
    sync::Gate is_written;
    sync::Gate is_read;
    double nanoseconds = 0;
    pool_.run(other + 1, [&](unsigned worker) {
        if (worker == other) {
            line_transfer_.write();
            is_written.open();
            // It keeps its core until then, and the lines with it.
            is_read.wait();
        } else if (worker == 0) {
            is_written.wait();
            nanoseconds = line_transfer_.read();
            is_read.open();
        }
    });
    return nanoseconds;
}

std::optional<LimitEstimate> LimitTimes::estimate() const {
    if (limit.size() == 0) return std::nullopt;
    return LimitEstimate{.limit = *limit.speedup(), .share = *share.speedup()};
}

LimitTimes limit_of(unsigned threads, const PairedTimes& pairs, const Together& together) {
    LimitTimes times;
    if (together.ms.empty()) return times;
    WEFT_ASSERT(together.ms.size() == pairs.size());
    for (const double ms : pairs.before_ms) times.limit.before_ms.push_back(threads * ms);
    times.limit.after_ms = together.ms;
    for (const double ms : together.ms) times.share.before_ms.push_back(ms / threads);
    times.share.after_ms = pairs.after_ms;
    times.line_ns = together.line_ns;
    return times;
}

namespace {

std::vector<PairedTimes> all_of(std::span<const LimitTimes> all, PairedTimes LimitTimes::* which) {
    std::vector<PairedTimes> pairs;
    for (const LimitTimes& times : all)
        if ((times.*which).size() != 0) pairs.push_back(times.*which);
    WEFT_ASSERT(pairs.empty() || pairs.size() == all.size());
    return pairs;
}

}  // namespace

LimitTimes sum_of(std::span<const LimitTimes> all, size_t rounds) {
    const std::vector<PairedTimes> limits = all_of(all, &LimitTimes::limit);
    if (limits.empty()) return {};
    return {.limit = sum_of(limits, rounds), .share = sum_of(all_of(all, &LimitTimes::share), rounds)};
}

std::optional<LimitEstimate> geometric_mean_of(std::span<const LimitTimes> all, size_t rounds) {
    const std::vector<PairedTimes> limits = all_of(all, &LimitTimes::limit);
    if (limits.empty()) return std::nullopt;
    return LimitEstimate{.limit = geometric_mean_of(limits, rounds), .share = geometric_mean_of(all_of(all, &LimitTimes::share), rounds)};
}

namespace {
constexpr const char* kColumns = " {:>6} {:>11} {:>6} {:>11}";
}  // namespace

std::string limit_heads() { return fmt::format(kColumns, "limit", "95 %", "share", "95 %"); }

std::string limit_columns(const std::optional<LimitEstimate>& estimate) {
    if (!estimate) return fmt::format(kColumns, "-", "-", "-", "-");
    const auto number = [](double value) { return fmt::format("{:.2f}", value); };
    return fmt::format(kColumns, number(estimate->limit.median), to_text(estimate->limit.interval), number(estimate->share.median),
                       to_text(estimate->share.interval));
}

std::string line_legend(unsigned threads, std::span<const LimitTimes> all) {
    std::vector<double> line_ns;
    for (const LimitTimes& times : all) line_ns.insert(line_ns.end(), times.line_ns.begin(), times.line_ns.end());
    if (line_ns.empty()) return {};
    const auto& [least, most] = std::ranges::minmax(line_ns);
    return fmt::format(
        "a line of memory that another of {} threads wrote last took {:.0f} ns to come ({:.0f} to {:.0f}, {} measurements)\n", threads,
        median(line_ns), least, most, line_ns.size());
}

void add_limit(json::JsonItems& json, const std::optional<LimitEstimate>& estimate) {
    const auto add = [&](const std::string& name, const std::optional<Estimate>& value) {
        json.add(name, value ? fmt::format("{:.6f}", value->median) : "null");
        json.add(name + "_interval", to_json(value ? value->interval : std::nullopt));
    };
    add("limit", estimate ? std::optional(estimate->limit) : std::nullopt);
    add("share", estimate ? std::optional(estimate->share) : std::nullopt);
}

}  // namespace weft::cli
