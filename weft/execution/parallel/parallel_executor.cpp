// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/parallel_executor.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/execution/parallel/committed_state.hpp"
#include "weft/execution/parallel/context_pool.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/read_set.hpp"
#include "weft/execution/parallel/scheduler.hpp"

#include <new>
#include <utility>

namespace weft::execution {

using namespace parallel;

namespace {

/// How far execution runs ahead of the commits: far enough to be busy behind one long transaction, near enough to bound
/// what is kept for it.
constexpr size_t window_of(unsigned threads) noexcept { return 64 + 8 * static_cast<size_t>(threads); }

/// What there is of a transaction. It belongs to the worker that executes the transaction, then to the committer.
struct Attempt {
    /// Holds the execution while it is unfinished.
    Context* context = nullptr;
    /// Of the finished execution.
    ReadSet reads;
    /// Absent: there was no result to be had, because a read failed.
    std::optional<std::expected<TransactionResult, TransactionError>> result;
};

}  // namespace

/// Thread safety: work() runs on all workers at once. `steps_` and `committed_` belong to the holder of the commit role; an Attempt
/// to whom Scheduler gave its transaction; `error_` is written by who sets `failed_` first and read after the workers are done.
struct ParallelExecutor::Implementation {
    explicit Implementation(unsigned threads) : pool_(threads) { statistics_.threads = threads; }

    std::expected<BlockResult, BlockError> execute(const BlockInput& block, state::StateView& view, const BlockOptions& options);
    [[nodiscard]] std::expected<void, BlockError> prepare(Context& edge);
    void work(uint32_t worker) noexcept;

    void execute_transaction(uint32_t index);
    [[nodiscard]] Progress start(Attempt& attempt, uint32_t index);
    [[nodiscard]] Progress wake_up(Attempt& attempt, uint32_t index);
    void finish_attempt(Attempt& attempt, uint32_t index);

    void commit_what_is_executed(uint32_t worker);
    [[nodiscard]] std::expected<void, BlockError> commit(uint32_t index);
    [[nodiscard]] bool holds(const Attempt& attempt, uint32_t index);
    [[nodiscard]] std::expected<void, BlockError> execute_exactly(Attempt& attempt, uint32_t index);
    void release(Attempt& attempt);
    [[nodiscard]] Position position_of(uint32_t index) const noexcept { return first_ + index; }
    void fail(const BlockError& error);

    ThreadPool pool_;
    ContextPool contexts_;
    MultiVersionMemory memory_;
    Scheduler scheduler_;
    std::vector<Attempt> attempts_;
    ParallelStatistics statistics_;

