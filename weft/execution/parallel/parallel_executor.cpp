// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/parallel_executor.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/base/planted_fault.hpp"
#include "weft/base/prefetch.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/execution/access_record.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/execution/parallel/committed_state.hpp"
#include "weft/execution/parallel/context_pool.hpp"
#include "weft/execution/parallel/expected_writes.hpp"
#include "weft/execution/parallel/look_ahead.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/payments.hpp"
#include "weft/execution/parallel/read_ahead.hpp"
#include "weft/execution/parallel/read_set.hpp"
#include "weft/execution/parallel/relative_uses.hpp"
#include "weft/execution/parallel/scheduler.hpp"
#include "weft/execution/parallel/timeline.hpp"
#include "weft/execution/parallel/worker.hpp"

#include <bit>
#include <new>
#include <utility>

namespace weft::execution {

using namespace parallel;

namespace {

using Span = Timeline::Span;
using Kind = Timeline::Kind;
using Outcome = Timeline::Outcome;

/// How far execution runs ahead of the commits: far enough to be busy behind one long transaction, near enough to bound
/// what is kept for it. It is far enough for slow reads too: if nothing but they took time, all in the window would wait for theirs at
/// once, and that many transactions would be done in the time of one.
constexpr size_t window_of(unsigned threads) noexcept { return sync::limit(16U, 3U) + sync::limit(32U, 2U) * static_cast<size_t>(threads); }

/// Slow reads of transactions begin up to a window before the transactions do; this many transactions at once, so that nobody is kept long.
constexpr size_t kReadAheadAtOnce = 8;

}  // namespace

/// Thread safety: work() runs on all workers at once, each with a Worker of its own. `steps_` and `committed_` belong to the holder of the
/// commit role, before the first transaction and after the last to worker 0; an Attempt to whom Scheduler gave its transaction; `error_` is
/// written by who sets `failed_` first, before the block is over, and read after that.
struct ParallelExecutor::Implementation {
    explicit Implementation(unsigned threads)
        : pool_(threads), memory_(threads + 1), workers_(threads), attempts_(std::bit_ceil(window_of(threads))) {
        for (unsigned i = 0; i < threads; ++i) workers_[i].join(i, attempt_pool_, memory_.pool(i));
    }

