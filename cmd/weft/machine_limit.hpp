// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/weft/paired_times.hpp"
#include "weft/base/line_transfer.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/json/json.hpp"
#include "weft/state/memory_state.hpp"

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What the machine itself lets threads gain, beside which a speed-up tells how good a schedule is.
namespace weft::cli {

/// Executes a block on several threads at the same time, in order on each. Each has an executor and a copy of the state and of its codes;
/// they share what nobody changes, such as the transactions, and wait for nothing.
///
/// Thread safety: none.
class IndependentExecutions {
  public:
    /// Takes up to `threads` threads (at least one), which make their copies and execute once, so that later none begins with memory that
    /// it has never used. What `input` refers to outlives this; `pre_state` need not.
    IndependentExecutions(unsigned threads, const execution::BlockInput& input, const state::MemoryState& pre_state,
                          const execution::BlockOptions& options);

    /// Executes on so many of the threads, with code analysis cold. Milliseconds until the last of them is done, waking them included.
    /// Error: a result that is not the expected one, and how it differs.
    [[nodiscard]] std::expected<double, std::string> execute(unsigned threads, const execution::BlockOutcome& expected);

    /// What LineTransfer says, the mean for the first thread and each of the others below `threads`; nullopt: there are no others. Takes
    /// well under a millisecond for each.
    [[nodiscard]] std::optional<double> line_ns(unsigned threads);

  private:
    struct Copy {
        explicit Copy(const state::MemoryState& pre_state) : state(pre_state.separate_copy()) {}

        execution::SequentialExecutor executor;
        state::MemoryState state;
        std::optional<execution::BlockOutcome> outcome;
    };

    void execute(unsigned worker);
    [[nodiscard]] double line_ns_with(unsigned other);

    execution::BlockInput input_;
    execution::BlockOptions options_;
    std::vector<std::unique_ptr<Copy>> copies_;  ///< One for each thread, made by it.
    ThreadPool pool_;
    LineTransfer line_transfer_{512};  // 64 KiB, which any second-level cache holds
};

/// What is measured in a round beside the times in order and in parallel; all empty: nothing.
struct Together {
    std::vector<double> ms;       ///< Of independent executions at the same time.
    std::vector<double> line_ns;  ///< Right before them; empty for one thread.
};

/// Medians of rounds.
struct LimitEstimate {
    Estimate limit;
    Estimate share;
};

/// The limit on so many threads, and the share of it that parallel execution reached, round by round.
struct LimitTimes {
    /// So many executions in order: one after the other, and at the same time. The ratio is the limit.
    PairedTimes limit;
    /// One of those at the same time, as if they had been one after the other, and one in parallel. The ratio is the speed-up over the
    /// limit: the time in order is the same in both.
    PairedTimes share;
    /// Together::line_ns; of one block.
    std::vector<double> line_ns{};

    /// nullopt: there is no round.
    [[nodiscard]] std::optional<LimitEstimate> estimate() const;
};

/// `pairs`: in order and in parallel. `together`: in the same rounds.
[[nodiscard]] LimitTimes limit_of(unsigned threads, const PairedTimes& pairs, const Together& together);

/// Of several blocks together, as for PairedTimes. All have `rounds` rounds, or none has any.
[[nodiscard]] LimitTimes sum_of(std::span<const LimitTimes> all, size_t rounds);
/// Of several blocks alike; nullopt: there is no round.
[[nodiscard]] std::optional<LimitEstimate> geometric_mean_of(std::span<const LimitTimes> all, size_t rounds);

/// For a table, to be put behind the columns of the speed-up: limit and share, each with its interval. Begins with a space.
[[nodiscard]] std::string limit_heads();
[[nodiscard]] std::string limit_columns(const std::optional<LimitEstimate>& estimate);
/// For programs: null where there is none.
void add_limit(json::JsonItems& json, const std::optional<LimitEstimate>& estimate);

/// Beneath a table that has those columns: what they are, and how far apart the cores of so many threads were. `all`: of the blocks that
/// were executed on those.
inline constexpr const char* kLimitLegend =
    "limit: what as many independent executions in order gain at the same time over one alone; share: speed-up over limit (--help)\n";
[[nodiscard]] std::string line_legend(unsigned threads, std::span<const LimitTimes> all);

/// What --help says of it.
inline constexpr const char* kLimitHelp =
    R"(--machine-limit measures in every round what this machine lets N threads gain, N being the number of threads of parallel execution. N
threads execute the same block in order at the same time, each with an executor, a copy of the state and code analysis of its own, and
wait for nothing; results have to be equal as all others. The limit is N times the time in order over the time until all N are done,
waking them included: what N threads gain without dependencies, locks or shared data. It is below N where they share power, caches,
memory or cores with each other or with other programs. The share is speed-up over limit, round by round; limit and share are
medians with intervals like the speed-up. N copies need the caches and the memory bandwidth of N blocks and parallel execution
those of one, so that the limit is no strict bound. Memory holds N copies of the state meanwhile.

Beside it stands how long a thread waits for a line of memory that another one wrote last: what threads pay for what they share. The
limit knows nothing of it, and parallel execution depends on it. Hardware threads of one core have some 5 ns, cores that share a cache 30,
those of two chiplets or sockets over 100. In a virtual machine it may change from second to second; --json has it round by round.)";

}  // namespace weft::cli
