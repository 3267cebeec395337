// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/thread_pool.hpp"
#include "weft/execution/access_record.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/execution/parallel/committed_state.hpp"
#include "weft/execution/parallel/context_pool.hpp"
#include "weft/execution/parallel/core_distance.hpp"
#include "weft/execution/parallel/expected_writes.hpp"
#include "weft/execution/parallel/look_ahead.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/parallel/payments.hpp"
#include "weft/execution/parallel/read_ahead.hpp"
#include "weft/execution/parallel/relative_uses.hpp"
#include "weft/execution/parallel/scheduler.hpp"
#include "weft/execution/parallel/timeline.hpp"
#include "weft/execution/parallel/useful_slots.hpp"
#include "weft/execution/parallel/worker.hpp"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

/// For the sources of ParallelExecutor alone: parallel_executor.cpp has the block, execution_ahead.cpp what any worker does with a
/// transaction before its commit, commits.cpp what the holder of the commit role does.
namespace weft::execution {

using namespace parallel;

/// Thread safety: work() runs on all workers at once, each with a Worker of its own. `steps_` and `committed_` belong to the holder of the
/// commit role, before the first transaction and after the last to worker 0, but for what BlockSteps lets others do; an Attempt to whom
/// Scheduler gave its transaction; `error_` is written by who sets `failed_` first, before the block is over, and read after that.
struct ParallelExecutor::Implementation {
    using Span = Timeline::Span;
    using Kind = Timeline::Kind;
    using Outcome = Timeline::Outcome;

    explicit Implementation(unsigned threads);