    std::expected<BlockResult, BlockError> execute_transactions(const BlockInput& block, state::StateView& view,
                                                                const BlockOptions& options, unsigned workers);
    [[nodiscard]] std::optional<BlockResult> execute_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options,
                                                              unsigned workers);
    [[nodiscard]] std::optional<BlockResult> conduct_payments(BlockSteps& steps, CommittedState& committed, state::StateView& view,
                                                              Context& edge);
    [[nodiscard]] bool expects_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options) noexcept;
    void recover_senders(const BlockInput& block);
    void conduct(Context& edge);
    [[nodiscard]] std::expected<void, BlockError> prepare(Context& edge);
    void await_preparation(const Worker& worker);
    void expect_repairs();
    void expect_writes();
    void work(Worker& worker);
    template <typename Work>
    void guarded(const Work& work) noexcept;

    void look_up_neighbours(Worker& worker, uint32_t index);
    void execute_transaction(Worker& worker, uint32_t index);
    [[nodiscard]] Progress start(Worker& worker, Attempt& attempt, uint32_t index);
    [[nodiscard]] bool rest(Attempt& attempt, uint32_t index, Span& span);
    [[nodiscard]] Progress wake_up(Worker& worker, Attempt& attempt, uint32_t index, Span& span);
    void finish_attempt(Worker& worker, Attempt& attempt, uint32_t index);
    void record(uint32_t index, const TransactionExecution& execution, const Attempt& attempt);
    void publish_nothing(Worker& worker, Attempt& attempt, uint32_t index);
    void finished(Worker& worker, Attempt& attempt, uint32_t index);
    [[nodiscard]] bool look_after_executed(Worker& worker);
    [[nodiscard]] bool check_ahead(Worker& worker, Executed& executed);
    void repeat_ahead(Worker& worker, Attempt& attempt, uint32_t index);
    void count_repetition() noexcept;

    void commit_what_is_executed(Worker& worker, bool is_idle);
    [[nodiscard]] std::expected<void, BlockError> commit(Worker& worker, uint32_t index);
    void prefetch_next(uint32_t index);
    [[nodiscard]] bool holds(const Attempt& attempt, uint32_t index);
    void repair(Worker& worker, Attempt& attempt, uint32_t index);
    [[nodiscard]] std::expected<void, BlockError> execute_exactly(Worker& worker, Attempt& attempt, uint32_t index);
    [[nodiscard]] Context& take_context(Worker& worker);
    void give_back(Worker& worker, Context& context);
    void release(Worker& worker, uint32_t index);
    [[nodiscard]] Position position_of(uint32_t index) const noexcept { return first_ + index; }
    [[nodiscard]] Attempt*& attempt_at(uint32_t index) noexcept { return attempts_[index & (attempts_.size() - 1)]; }
    void fail(const BlockError& error);
    [[nodiscard]] bool validate(Timeline::Track* track, const Attempt& attempt, uint32_t index);
    void note_conflict(Span& span, const Attempt& attempt, uint32_t index);
    static void note_result(Span& span, const Attempt& attempt);

    ThreadPool pool_;
    ContextPool contexts_;
    AttemptPool attempt_pool_;
    MultiVersionMemory memory_;
    Scheduler scheduler_;
    Payments payments_;
    ReadAhead ahead_;
    ExpectedWrites hinted_;  // of use to prepare() alone
    /// With hints: what each transaction is expected to write, until it begins.
    std::vector<MultiVersionMemory::WriteSet> expected_;
    std::vector<Worker> workers_;
    std::vector<Attempt*> attempts_;  // a ring over the transactions begun and not committed; its size is a power of two
    ParallelStatistics statistics_;
    Timeline* timeline_ = nullptr;

    const BlockInput* block_ = nullptr;
    state::StateView* base_ = nullptr;
    AccessRecord* accesses_ = nullptr;
    bool repairs_slots_ = false;
    BlockSteps* steps_ = nullptr;
    CommittedState* committed_ = nullptr;
    /// Execution ahead then pays for the reads that it begins, whatever becomes of it.
    bool reads_are_slow_ = false;
    LookAhead look_ahead_;  // belongs to the holder of the commit role
    RepetitionBudget repetition_budget_;
    /// Of the first transaction.
    Position first_ = 0;
    /// Opens when the first transaction may begin.
    sync::Gate prepared_;
    /// Those who are done with the transactions, for the end of the block.
    Crew crew_;
    sync::Atomic<uint64_t> reexecutions_{0};
    // Where transactions are checked ahead: counted when it is done, and before anybody learns that the transaction is executed.
    alignas(sync::kCacheLine) sync::Atomic<uint64_t> repetitions_{0};   // of transactions after their first execution
    alignas(sync::kCacheLine) sync::Atomic<uint64_t> disturbances_{0};  // these, and whatever else happened to what was written once
    sync::Atomic<uint64_t> parked_{0};
    RepairedSlots repaired_;  // the committer's
    sync::Atomic<uint64_t> parked_on_reads_{0};
    sync::Atomic<bool> failed_{false};
    std::optional<BlockError> error_;
    BlockResult result_;
};

// ---- The block ----

std::expected<BlockResult, BlockError> ParallelExecutor::Implementation::execute_transactions(const BlockInput& block,
                                                                                              state::StateView& view,
                                                                                              const BlockOptions& options,
                                                                                              unsigned workers) {
    WEFT_ASSERT(block.senders.size() == block.transactions.size());
    statistics_ = {.threads = workers};
    if (timeline_ != nullptr) timeline_->clear();
    recover_senders(block);
    contexts_.begin_block();
    CommittedState committed(memory_, memory_.pool(pool_.size()), view, crew_);
    BlockSteps steps(block, committed, options);
    block_ = &block;
    base_ = &view;
    accesses_ = options.accesses;
    if (accesses_ != nullptr) accesses_->begin(block.transactions.size());
    committed_ = &committed;
    steps_ = &steps;
    error_.reset();
    failed_ = false;
    repairs_slots_ = optimisation::kCommutativeSlots && options.repair_slots;
    reexecutions_ = 0;
    repetitions_ = 0;
    disturbances_ = 0;
    parked_ = 0;
    look_ahead_.begin();
    repetition_budget_.begin();
    reads_are_slow_ = view.is_slow();
    repaired_.begin_block();
    parked_on_reads_ = 0;
    Context& edge = contexts_.take();
    // One transaction keeps one worker busy: the others need not get up. Otherwise they get up while the block is prepared.
    if (block.transactions.size() > 1) {
        prepared_.close();
        crew_.assemble();
        pool_.run(workers, [this, &edge](unsigned worker) {
            if (worker == 0) {
                conduct(edge);
            } else {
                await_preparation(workers_[worker]);
                guarded([&] { work(workers_[worker]); });
                const Span span(workers_[worker].track, Kind::help);
                crew_.help();
            }
        });
    } else {
        conduct(edge);
    }
    // Of a block that failed, whose reads may still be under way.
    scheduler_.await_reads();
    for (Worker& worker : workers_) {
        for (const Executed& executed : worker.executed)
            if (executed.index < scheduler_.committed()) worker.recycle(*executed.attempt);
        worker.executed.clear();
    }
    for (uint32_t i = 0; i < attempts_.size(); ++i)
        if (attempts_[i] != nullptr) release(workers_[0], i);
    contexts_.give_back(edge);
    // Relaxed: the workers are done, and the pool's lock lies between them and here.
    statistics_.reexecutions = reexecutions_.load(sync::kRelaxed);
    statistics_.parked = parked_.load(sync::kRelaxed);
    statistics_.gas = look_ahead_.gas();
    statistics_.gas_in_order = look_ahead_.in_order();
    statistics_.repaired = repaired_.count();
    statistics_.parked_on_reads = parked_on_reads_.load(sync::kRelaxed);
    if (error_) return std::unexpected(*error_);
    return std::move(result_);
}