    const BlockInput* block_ = nullptr;
    state::StateView* base_ = nullptr;
    BlockSteps* steps_ = nullptr;
    CommittedState* committed_ = nullptr;
    /// Of the first transaction.
    Position first_ = 0;
    sync::Atomic<uint64_t> reexecutions_{0};
    sync::Atomic<uint64_t> parked_{0};
    sync::Atomic<bool> failed_{false};
    std::optional<BlockError> error_;
};

// ---- The block ----

std::expected<BlockResult, BlockError> ParallelExecutor::Implementation::execute(const BlockInput& block, state::StateView& view,
                                                                                 const BlockOptions& options) {
    WEFT_ASSERT(block.senders.size() == block.transactions.size());
    // The scheduler orders transactions by sender, so it needs all of them; every worker is free to help until then.
    if (block.recovery != nullptr) {
        pool_.run([&block](unsigned) { block.recovery->work(); });
        static_cast<void>(block.recovery->await_all());
    }
    CommittedState committed(memory_, view);
    BlockSteps steps(block, committed, options);
    block_ = &block;
    base_ = &view;
    committed_ = &committed;
    steps_ = &steps;
    Context& edge = contexts_.take();
    auto prepared = prepare(edge);
    if (prepared) {
        // One transaction keeps one worker busy: the others need not get up.
        if (block.transactions.size() > 1)
            pool_.run([this](unsigned worker) { work(worker); });
        else
            work(0);
        if (error_) prepared = std::unexpected(*error_);
    }
    for (Attempt& attempt : attempts_) release(attempt);
    // Relaxed: the workers are done, and the pool's lock lies between them and here.
    statistics_.reexecutions = reexecutions_.load(sync::kRelaxed);
    statistics_.parked = parked_.load(sync::kRelaxed);
    std::expected<BlockResult, BlockError> result = std::unexpected(BlockError{});
    if (prepared)
        result = steps.end(edge.execution);
    else
        result = std::unexpected(prepared.error());
    contexts_.give_back(edge);
    return result;
}

std::expected<void, BlockError> ParallelExecutor::Implementation::prepare(Context& edge) {
    const size_t transactions = block_->transactions.size();
    scheduler_.reset(block_->senders, window_of(pool_.size()));
    if (attempts_.size() < transactions) attempts_.resize(transactions);
    error_.reset();
    failed_ = false;
    reexecutions_ = 0;
    parked_ = 0;

    if (const auto begun = steps_->begin(edge.execution); !begun) return begun;
    first_ = committed_->next();
    memory_.reserve(first_ + transactions + 1);
    memory_.settle(first_);
    return {};
}

void ParallelExecutor::Implementation::work(uint32_t worker) noexcept {
    try {
        while (!scheduler_.is_over()) {
            if (scheduler_.should_commit(worker)) commit_what_is_executed(worker);
            if (const auto index = scheduler_.next()) {
                execute_transaction(*index);
            } else {
                commit_what_is_executed(worker);
                scheduler_.wait_for_work();
            }
        }
    } catch (const std::bad_alloc&) {
        fail({.rule = BlockRule::out_of_memory, .transaction = {}, .transaction_error = {}, .read_error = {}});
    }
}

void ParallelExecutor::Implementation::fail(const BlockError& error) {
    if (!failed_.exchange(true)) error_ = error;
    scheduler_.stop();
}

void ParallelExecutor::Implementation::release(Attempt& attempt) {
    if (attempt.context != nullptr) contexts_.give_back(*attempt.context);
    attempt.context = nullptr;
    attempt.result.reset();
}

// ---- Executing ahead ----

void ParallelExecutor::Implementation::execute_transaction(uint32_t index) {
    Attempt& attempt = attempts_[index];
    if (!block_->senders[index]) {
        attempt.result = std::unexpected(TransactionError::invalid_signature);
        scheduler_.finished(index);
        return;
    }
    Progress progress = attempt.context == nullptr ? start(attempt, index) : wake_up(attempt, index);
    while (progress == Progress::blocked) {
        const state::ReadError error = attempt.context->execution.state().read_error();
        if (const Position blocker = attempt.context->view.blocker(); blocker != kNobody) {
            // From here on the attempt may be somebody else's.
            if (scheduler_.park(index, blocker - first_)) {
                // Relaxed: counters are read when the workers are done.
                parked_.fetch_add(1, sync::kRelaxed);
                return;
            }
        } else if (error.kind == state::ReadError::Kind::failed) {
            break;
        } else {
            base_->wait(error);
        }
        progress = attempt.context->execution.resume();
    }
    if (progress == Progress::finished) finish_attempt(attempt, index);
    contexts_.give_back(*std::exchange(attempt.context, nullptr));
    scheduler_.finished(index);
}

Progress ParallelExecutor::Implementation::start(Attempt& attempt, uint32_t index) {
    if (attempt.context == nullptr) attempt.context = &contexts_.take();
    Context& context = *attempt.context;
    context.view.begin(position_of(index), memory_, *base_, scheduler_.over());
    return context.execution.start(steps_->environment(), block_->transactions[index], *block_->senders[index], context.view);
}

/// Goes on with a parked execution if what it read before still holds, else begins again.
Progress ParallelExecutor::Implementation::wake_up(Attempt& attempt, uint32_t index) {
    Context& context = *attempt.context;
    attempt.reads.assign(context.execution.state(), context.view);
    if (attempt.reads.holds(memory_, position_of(index))) return context.execution.resume();
    reexecutions_.fetch_add(1, sync::kRelaxed);
    return start(attempt, index);
}

void ParallelExecutor::Implementation::finish_attempt(Attempt& attempt, uint32_t index) {
    attempt.reads.assign(attempt.context->execution.state(), attempt.context->view);
    attempt.result = attempt.context->execution.take_result();
    if (*attempt.result) memory_.publish(position_of(index), (*attempt.result)->changes);
}

// ---- Committing ----

void ParallelExecutor::Implementation::commit_what_is_executed(uint32_t worker) {
    while (scheduler_.take_commit(worker)) {
        while (!scheduler_.is_over() && scheduler_.frontier_is_executed()) {
            if (const auto committed = commit(scheduler_.frontier()); !committed) {
                fail(committed.error());
                return;
            }
            scheduler_.advance();
        }
        memory_.settle(committed_->next());
        scheduler_.release_commit();
    }
}

std::expected<void, BlockError> ParallelExecutor::Implementation::commit(uint32_t index) {
    if (const auto room = steps_->check_room(index); !room) return room;
    Attempt& attempt = attempts_[index];
    if (!holds(attempt, index))
        if (const auto executed = execute_exactly(attempt, index); !executed) return executed;
    return steps_->commit(index, *std::move(attempt.result));
}

/// Whether the attempt's result is what execution on the committed state would give.
bool ParallelExecutor::Implementation::holds(const Attempt& attempt, uint32_t index) {
    if (!attempt.result) return false;
    if (!block_->senders[index]) return true;
    return attempt.reads.holds(memory_, position_of(index));
}

/// Executes the frontier's transaction on the committed state itself: what comes out needs no validation.
std::expected<void, BlockError> ParallelExecutor::Implementation::execute_exactly(Attempt& attempt, uint32_t index) {
    scheduler_.begin_exact();
    memory_.mark_estimates(position_of(index));
    reexecutions_.fetch_add(1, sync::kRelaxed);
    Context& context = contexts_.take();
    TransactionExecution& execution = context.execution;
    const Progress progress = execution.start(steps_->environment(), block_->transactions[index], *block_->senders[index], *committed_);
    auto finished = finish(execution, progress, *committed_);
    if (finished) attempt.result = execution.take_result();
    contexts_.give_back(context);
    if (!finished) {
        finished.error().transaction = index;
        return finished;
    }
    if (*attempt.result) memory_.publish(position_of(index), (*attempt.result)->changes);
    scheduler_.finished(index);
    return {};
}

// ---- The interface ----

ParallelExecutor::ParallelExecutor(unsigned threads) : implementation_(std::make_unique<Implementation>(threads)) {}
ParallelExecutor::~ParallelExecutor() = default;

std::expected<BlockResult, BlockError> ParallelExecutor::execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options) {
    return implementation_->execute(block, view, options);
}

const ParallelStatistics& ParallelExecutor::statistics() const noexcept { return implementation_->statistics_; }

}  // namespace weft::execution