    std::expected<BlockResult, BlockError> execute_transactions(const BlockInput& block, state::StateView& view,
                                                                const BlockOptions& options, unsigned workers);
    [[nodiscard]] std::optional<BlockResult> execute_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options,
                                                              unsigned workers);
    [[nodiscard]] std::optional<BlockResult> conduct_payments(BlockSteps& steps, CommittedState& committed, state::StateView& view,
                                                              Context& edge);
    [[nodiscard]] bool expects_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options) noexcept;
    [[nodiscard]] static bool is_each_wanted(const BlockOptions& options) noexcept;
    void recover_senders(const BlockInput& block);
    void conduct(Context& edge);
    [[nodiscard]] std::expected<void, BlockError> prepare(Context& edge);
    void help_prepare(const Worker& worker);
    void preview();
    void preview(size_t begin, size_t end, MultiVersionMemory::CellPool& pool) noexcept;
    [[nodiscard]] bool may_have_code(const address& addr, MultiVersionMemory::CellPool& pool) noexcept;
    void expect_useful_slots();
    void expect_writes();
    void work(Worker& worker);
    [[nodiscard]] bool close_some(Worker& worker) noexcept;
    template <typename Work>
    void guarded(const Work& work) noexcept;

    void look_up_neighbours(Worker& worker, uint32_t task);
    void execute_task(Worker& worker, uint32_t task);
    [[nodiscard]] bool pay_ahead(Worker& worker, Attempt& attempt, uint32_t task);
    void execute_transaction(Worker& worker, Attempt& attempt, uint32_t task);
    [[nodiscard]] Progress start(Worker& worker, Attempt& attempt, uint32_t task);
    [[nodiscard]] bool rest(Attempt& attempt, uint32_t task, Span& span);
    [[nodiscard]] Progress wake_up(Worker& worker, Attempt& attempt, uint32_t task, Span& span);
    void finish_attempt(Worker& worker, Attempt& attempt, uint32_t task);
    void record(uint32_t task, const TransactionExecution& execution, const Attempt& attempt);
    void publish_nothing(Worker& worker, Attempt& attempt, uint32_t task);
    void finished(Worker& worker, Attempt& attempt, uint32_t task);
    [[nodiscard]] bool look_after_executed(Worker& worker);
    [[nodiscard]] bool check_ahead(Worker& worker, Executed& executed);
    void repeat_ahead(Worker& worker, Attempt& attempt, uint32_t task);
    void count_again(uint64_t incarnations) noexcept;
    void count_repetition() noexcept;

    void commit_what_is_executed(Worker& worker, bool is_idle);
    [[nodiscard]] std::expected<void, BlockError> commit(Worker& worker, uint32_t task);
    void look_ahead_after(const Attempt& attempt);
    void take_back(Worker& worker, Attempt& attempt);
    [[nodiscard]] std::expected<void, BlockError> commit_payments(Worker& worker, Attempt& attempt, uint32_t task);
    [[nodiscard]] std::expected<void, BlockError> pay_exactly(Worker& worker, Attempt& attempt, uint32_t task);
    [[nodiscard]] std::expected<void, BlockError> pay_exactly(TransactionExecution& execution, Attempt& attempt, uint32_t transaction);
    [[nodiscard]] std::expected<void, BlockError> execute_on_committed(TransactionExecution& execution, Attempt& attempt,
                                                                       uint32_t transaction);
    void prefetch_next(uint32_t task);
    [[nodiscard]] bool holds(const Attempt& attempt, uint32_t task);
    void repair(Worker& worker, Attempt& attempt, uint32_t task);
    void note_counters(const Attempt& attempt, bool was_right);
    [[nodiscard]] std::expected<void, BlockError> execute_exactly(Worker& worker, Attempt& attempt, uint32_t task);
    [[nodiscard]] Context& take_context(Worker& worker);
    void give_back(Worker& worker, Context& context);
    void abandon(Attempt& attempt);
    /// Of a task that is a transaction, or the first payment of several.
    [[nodiscard]] uint32_t transaction_of(uint32_t task) const noexcept { return scheduler_.transactions_of(task).begin; }
    /// Where a task reads, and where it writes.
    [[nodiscard]] Position position_of(uint32_t task) const noexcept { return first_ + transaction_of(task); }
    [[nodiscard]] Position last_position_of(uint32_t task) const noexcept { return first_ + scheduler_.transactions_of(task).end - 1; }
    [[nodiscard]] Attempt*& attempt_at(uint32_t task) noexcept { return scheduler_.attempt_at(task); }
    void fail(const BlockError& error);
    [[nodiscard]] bool validate(Timeline::Track* track, const Attempt& attempt, uint32_t task);
    void note_count(Span& span, uint32_t task) const noexcept;
    void note_conflict(Span& span, const Attempt& attempt, uint32_t task);
    static void note_result(Span& span, const Attempt& attempt);

    /// Blocks may follow each other at once, as where a history is replayed; and the preparation of one takes some 100 us.
    static constexpr std::chrono::microseconds kAwake{100};
    ThreadPool pool_;
    AttemptPool attempt_pool_;
    MultiVersionMemory memory_;
    Scheduler scheduler_;
    Payments payments_;
    ReadAhead ahead_;
    ExpectedWrites hinted_;  // of use to prepare() alone
    /// With hints: what each transaction is expected to write, until it begins.
    std::vector<MultiVersionMemory::WriteSet> expected_;
    std::vector<Worker> workers_;
    ContextPool contexts_;  // uses what the workers have
    ParallelStatistics statistics_;
    Timeline* timeline_ = nullptr;
    CoreDistance distance_;
    std::chrono::steady_clock::time_point begin_;  // of the block

    const BlockInput* block_ = nullptr;
    state::StateView* base_ = nullptr;
    AccessRecord* accesses_ = nullptr;
    bool repairs_slots_ = false;
    BlockSteps* steps_ = nullptr;
    CommittedState* committed_ = nullptr;
    /// Execution ahead then pays for the reads that it begins, whatever becomes of it.
    bool reads_are_slow_ = false;
    /// Of the first transaction.
    Position first_ = 0;
    MultiVersionMemory::AccountCell* beneficiary_ = nullptr;
    /// Payments that follow each other are tasks together.
    bool joins_payments_ = false;
    std::vector<Scheduler::Outline> outlines_;  // of use to prepare() alone
    /// Those who wait until the first transaction may begin.
    Crew preparers_{kAwake};
    /// Those who are done with the transactions, for the end of the block.
    Crew crew_;
    /// What the committer counts, on one line: it wanders with his role. Of repetitions anybody may take some.
    struct alignas(sync::kCacheLine) Books {
        LookAhead look_ahead;
        RepetitionBudget repetitions;
        uint64_t joined_payments = 0;
        uint64_t moved_slots = 0;
        uint64_t gas = 0;

        /// Begins a block.
        void begin() noexcept {
            look_ahead.begin();
            repetitions.begin();
            joined_payments = moved_slots = gas = 0;
        }
    };
    Books books_;
    alignas(sync::kCacheLine) sync::Atomic<uint64_t> reexecutions_{0};
    // Where transactions are checked ahead: counted when it is done, and before anybody learns that the transaction is executed.
    alignas(sync::kCacheLine) sync::Atomic<uint64_t> repetitions_{0};   // of transactions after their first execution
    alignas(sync::kCacheLine) sync::Atomic<uint64_t> disturbances_{0};  // these, and whatever else happened to what was written once
    sync::Atomic<uint64_t> parked_{0};
    sync::Atomic<uint64_t> waits_{0};
    sync::Atomic<uint64_t> gas_in_vain_{0};
    UsefulSlots repaired_;  // the committer's
    UsefulSlots foretold_;  // the committer's, with their steps
    sync::Atomic<uint64_t> parked_on_reads_{0};
    sync::Atomic<bool> failed_{false};
    std::optional<BlockError> error_;
    BlockResult result_;
};

}  // namespace weft::execution