/// The scheduler orders transactions by sender, and accounts are dealt out, so all are needed; every worker is free to help until then.
void ParallelExecutor::Implementation::recover_senders(const BlockInput& block) {
    if (block.recovery == nullptr) return;
    pool_.run(statistics_.threads, [&](unsigned worker) {
        const Span span(workers_[worker].track, Kind::recover);
        block.recovery->work();
    });
    static_cast<void>(block.recovery->await_all());
}

bool ParallelExecutor::Implementation::expects_payments(const BlockInput& block, state::StateView& view,
                                                        const BlockOptions& options) noexcept {
    // Who wants to know of each transaction has each executed.
    const bool is_each_wanted = timeline_ != nullptr || options.accesses != nullptr || options.keep_effects;
    return optimisation::kPaymentsByAccount && !is_each_wanted && !view.is_slow() && payments_.expect(block.transactions);
}

std::optional<BlockResult> ParallelExecutor::Implementation::execute_payments(const BlockInput& block, state::StateView& view,
                                                                              const BlockOptions& options, unsigned workers) {
    statistics_ = {.threads = workers, .is_by_account = true};
    recover_senders(block);
    contexts_.begin_block();
    CommittedState committed(memory_, memory_.pool(pool_.size()), view, crew_);
    BlockSteps steps(block, committed, options);
    Context& edge = contexts_.take();
    std::optional<BlockResult> result;
    crew_.assemble();
    pool_.run(workers, [&](unsigned worker) {
        if (worker != 0) return crew_.help();
        try {
            payments_.begin(block, steps.environment(), workers);
            result = conduct_payments(steps, committed, view, edge);
        } catch (const std::bad_alloc&) {
            // Execution by transactions gets along with less, or says so.
        }
        crew_.dismiss();
    });
    contexts_.give_back(edge);
    if (result) statistics_.gas = result->gas_used;
    return result;
}

std::optional<BlockResult> ParallelExecutor::Implementation::conduct_payments(BlockSteps& steps, CommittedState& committed,
                                                                              state::StateView& view, Context& edge) {
    if (!steps.begin(edge.execution) || !payments_.execute(committed.next(), memory_, view, crew_)) return std::nullopt;
    const state::AccountChange tips{.addr = steps.environment().context.coinbase,
                                    .comes_to_exist = true,
                                    .balance_change = state::AccountChange::Balance::credit,
                                    .balance = payments_.tips()};
    if (!committed.apply({tips}, nullptr)) return std::nullopt;
    steps.take_over(payments_.take_receipts(), payments_.gas_used());
    auto ended = steps.end(edge.execution);
    if (!ended) return std::nullopt;
    return *std::move(ended);
}

/// The block from its beginning to its end, as worker 0.
void ParallelExecutor::Implementation::conduct(Context& edge) {
    guarded([&] {
        const Span span(workers_[0].track, Kind::prepare);
        if (const auto prepared = prepare(edge); !prepared) fail(prepared.error());
    });
    prepared_.open();
    guarded([&] {
        work(workers_[0]);
        if (error_) return;
        const Span span(workers_[0].track, Kind::end);
        if (scheduler_.checks_ahead()) steps_->close_receipts(crew_);
        auto ended = steps_->end(edge.execution);
        if (ended)
            result_ = *std::move(ended);
        else
            fail(ended.error());
    });
    crew_.dismiss();
}

