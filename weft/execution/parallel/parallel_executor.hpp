// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"

#include <memory>

namespace weft::execution {

class Timeline;

/// What one parallel execution cost.
struct ParallelStatistics {
    unsigned threads = 1;
    /// Of the block.
    uint64_t transactions = 0;
    /// Incarnations beyond the first of each transaction.
    uint64_t reexecutions = 0;
    /// Times a transaction waited for a lower one.
    uint64_t parked = 0;
    /// Of the block's transactions.
    uint64_t gas = 0;
    /// What executions had spent, about, that began again after they had waited.
    uint64_t gas_in_vain = 0;
    /// What it took to repeat executions that turned out wrong when they had ended: about what these had taken.
    uint64_t repeated_ns = 0;
    /// How often transactions waited for lower ones, parked or not.
    uint64_t waits = 0;
    /// Of the time that the workers were there for transactions, what they waited for work, but not at the end, when only the last were
    /// left.
    double idle_share = 0;
    /// Until the first transaction could begin, and from the last commit to the result.
    uint64_t preparation_ns = 0;
    uint64_t ending_ns = 0;
    /// What the workers took for the transactions, waiting for work aside.
    uint64_t busy_ns = 0;
    /// How long a worker waits for a line of memory that another one wrote last, as measured lately; 0: it is not known.
    double line_ns = 0;
    /// Slots that had another value than a transaction had read, and were put right without executing it again.
    uint64_t repaired = 0;
    /// Of these, those that transactions had written where others read, not only added to a sum.
    uint64_t moved_slots = 0;
    /// Slots that were read as what counters would be when lower transactions had finished, and were that.
    uint64_t foretold = 0;
    /// Times a transaction waited, without a thread, for a slow read.
    uint64_t parked_on_reads = 0;
    /// Payments that were executed several at once (parallel/payment_run.hpp), and did not have to be executed again.
    uint64_t joined_payments = 0;
    /// The block was one of payments alone, executed account by account.
    bool is_by_account = false;
};

/// Executes the transactions of a block speculatively on several threads (Block-STM: Gelashvili et al., "Block-STM: Scaling
/// Blockchain Execution by Turning Ordering Curse to a Performance Blessing", PPoPP 2023) and commits them in order. The
/// result, or the error, is the one of SequentialExecutor.
///
/// A block of payments alone is executed account by account instead (parallel/payments.hpp), and in others payments that follow each other
/// are executed as one (parallel/payment_run.hpp), unless reads are slow or somebody wants to know of each transaction:
/// BlockOptions::accesses, BlockOptions::keep_effects. Nothing goes by accounts while a timeline is recorded.
///
/// Thread safety: execute() is called by one thread at a time; several executors may run at once.
class ParallelExecutor {
  public:
    /// `threads`: threads that execute, the caller's included; at least 1. They are started once and sleep
    /// between blocks, if the next one does not follow at once.
    explicit ParallelExecutor(unsigned threads);
    ~ParallelExecutor();
    ParallelExecutor(const ParallelExecutor&) = delete;
    ParallelExecutor& operator=(const ParallelExecutor&) = delete;

    /// On `workers` threads, at most as many as there are; the others sleep.
    [[nodiscard]] std::expected<BlockResult, BlockError> execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options, unsigned workers);
    /// On all threads.
    [[nodiscard]] std::expected<BlockResult, BlockError> execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options = {});

    /// What repaired and foretold slots of the last block have taught is forgotten.
    void forget_slots() noexcept;

    /// Whether execute() would go by accounts, and may expect to get along so. To be asked once for a block that execute() does not get.
    [[nodiscard]] bool expects_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options) noexcept;
    /// Executes such a block by accounts; nullopt: it is to be executed in another way.
    [[nodiscard]] std::optional<BlockResult> execute_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options,
                                                              unsigned workers);
    /// Executes any block by transactions.
    [[nodiscard]] std::expected<BlockResult, BlockError> execute_transactions(const BlockInput& block, state::StateView& view,
                                                                              const BlockOptions& options, unsigned workers);

    /// From here on the timeline, which has as many tracks as there are threads, holds the last execute(); null: nothing is recorded, as
    /// at the beginning. It outlives its use.
    void record(Timeline* timeline) noexcept;

    /// Of the last execute().
    [[nodiscard]] const ParallelStatistics& statistics() const noexcept;

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace weft::execution
