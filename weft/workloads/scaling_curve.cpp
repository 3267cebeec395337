// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/scaling_curve.hpp"

#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/parallel/timeline.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <numeric>

namespace weft::workloads {

namespace {

using execution::BlockError;
using execution::Timeline;

constexpr unsigned kExecutions = 9;

/// As in scheduler.hpp.
constexpr uint64_t kGasOfPayment = 2'500;

double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// Milliseconds of every execution by the parallel executor on one thread.
struct OneThread {
    explicit OneThread(size_t transactions) : execute(transactions), commit(transactions) {}

    std::vector<double> begin;
    std::vector<double> end;
    std::vector<std::vector<double>> execute;  ///< by transactions
    std::vector<std::vector<double>> commit;
    bool is_complete = true;

    void add(const Timeline::Track& track) {
        is_complete = is_complete && track.dropped == 0;
        for (const Timeline::Event& event : track.events) {
            const double ms = static_cast<double>(event.end - event.begin) / 1e6;
            if (event.kind == Timeline::Kind::prepare) begin.push_back(ms);
            if (event.kind == Timeline::Kind::execute) add(event, ms, execute);
            if (event.kind == Timeline::Kind::commit) add(event, ms, commit);
            if (event.kind == Timeline::Kind::end) end.push_back(ms);
        }
    }
    /// Of payments that are executed as one, the first takes all the time.
    static void add(const Timeline::Event& event, double ms, std::vector<std::vector<double>>& times) {
        for (uint32_t i = 0; i < event.count; ++i) times[event.transaction + i].push_back(i == 0 ? ms : 0);
    }
    [[nodiscard]] bool has_all() const {
        const auto is_empty = [](const std::vector<double>& times) { return times.empty(); };
        return is_complete && !begin.empty() && !end.empty() && std::ranges::none_of(execute, is_empty) &&
               std::ranges::none_of(commit, is_empty);
    }
};

std::expected<OneThread, BlockError> execute_on_one_thread(const execution::BlockInput& block, state::StateView& view,
                                                           const std::function<void()>& begin) {
    execution::ParallelExecutor parallel(1);
    Timeline timeline(1);
    parallel.record(&timeline);
    OneThread times(block.transactions.size());
    for (unsigned round = 0; round < kExecutions; ++round) {
        begin();
        if (const auto executed = parallel.execute(block, view); !executed) return std::unexpected(executed.error());
        times.add(timeline.track(0));
    }
    return times;
}

}  // namespace

std::expected<std::optional<MeasuredBlock>, BlockError> measure_for_schedule(const execution::BlockInput& block, state::StateView& view,
                                                                             const std::function<void()>& begin) {
    MeasuredBlock measured;
    auto one_thread = execute_on_one_thread(block, view, begin);
    if (!one_thread) return std::unexpected(one_thread.error());
    if (!one_thread->has_all()) return std::nullopt;
    auto in_order = measure_in_order(block, view, begin, kExecutions);
    if (!in_order) return std::unexpected(in_order.error());

    // An event lasts one look at the clock longer than what it is about, and a commit contains a validation with two.
    const double clock = clock_milliseconds();
    const auto cost = [&](std::vector<double>& times, double looks) { return std::max(0.0, median(times) - looks * clock); };
    // Put together from as small parts as the schedule is, so that what disturbs whole executions disturbs neither.
    measured.in_order_ms = std::accumulate(in_order->ms.begin(), in_order->ms.end(), in_order->end_ms);
    measured.block.begin = cost(one_thread->begin, 1);
    measured.block.end = cost(one_thread->end, 1);
    boost::unordered_flat_map<address, uint32_t, std::hash<address>> last;
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        const types::Transaction& transaction = block.transactions[i];
        const auto [previous, is_first] = last.try_emplace(*block.senders[i], static_cast<uint32_t>(i));
        measured.block.transactions.push_back({.execute = cost(one_thread->execute[i], 1),
                                               .repeat = in_order->ms[i],
                                               .commit = cost(one_thread->commit[i], 3),
                                               .gas = transaction.data.empty() ? kGasOfPayment : transaction.gas_limit,
                                               .previous = is_first ? ScheduledTransaction::kNone : previous->second,
                                               .writers = std::move(in_order->writers[i])});
        previous->second = static_cast<uint32_t>(i);
    }
    return measured;
}

std::expected<std::optional<std::vector<SimulatedSpeedup>>, BlockError> simulate_scaling(const execution::BlockInput& block,
                                                                                         state::StateView& view,
                                                                                         const std::function<void()>& begin,
                                                                                         std::span<const unsigned> threads) {
    const auto measured = measure_for_schedule(block, view, begin);
    if (!measured) return std::unexpected(measured.error());
    if (!*measured) return std::nullopt;
    const auto path = measure_critical_path(block, view, begin);
    if (!path) return std::unexpected(path.error());
    std::vector<SimulatedSpeedup> curve;
    for (const unsigned count : threads) {
        const ScheduleOutcome outcome = simulate_schedule((*measured)->block, count);
        const double bound = best_speedup(path->by_time, count);
        // What a transaction costs is measured as well as a clock can, and of short ones that is not well.
        const double speedup = outcome.time > 0 ? std::min((*measured)->in_order_ms / outcome.time, bound) : 1;
        curve.push_back({.threads = count, .speedup = speedup, .bound = bound, .repeated = outcome.repeated});
    }
    return curve;
}

}  // namespace weft::workloads