std::expected<void, BlockError> ParallelExecutor::Implementation::prepare(Context& edge) {
    for (Worker& worker : workers_) {
        worker.continuation.reset();
        worker.forget_parties();
        worker.next_exact = UINT32_MAX;
    }
    const size_t window = window_of(statistics_.threads);
    const auto task_of = [this](uint32_t i) {
        const types::Transaction& transaction = block_->transactions[i];
        return Scheduler::Task{
            .sender = block_->senders[i], .recipient = transaction.to, .input = transaction.data, .gas_limit = transaction.gas_limit};
    };
    scheduler_.reset(block_->transactions.size(), task_of, window, statistics_.threads);
    if (reads_are_slow_) scheduler_.look_ahead(Reach::far);
    ahead_.begin(*block_, *base_, 2 * window);
    if (ahead_.is_active()) ahead_.advance(0, window);
    if (scheduler_.checks_ahead()) steps_->await_receipts();
    if (const auto begun = steps_->begin(edge.execution); !begun) return begun;
    first_ = committed_->next();
    memory_.settle(first_);
    memory_.defer_credits_to(block_->header->beneficiary, memory_.pool(pool_.size()));
    expect_repairs();
    expect_writes();
    return {};
}

void ParallelExecutor::Implementation::await_preparation(const Worker& worker) {
    const Span span(worker.track, Kind::wait);
    prepared_.wait();
}

/// What was repaired in the last block is read as relative from the first transaction on.
void ParallelExecutor::Implementation::expect_repairs() {
    if (!repairs_slots_) return;
    MultiVersionMemory::CellPool& cells = memory_.pool(pool_.size());
    for (const Timeline::Location& location : repaired_.of_last_block()) {
        MultiVersionMemory::SlotCell& cell = memory_.cell_of(memory_.cell_of(location.account, cells), *location.slot, cells);
        MultiVersionMemory::contend(cell, MultiVersionMemory::kSomebody);
        MultiVersionMemory::relative_uses_of(cell).presume_good();
    }
}

/// Places what the hints say as estimates, on which readers wait. Whoever finishes leaves none of his: he publishes something, or nothing.
void ParallelExecutor::Implementation::expect_writes() {
    expected_.clear();
    if (block_->hints == nullptr) return;
    expected_.resize(block_->transactions.size());
    MultiVersionMemory::CellPool& cells = memory_.pool(pool_.size());
    for (const auto& [index, access] : hinted_.find(*block_->hints, block_->transactions.size())) {
        if (!block_->senders[index]) continue;
        MultiVersionMemory::AccountCell& account = memory_.cell_of(access->account, cells);
        if (access->slot)
            memory_.expect_write(position_of(index), expected_[index], memory_.cell_of(account, *access->slot, cells), cells);
        else
            memory_.expect_write(position_of(index), expected_[index], account);
    }
}

/// Until the block is over.
void ParallelExecutor::Implementation::work(Worker& worker) {
    bool was_dear = false;
    while (!scheduler_.is_over()) {
        if (ahead_.is_active()) ahead_.advance(scheduler_.frontier(), kReadAheadAtOnce);
        if (!scheduler_.has_neighbours_left(worker.number)) commit_what_is_executed(worker, was_dear);
        if (scheduler_.checks_ahead() && look_after_executed(worker)) continue;
        auto index = std::exchange(worker.continuation, std::nullopt);
        if (!index) index = scheduler_.next(worker.number);
        if (index) {
            was_dear = scheduler_.is_dear(*index);
            if (worker.parties_of(*index) == nullptr) look_up_neighbours(worker, *index);
            execute_transaction(worker, *index);
        } else {
            commit_what_is_executed(worker, true);
            const Span span(worker.track, Kind::wait);
            scheduler_.wait_for_work();
        }
    }
}

/// Does `work`; when memory runs out, that becomes the block's error.
template <typename Work>
void ParallelExecutor::Implementation::guarded(const Work& work) noexcept {
    try {
        work();
    } catch (const std::bad_alloc&) {
        fail({.rule = BlockRule::out_of_memory, .transaction = {}, .transaction_error = {}, .read_error = {}});
    }
}

/// The first failure ends the block.
void ParallelExecutor::Implementation::fail(const BlockError& error) {
    if (failed_.exchange(true)) return;
    error_ = error;
    scheduler_.stop();
}

// ---- What belongs to workers ----

Context& ParallelExecutor::Implementation::take_context(Worker& worker) {
    Context& context = worker.context != nullptr ? *std::exchange(worker.context, nullptr) : contexts_.take();
    context.view.take_cells_from(*worker.cells);
    return context;
}

void ParallelExecutor::Implementation::give_back(Worker& worker, Context& context) {
    if (worker.context == nullptr)
        worker.context = &context;
    else
        contexts_.give_back(context);
}

void ParallelExecutor::Implementation::release(Worker& worker, uint32_t index) {
    Attempt& attempt = *std::exchange(attempt_at(index), nullptr);
    if (attempt.context != nullptr) give_back(worker, *std::exchange(attempt.context, nullptr));
    worker.recycle(attempt);
}

// ---- Executing ahead ----

