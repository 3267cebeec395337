// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/parallel_executor.hpp"

namespace weft::execution {

/// How a block is to be executed, and what speaks for it. Times are estimates, good for comparing them with each other.
struct ExecutionPlan {
    unsigned workers = 1;  ///< One: in order, unless reads are slow or the block goes by accounts.
    double sequential_us = 0;
    double recovery_us = 0;  ///< Of it, for the senders.
    double shared_us = 0;    ///< The work of parallel execution, all workers together.
    double working_gas = 1;  ///< The share of the gas that is work, as the gas for new code hardly is.
    double parallel_us = 0;  ///< With the best number of workers above one, chains aside where order wins without them; 0: no choice.
};

/// Which share of blocks would have to be done by one worker after another to explain that they gained less than planned: because workers
/// waited, executed transactions in vain, or waited for lines of memory of cores that are far away. It is what is known of a block
/// beforehand: blocks resemble those before them.
class ConflictShare {
  public:
    [[nodiscard]] double value() const noexcept { return value_; }
    /// After a block in parallel, for which that was planned.
    void observe(const ParallelStatistics& statistics, const ExecutionPlan& plan) noexcept;
    /// After a block in order, which shows nothing: what was observed loses weight, so that it will be tried again. Each try in vain makes
    /// the next one come later.
    void fade() noexcept;

  private:
    /// No more than that is not worth another try soon.
    static constexpr double kLittle = 1.05;
    static constexpr double kMostPatience = 16;

    double value_ = 0;
    double patience_ = 1;
};

/// What parallel execution takes the transactions of a block for.
enum class TransactionKind : uint8_t { any, payments };

/// The cheapest plan for a block on up to `threads` threads.
///
/// The model: a transaction costs a constant and an amount for each unit of gas beyond 21,000, a small one where it creates a contract; the
/// header tells the sum and the gas limits the distribution. In parallel it costs a little more, and all workers have to wake up. The work
/// is shared evenly, but what has conflicts, or belongs to a sender of most of the block, is done by one worker after another. Payments
/// wait for nobody; those that are executed account by account cost less than in order, and have no conflicts. docs/performance.md says
/// how the constants were found. It is about work; BlockExecutor does not ask it where reads are slow (StateView::is_slow()): there all
/// threads are used, or the only one goes on with other transactions while reads are under way.
[[nodiscard]] ExecutionPlan plan_of(const BlockInput& block, unsigned threads, double conflict_share,
                                    TransactionKind kind = TransactionKind::any) noexcept;

/// How BlockExecutor decides.
enum class Choice : uint8_t {
    cheapest,         ///< Whatever should take less time.
    always_parallel,  ///< On all threads, whatever it costs.
};

/// Executes blocks in order or in parallel. The result is the same.
///
/// Thread safety: execute() is called by one thread at a time; several executors may run at once.
class BlockExecutor {
  public:
    /// `threads`: as for ParallelExecutor.
    explicit BlockExecutor(unsigned threads, Choice choice = Choice::cheapest) : threads_(threads), choice_(choice), parallel_(threads) {}

    [[nodiscard]] std::expected<BlockResult, BlockError> execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options = {});

    /// ParallelExecutor::forget_slots()
    void forget_slots() noexcept { parallel_.forget_slots(); }

    /// ParallelExecutor::record()
    void record(Timeline* timeline) noexcept { parallel_.record(timeline); }

    /// Of the last execute().
    [[nodiscard]] const ExecutionPlan& plan() const noexcept { return plan_; }
    [[nodiscard]] const ParallelStatistics& statistics() const noexcept { return statistics_; }

  private:
    unsigned threads_;
    Choice choice_;
    SequentialExecutor sequential_;
    ParallelExecutor parallel_;
    ConflictShare conflicts_;
    ExecutionPlan plan_;
    ParallelStatistics statistics_;
};

}  // namespace weft::execution