void ParallelExecutor::Implementation::look_up_neighbours(Worker& worker, uint32_t index) {
    const uint32_t end = scheduler_.end_of_neighbours(worker.number, index);
    if (end - index >= 2 && !reads_are_slow_) worker.look_up_parties(*block_, index, end, memory_, *base_);
}

void ParallelExecutor::Implementation::execute_transaction(Worker& worker, uint32_t index) {
    if (attempt_at(index) == nullptr) {
        attempt_at(index) = &worker.take_attempt();
        if (!expected_.empty()) std::swap(attempt_at(index)->writes, expected_[index]);
    }
    Attempt& attempt = *attempt_at(index);
    if (!block_->senders[index]) {
        attempt.result = std::unexpected(TransactionError::invalid_signature);
        attempt.note_result();
        finished(worker, attempt, index);
        return;
    }
    Span span(worker.track, Kind::execute, index);
    Progress progress = attempt.context == nullptr ? start(worker, attempt, index) : wake_up(worker, attempt, index, span);
    while (progress == Progress::blocked) {
        if (rest(attempt, index, span)) return;
        if (attempt.context->execution.state().read_error().kind == state::ReadError::Kind::failed) break;
        progress = attempt.context->execution.resume();
    }
    if (progress == Progress::finished)
        finish_attempt(worker, attempt, index);
    else
        publish_nothing(worker, attempt, index);
    if (span.is_recorded()) note_result(span, attempt);
    give_back(worker, *std::exchange(attempt.context, nullptr));
    finished(worker, attempt, index);
}

/// The attempt may be somebody else's from here on.
void ParallelExecutor::Implementation::finished(Worker& worker, Attempt& attempt, uint32_t index) {
    if (scheduler_.checks_ahead()) {
        if (attempt.repetitions != 0) count_repetition();
        worker.executed.push_back({.index = index, .attempt = &attempt});
    }
    worker.continuation = scheduler_.finished(index, worker.number);
}

/// Puts a blocked execution to rest until it can go on, and says true: from here on the attempt may be somebody else's. Otherwise it can go
/// on at once, unless its read failed.
bool ParallelExecutor::Implementation::rest(Attempt& attempt, uint32_t index, Span& span) {
    const state::ReadError error = attempt.context->execution.state().read_error();
    if (const Position blocker = attempt.context->view.blocker(); blocker != kNobody) {
        const uint64_t gas_ahead = std::exchange(attempt.gas_ahead, attempt.context->execution.gas_spent());
        if (!scheduler_.park(index, blocker - first_)) {
            attempt.gas_ahead = gas_ahead;
            return false;
        }
        // Relaxed: counters are read when the workers are done.
        parked_.fetch_add(1, sync::kRelaxed);
        if (span.is_recorded()) {
            span.set_outcome(Outcome::parked);
            span.set_other(blocker - first_);
        }
        return true;
    }
    if (error.kind == state::ReadError::Kind::failed) return false;
    attempt.is_reading = true;
    if (error.kind == state::ReadError::Kind::pending && scheduler_.park_on_read(index, *base_, error.detail)) {
        // Relaxed: as above.
        parked_on_reads_.fetch_add(1, sync::kRelaxed);
        if (span.is_recorded()) span.set_outcome(Outcome::reading);
        return true;
    }
    attempt.is_reading = false;
    base_->wait(error);
    return false;
}

Progress ParallelExecutor::Implementation::start(Worker& worker, Attempt& attempt, uint32_t index) {
    if (attempt.context == nullptr) attempt.context = &take_context(worker);
    attempt.is_reading = false;
    attempt.checked = 0;
    attempt.is_exact = optimisation::kExactAttempts && (index == worker.next_exact || scheduler_.is_frontier(index));
    Context& context = *attempt.context;
    context.view.begin(position_of(index), memory_, *base_, scheduler_.over());
    context.view.wait_at_contended_slots(scheduler_, first_);
    if (const auto* parties = worker.parties_of(index)) context.view.expect_parties(*parties);
    if (repairs_slots_ && !attempt.is_exact) context.view.offer_relative_slots();
    context.execution.keep_hashed_pairs(accesses_ != nullptr);
    return context.execution.start(steps_->environment(), block_->transactions[index], *block_->senders[index], context.view);
}

/// Goes on with a parked execution if what it read before still holds, else begins again. After a slow read that is looked into only when
/// there is much more than the last time: a transaction may wait for thousands of reads.
Progress ParallelExecutor::Implementation::wake_up(Worker& worker, Attempt& attempt, uint32_t index, Span& span) {
    Context& context = *attempt.context;
    context.view.take_cells_from(*worker.cells);
    const auto [accounts, slots] = context.view.reads();
    const size_t read = accounts.size() + slots.size();
    if (std::exchange(attempt.is_reading, false) && read < 2 * attempt.checked) {
        if (span.is_recorded()) span.set_kind(Kind::resume);
        return context.execution.resume();
    }
    attempt.reads.assign(context.execution.state(), context.view);
    if (attempt.reads.holds(memory_, position_of(index))) {
        attempt.checked = read;
        if (span.is_recorded()) span.set_kind(Kind::resume);
        return context.execution.resume();
    }
    if (span.is_recorded()) note_conflict(span, attempt, index);
    reexecutions_.fetch_add(1, sync::kRelaxed);
    attempt.gas_ahead = 0;
    return start(worker, attempt, index);
}

void ParallelExecutor::Implementation::finish_attempt(Worker& worker, Attempt& attempt, uint32_t index) {
    Context& context = *attempt.context;
    const state::State& state = context.execution.state();
    if (is_planted(Fault::stale_read)) attempt.is_exact = attempt.is_exact || scheduler_.is_frontier(index);
    attempt.is_exact = attempt.is_exact && !ReadSet::lacks_credits(state, context.view);
    ReadSet::note_relative_uses(state, context.view);
    context.execution.exchange_result(attempt.result);
    attempt.note_result();
    record(index, context.execution, attempt);
    if (attempt.result && scheduler_.checks_ahead()) steps_->write_receipt(index, *attempt.result);
    if (attempt.result)
        memory_.publish(position_of(index), attempt.writes, attempt.result->changes, context.view.own_reads(), *worker.cells);
    else
        publish_nothing(worker, attempt, index);
    attempt.has_relative_slots = false;
    if (attempt.is_exact) {
        worker.next_exact = index + 1;
    } else {
        attempt.reads.assign(state, context.view);
        attempt.has_relative_slots = attempt.reads.has_relative_slots();
    }
}

/// The last incarnation is the one that commits.
void ParallelExecutor::Implementation::record(uint32_t index, const TransactionExecution& execution, const Attempt& attempt) {
    if (accesses_ != nullptr && attempt.result) accesses_->record(index, block_->transactions[index], *block_->senders[index], execution);
}

/// Of what the transaction was expected to write, nothing comes.
void ParallelExecutor::Implementation::publish_nothing(Worker& worker, Attempt& attempt, uint32_t index) {
    memory_.publish(position_of(index), attempt.writes, {}, {}, *worker.cells);
}

// ---- Checking ahead ----

/// Takes back what the worker executed and is committed, and checks what waits to be. Whether it went on with one of those.
bool ParallelExecutor::Implementation::look_after_executed(Worker& worker) {
    const uint32_t frontier = scheduler_.frontier();
    std::erase_if(worker.executed, [&](const Executed& executed) {
        if (executed.index >= frontier) return false;
        worker.recycle(*executed.attempt);
        return true;
    });
    const uint32_t end = scheduler_.executed();
    for (size_t i = 0; i < worker.executed.size(); ++i) {
        // The lowest that waits for what it has just executed comes first.
        if (worker.continuation) return false;
        Executed& executed = worker.executed[i];
        if (executed.index > end || executed.is_looked_at(repetitions_.load(sync::kAcquire)) || !scheduler_.claim(executed.index)) continue;
        if (check_ahead(worker, executed)) {
            worker.continuation = scheduler_.finished(executed.index, worker.number);
            continue;
        }
        const auto [index, attempt, looked_at_after, is_cheap] = executed;
        worker.executed.erase(worker.executed.begin() + static_cast<ptrdiff_t>(i));
        repeat_ahead(worker, *attempt, index);
        return true;
    }
    return false;
}

/// Whether there is nothing to do about a claimed transaction but to commit it: what it has read holds, or it is for the committer.
bool ParallelExecutor::Implementation::check_ahead(Worker& worker, Executed& executed) {
    constexpr uint32_t kMostRepetitions = 2;
    constexpr uint64_t kCheapGas = 60'000;
    const auto [index, attempt] = std::pair(executed.index, executed.attempt);
    // Before anything is read, as what happens from here on may not be seen.
    executed.looked_at_after = repetitions_.load(sync::kAcquire);
    executed.is_cheap = attempt->gas_used <= kCheapGas;
    const uint64_t disturbances = disturbances_.load(sync::kAcquire);
    if (!attempt->has_result || attempt->is_exact || !block_->senders[index]) return true;
    if (!attempt->reads.holds(memory_, position_of(index))) {
        if (attempt->repetitions == kMostRepetitions || !repetition_budget_.take()) return true;
        Span span(worker.track, Kind::validate, index);
        if (span.is_recorded()) {
            span.set_outcome(Outcome::conflict);
            note_conflict(span, *attempt, index);
        }
        return false;
    }
    // Credits that are only summed up are published by the committer.
    bool lacks_credits = false;
    attempt->reads.for_each_lacking_credits([&](auto&) { lacks_credits = true; });
    if (!lacks_credits) attempt->held_after = disturbances;
    return true;
}

/// Executes a claimed transaction again, which may not be the last time.
void ParallelExecutor::Implementation::repeat_ahead(Worker& worker, Attempt& attempt, uint32_t index) {
    memory_.mark_estimates(position_of(index), attempt.writes);
    reexecutions_.fetch_add(1, sync::kRelaxed);
    ++attempt.repetitions;
    attempt.has_result = false;
    attempt.gas_ahead = 0;
    execute_transaction(worker, index);
}

/// What a transaction wrote when it was executed first, on which others may have been checked, is replaced.
void ParallelExecutor::Implementation::count_repetition() noexcept {
    repetitions_.fetch_add(1, sync::kAcquireRelease);
    if (!is_planted(Fault::uncounted_repetition)) disturbances_.fetch_add(1, sync::kAcquireRelease);
}

// ---- Committing ----

void ParallelExecutor::Implementation::commit_what_is_executed(Worker& worker, bool is_idle) {
    while (scheduler_.take_commit(worker.number, is_idle)) {
        while (const auto index = scheduler_.next_to_commit(worker.number, is_idle)) {
            Span span(worker.track, Kind::commit, *index);
            if (const auto committed = commit(worker, *index); !committed) {
                if (span.is_recorded()) span.set_outcome(Outcome::failed);
                fail(committed.error());
                return;
            }
            scheduler_.advance();
        }
        // Once the block is over, the books are worker 0's.
        if (scheduler_.is_over()) return;
        memory_.settle(committed_->next());
        scheduler_.release_commit();
    }
}

std::expected<void, BlockError> ParallelExecutor::Implementation::commit(Worker& worker, uint32_t index) {
    if (const auto room = steps_->check_room(index); !room) return room;
    Attempt& attempt = *attempt_at(index);
    if (scheduler_.checks_ahead()) prefetch_next(index);
    const bool was_right = validate(worker.track, attempt, index);
    repetition_budget_.note_commit(was_right && attempt.repetitions != 0);
    if (!was_right) {
        if (const auto executed = execute_exactly(worker, attempt, index); !executed) return executed;
    } else if (attempt.has_relative_slots) {
        repair(worker, attempt, index);
    }
    if (!attempt.is_valid) return steps_->commit(index, std::move(attempt.result));
    const uint64_t gas = attempt.gas_used;
    const LookAhead::Commit what{
        .gas = gas, .in_order = gas - std::min(gas, attempt.gas_ahead), .was_ahead = !attempt.is_exact || attempt.gas_ahead == 0};
    const Reach reach = look_ahead_.after(what);
    scheduler_.look_ahead(reads_are_slow_ ? Reach::far : reach);
    committed_->expect(attempt.writes);
    if (!scheduler_.checks_ahead()) {
        if (const auto committed = steps_->commit(index, std::move(attempt.result)); !committed) return committed;
        release(worker, index);
        return {};
    }
    if (const auto committed = steps_->commit_written(index, gas, attempt.result->changes); !committed) return committed;
    attempt_at(index) = nullptr;
    return {};
}

/// Most of what will be committed after `index` was executed by other workers, and is in the caches of their cores.
void ParallelExecutor::Implementation::prefetch_next(uint32_t index) {
    scheduler_.prefetch_entry(index + 3);
    if (!scheduler_.is_seen_executed(index + 1) || !scheduler_.is_seen_executed(index + 2)) return;
    prefetch<AttemptHead>(*attempt_at(index + 2));
}

/// Whether the attempt's result is what execution on the committed state would give.
bool ParallelExecutor::Implementation::holds(const Attempt& attempt, uint32_t index) {
    if (!attempt.has_result) return false;
    if (attempt.is_exact || !block_->senders[index]) return true;
    // Relaxed: what was done to lower transactions is known since they were committed.
    if (attempt.held_after == disturbances_.load(sync::kRelaxed)) return true;
    attempt.reads.for_each_lacking_credits([this](auto& cell) { committed_->publish_credits(cell); });
    return attempt.reads.holds(memory_, position_of(index));
}

/// Puts right what the attempt, whose reads hold, made of slots that it read as relative.
void ParallelExecutor::Implementation::repair(Worker& worker, Attempt& attempt, uint32_t index) {
    if (!attempt.is_valid) return;
    std::optional<Span> span;
    attempt.reads.repair(memory_, position_of(index), attempt.result->changes, [&](const Timeline::Location& slot) {
        if (!span && span.emplace(worker.track, Kind::repair, index).is_recorded()) span->set_location(slot);
        repaired_.add(slot);
    });
    // Not before: who looks at the slot in between has counted it and not seen it.
    if (span && scheduler_.checks_ahead()) disturbances_.fetch_add(1, sync::kAcquireRelease);
}

/// Executes the frontier's transaction on the committed state itself: what comes out needs no validation.
std::expected<void, BlockError> ParallelExecutor::Implementation::execute_exactly(Worker& worker, Attempt& attempt, uint32_t index) {
    Span span(worker.track, Kind::repeat, index);
    if (span.is_recorded() && attempt.has_result) note_conflict(span, attempt, index);
    scheduler_.begin_exact(index);
    memory_.mark_estimates(position_of(index), attempt.writes);
    reexecutions_.fetch_add(1, sync::kRelaxed);
    attempt.gas_ahead = 0;
    Context& context = take_context(worker);
    TransactionExecution& execution = context.execution;
    execution.keep_hashed_pairs(accesses_ != nullptr);
    const Progress progress = execution.start(steps_->environment(), block_->transactions[index], *block_->senders[index], *committed_);
    auto finished = finish(execution, progress, *committed_);
    if (finished) {
        execution.exchange_result(attempt.result);
        attempt.note_result();
        record(index, execution, attempt);
        if (attempt.result && scheduler_.checks_ahead()) steps_->write_receipt(index, *attempt.result);
    }
    give_back(worker, context);
    if (!finished) {
        if (span.is_recorded()) span.set_outcome(Outcome::failed);
        finished.error().transaction = index;
        return finished;
    }
    if (span.is_recorded()) note_result(span, attempt);
    if (attempt.result) memory_.publish(position_of(index), attempt.writes, attempt.result->changes, {}, *worker.cells);
    if (scheduler_.checks_ahead()) count_repetition();
    scheduler_.finish_exact(index);
    return {};
}

// ---- The timeline ----

/// What holds() says, on the track.
bool ParallelExecutor::Implementation::validate(Timeline::Track* track, const Attempt& attempt, uint32_t index) {
    Span span(track, Kind::validate, index);
    const bool result = holds(attempt, index);
    if (!result && span.is_recorded()) span.set_outcome(attempt.has_result ? Outcome::conflict : Outcome::failed);
    return result;
}

/// Why the transaction is executed again, if the attempt's reads tell.
void ParallelExecutor::Implementation::note_conflict(Span& span, const Attempt& attempt, uint32_t index) {
    const auto conflict = attempt.reads.first_conflict(memory_, position_of(index));
    if (!conflict) return;
    span.set_location(conflict->location);
    if (conflict->writer != kNobody && conflict->writer >= first_) span.set_other(conflict->writer - first_);
}

/// What came of an execution that did not park.
void ParallelExecutor::Implementation::note_result(Span& span, const Attempt& attempt) {
    span.set_outcome(!attempt.has_result ? Outcome::failed : attempt.result ? Outcome::done : Outcome::invalid);
}

// ---- The interface ----

ParallelExecutor::ParallelExecutor(unsigned threads) : implementation_(std::make_unique<Implementation>(threads)) {}
ParallelExecutor::~ParallelExecutor() = default;

std::expected<BlockResult, BlockError> ParallelExecutor::execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options, unsigned workers) {
    if (expects_payments(block, view, options))
        if (auto result = execute_payments(block, view, options, workers)) return *std::move(result);
    return execute_transactions(block, view, options, workers);
}

std::expected<BlockResult, BlockError> ParallelExecutor::execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options) {
    return execute(block, view, options, implementation_->pool_.size());
}

bool ParallelExecutor::expects_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options) noexcept {
    return implementation_->expects_payments(block, view, options);
}

std::optional<BlockResult> ParallelExecutor::execute_payments(const BlockInput& block, state::StateView& view, const BlockOptions& options,
                                                              unsigned workers) {
    return implementation_->execute_payments(block, view, options, workers);
}

std::expected<BlockResult, BlockError> ParallelExecutor::execute_transactions(const BlockInput& block, state::StateView& view,
                                                                              const BlockOptions& options, unsigned workers) {
    return implementation_->execute_transactions(block, view, options, workers);
}

void ParallelExecutor::record(Timeline* timeline) noexcept {
    WEFT_ASSERT(timeline == nullptr || timeline->tracks().size() == implementation_->workers_.size());
    implementation_->timeline_ = timeline;
    for (Worker& worker : implementation_->workers_) worker.track = timeline == nullptr ? nullptr : &timeline->track(worker.number);
}

const ParallelStatistics& ParallelExecutor::statistics() const noexcept { return implementation_->statistics_; }

}  // namespace weft::execution
