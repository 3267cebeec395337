// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/parallel_executor.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/execution/parallel/parallel_execution.hpp"
#include "weft/execution/transaction_validation.hpp"

#include <chrono>
#include <new>
#include <utility>

namespace weft::execution {

namespace {

/// How far execution runs ahead of the commits: far enough to be busy behind one long transaction, near enough to bound
/// what is kept for it. It is far enough for slow reads too: if nothing but they took time, all in the window would wait for theirs at
/// once, and that many transactions would be done in the time of one.
constexpr size_t window_of(unsigned threads) noexcept { return sync::limit(16U, 3U) + sync::limit(32U, 2U) * static_cast<size_t>(threads); }

/// Slow reads of transactions begin up to a window before the transactions do; this many transactions at once, so that nobody is kept long.
constexpr size_t kReadAheadAtOnce = 8;

using Clock = std::chrono::steady_clock;

uint64_t ns_since(Clock::time_point begin) noexcept {
    return static_cast<uint64_t>(std::chrono::nanoseconds(Clock::now() - begin).count());
}

/// How long the workers were there for transactions, and how much of it they waited for work, or executed again.
struct Times {
    Worker::Time there{};
    Worker::Time waited{};
    Worker::Time repeated{};
};
Times times_of(std::span<const Worker> workers) noexcept {
    Times times;
    for (const Worker& worker : workers) {
        times.there += worker.there;
        times.waited += worker.waited;
        times.repeated += worker.repeated;
    }
    return times;
}

}  // namespace

ParallelExecutor::Implementation::Implementation(unsigned threads) : pool_(threads, kAwake), memory_(threads + 1), workers_(threads) {
    for (unsigned i = 0; i < threads; ++i) workers_[i].join(i, attempt_pool_, memory_.pool(i));
}

// ---- The block ----

std::expected<BlockResult, BlockError> ParallelExecutor::Implementation::execute_transactions(const BlockInput& block,
                                                                                              state::StateView& view,
                                                                                              const BlockOptions& options,
                                                                                              unsigned workers) {
    WEFT_ASSERT(block.senders.size() == block.transactions.size());
    statistics_ = {.threads = workers, .transactions = block.transactions.size()};
    if (timeline_ != nullptr) timeline_->clear();
    recover_senders(block);
    begin_ = Clock::now();
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
    books_.begin();
    reads_are_slow_ = view.is_slow();
    joins_payments_ = optimisation::kRunsOfPayments && !is_each_wanted(options) && !reads_are_slow_;
    repaired_.begin_block();
    foretold_.begin_block();
    gas_in_vain_ = 0;
    waits_ = 0;
    parked_on_reads_ = 0;
    distance_.begin_block(workers);
    Context& edge = take_context(workers_[0]);
    // One transaction keeps one worker busy: the others need not get up. Otherwise they get up while the block is prepared.
    if (block.transactions.size() > 1) {
        preparers_.assemble();
        crew_.assemble();
        pool_.run(workers, [this, &edge](unsigned worker) {
            if (worker == 0) {
                conduct(edge);
            } else {
                help_prepare(workers_[worker]);
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
            if (executed.task < scheduler_.committed()) worker.recycle(*executed.attempt);
        worker.executed.clear();
    }
    for (uint32_t task = scheduler_.committed(); task < scheduler_.size(); ++task)
        if (Attempt* attempt = std::exchange(attempt_at(task), nullptr)) abandon(*attempt);
    contexts_.give_back(edge);
    // Relaxed: the workers are done, and the pool's lock lies between them and here.
    statistics_.reexecutions = reexecutions_.load(sync::kRelaxed);
    statistics_.parked = parked_.load(sync::kRelaxed);
    statistics_.gas = books_.gas;
    statistics_.gas_in_vain = gas_in_vain_.load(sync::kRelaxed);
    statistics_.waits = waits_.load(sync::kRelaxed);
    const auto [there, waited, repeated] = times_of(workers_);
    statistics_.idle_share = there == Worker::Time::zero() ? 0 : static_cast<double>(waited.count()) / static_cast<double>(there.count());
    statistics_.busy_ns = static_cast<uint64_t>(std::max<int64_t>(std::chrono::nanoseconds(there - waited).count(), 0));
    statistics_.repeated_ns = static_cast<uint64_t>(std::chrono::nanoseconds(repeated).count());
    statistics_.line_ns = distance_.line_ns();
    statistics_.repaired = repaired_.count();
    statistics_.moved_slots = books_.moved_slots;
    statistics_.foretold = foretold_.count();
    statistics_.joined_payments = books_.joined_payments;
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

/// Who wants to know of each transaction has each executed.
bool ParallelExecutor::Implementation::is_each_wanted(const BlockOptions& options) noexcept {
    return options.accesses != nullptr || options.keep_effects;
}

bool ParallelExecutor::Implementation::expects_payments(const BlockInput& block, state::StateView& view,
                                                        const BlockOptions& options) noexcept {
    return optimisation::kPaymentsByAccount && timeline_ == nullptr && !is_each_wanted(options) && !view.is_slow() &&
           payments_.expect(block.transactions);
}

std::optional<BlockResult> ParallelExecutor::Implementation::execute_payments(const BlockInput& block, state::StateView& view,
                                                                              const BlockOptions& options, unsigned workers) {
    statistics_ = {.threads = workers, .transactions = block.transactions.size(), .is_by_account = true};
    recover_senders(block);
    CommittedState committed(memory_, memory_.pool(pool_.size()), view, crew_);
    BlockSteps steps(block, committed, options);
    Context& edge = take_context(workers_[0]);
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
    distance_.write();
    preparers_.dismiss();
    statistics_.preparation_ns = ns_since(begin_);
    guarded([&] {
        work(workers_[0]);
        if (error_) return;
        const Span span(workers_[0].track, Kind::end);
        const auto begin_of_end = Clock::now();
        auto ended = steps_->end(edge.execution, crew_, statistics_.threads);
        if (ended)
            result_ = *std::move(ended);
        else
            fail(ended.error());
        statistics_.ending_ns = ns_since(begin_of_end);
    });
    crew_.dismiss();
}

std::expected<void, BlockError> ParallelExecutor::Implementation::prepare(Context& edge) {
    for (Worker& worker : workers_) {
        worker.continuation.reset();
        worker.forget_parties();
        worker.hashes.forget();
        worker.next_exact = UINT32_MAX;
        worker.there = worker.waited = worker.repeated = {};
    }
    const size_t window = window_of(statistics_.threads);
    preview();
    scheduler_.reset(outlines_, window, statistics_.threads);
    if (reads_are_slow_) {
        scheduler_.look_ahead(Reach::far);
        scheduler_.let_all_rest();
    }
    ahead_.begin(*block_, *base_, 2 * window);
    if (ahead_.is_active()) ahead_.advance(0, window);
    if (scheduler_.checks_ahead()) steps_->await_receipts();
    if (const auto begun = steps_->begin(edge.execution); !begun) return begun;
    first_ = committed_->next();
    memory_.settle(first_);
    memory_.defer_credits_to(block_->header->beneficiary, memory_.pool(pool_.size()));
    expect_useful_slots();
    expect_writes();
    return {};
}

void ParallelExecutor::Implementation::help_prepare(const Worker& worker) {
    const Span span(worker.track, Kind::wait);
    preparers_.help();
    distance_.read(worker.number);
}

/// Looks at all transactions, and decides whether there may be payments that are executed with others.
void ParallelExecutor::Implementation::preview() {
    beneficiary_ = &memory_.cell_of(block_->header->beneficiary, memory_.pool(pool_.size()));
    // Before EIP-161 it matters whether accounts exist, and that an execution looks into.
    joins_payments_ = joins_payments_ && block_->rules.revision >= types::Revision::SpuriousDragon;
    if (joins_payments_) {
        // So that a commit has nothing to ask for.
        const auto answer = base_->account(block_->header->beneficiary);
        if (answer) memory_.set_base(*beneficiary_, *answer);
        joins_payments_ = answer.has_value();
    }
    const size_t count = block_->transactions.size();
    outlines_.resize(count);
    const size_t parts = statistics_.threads;
    // Nobody uses the pools of the workers yet.
    preparers_.run(parts, [&](size_t part) { preview(part * count / parts, (part + 1) * count / parts, memory_.pool(part)); });
}

void ParallelExecutor::Implementation::preview(size_t begin, size_t end, MultiVersionMemory::CellPool& pool) noexcept {
    const auto& transactions = block_->transactions;
    const auto has_data = [&](size_t i) { return i >= transactions.size() || !transactions[i].data.empty(); };
    std::optional<address> recipient;  // The last one that was looked up.
    bool has_code = false;
    // Whoever pays for no more gas than a payment needs expects no code; where others pay is looked up, but for a single one.
    const auto is_payment = [&](size_t i) {
        const types::Transaction& payment = transactions[i];
        const auto& sender = block_->senders[i];
        if (has_data(i) || !sender || payment.value.is_zero() || !payment.access_list.empty()) return false;
        if (!may_be_payment(payment, *sender, steps_->environment())) return false;
        if (payment.gas_limit == kTransactionGas) return true;
        if (has_data(i - 1) && has_data(i + 1)) return false;
        if (recipient != payment.to) {
            recipient = payment.to;
            has_code = may_have_code(*recipient, pool);
        }
        return !has_code;
    };
    for (size_t i = begin; i < end; ++i) {
        const types::Transaction& transaction = transactions[i];
        const auto& sender = block_->senders[i];
        outlines_[i] = {.sender = sender ? std::optional(hash_value(*sender)) : std::nullopt,
                        .recipient = transaction.to,
                        .input = transaction.data,
                        .gas_limit = transaction.gas_limit,
                        .is_payment = joins_payments_ && is_payment(i)};
    }
}

/// In the state before the block, as far as it has an answer.
bool ParallelExecutor::Implementation::may_have_code(const address& addr, MultiVersionMemory::CellPool& pool) noexcept {
    try {
        MultiVersionMemory::AccountCell& cell = memory_.cell_of(addr, pool);
        if (!MultiVersionMemory::has_base(cell)) {
            const auto answer = base_->account(addr);
            if (!answer) return true;
            memory_.set_base(cell, *answer);
        }
        std::optional<state::Account> account;
        return memory_.read(cell, 0, account).needs_base || (account && account->code_hash != state::kEmptyCodeHash);
    } catch (const std::bad_alloc&) {
        // Whoever executes it gets along with less, or says so.
        return true;
    }
}

/// What was repaired or foretold in the last block is so from the first transaction on.
void ParallelExecutor::Implementation::expect_useful_slots() {
    MultiVersionMemory::CellPool& cells = memory_.pool(pool_.size());
    const auto contended_cell = [&](const Timeline::Location& location) -> MultiVersionMemory::SlotCell& {
        MultiVersionMemory::SlotCell& cell = memory_.cell_of(memory_.cell_of(location.account, cells), *location.slot, cells);
        MultiVersionMemory::contend(cell, MultiVersionMemory::kSomebody);
        return cell;
    };
    if (repairs_slots_) {
        for (const UsefulSlots::Slot& slot : repaired_.of_last_block()) {
            MultiVersionMemory::SlotCell& cell = contended_cell(slot.location);
            MultiVersionMemory::relative_uses_of(cell).presume_good();
            // What nobody has written is read without a lock: also the first transaction is not to write it.
            MultiVersionMemory::defer_additions_to(cell);
        }
    }
    for (const UsefulSlots::Slot& slot : foretold_.of_last_block()) {
        if (slot.step.is_zero()) continue;
        MultiVersionMemory::SlotCell& cell = contended_cell(slot.location);
        MultiVersionMemory::presume_counter(cell, slot.step);
        // Otherwise the first to ask would find nothing to count from.
        if (reads_are_slow_) continue;
        if (const auto answer = base_->storage(slot.location.account, *slot.location.slot)) memory_.set_base(cell, *answer);
    }
}

/// Places what the hints say as estimates, on which readers wait. Whoever finishes leaves none of his: he publishes something, or nothing.
void ParallelExecutor::Implementation::expect_writes() {
    expected_.clear();
    if (block_->hints == nullptr) return;
    expected_.resize(block_->transactions.size());
    MultiVersionMemory::CellPool& cells = memory_.pool(pool_.size());
    for (const auto& [index, access] : hinted_.find(*block_->hints, block_->transactions.size())) {
        // Payments of a run are not looked for.
        const uint32_t task = scheduler_.task_of(index);
        if (!block_->senders[index] || scheduler_.is_of_payments(task)) continue;
        MultiVersionMemory::AccountCell& account = memory_.cell_of(access->account, cells);
        if (access->slot)
            memory_.expect_write(position_of(task), expected_[index], memory_.cell_of(account, *access->slot, cells), cells);
        else
            memory_.expect_write(position_of(task), expected_[index], account);
    }
}

/// Until the block is over.
void ParallelExecutor::Implementation::work(Worker& worker) {
    const auto begin = Clock::now();
    bool was_dear = false;
    while (!scheduler_.is_over()) {
        if (ahead_.is_active()) ahead_.advance(scheduler_.frontier(), kReadAheadAtOnce);
        if (!scheduler_.has_neighbours_left(worker.number)) commit_what_is_executed(worker, was_dear);
        if (scheduler_.checks_ahead() && look_after_executed(worker)) continue;
        auto task = std::exchange(worker.continuation, std::nullopt);
        if (!task) task = scheduler_.next(worker.number);
        if (task) {
            was_dear = scheduler_.is_dear(*task);
            execute_task(worker, *task);
        } else {
            commit_what_is_executed(worker, true);
            if (!scheduler_.is_over() && close_some(worker)) continue;
            const Span span(worker.track, Kind::wait);
            const auto since = Clock::now();
            const bool is_any_left = scheduler_.is_any_left();
            scheduler_.wait_for_work();
            // Waiting for the last transactions tells how long these are, not what others waited for.
            if (!is_any_left && scheduler_.is_over()) {
                worker.there = since - begin;
                return;
            }
            worker.waited += Clock::now() - since;
        }
    }
    worker.there = Clock::now() - begin;
}

/// Closes some receipts of transactions that are committed, if there are enough. Whether it did.
bool ParallelExecutor::Implementation::close_some(Worker& worker) noexcept {
    Span span(worker.track, Kind::close);
    const bool has_closed = steps_->close_some(transaction_of(scheduler_.frontier()));
    if (!has_closed && span.is_recorded()) span.withdraw();
    return has_closed;
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
    return worker.adopt(worker.context != nullptr ? *std::exchange(worker.context, nullptr) : contexts_.take());
}

void ParallelExecutor::Implementation::give_back(Worker& worker, Context& context) {
    if (worker.context == nullptr)
        worker.context = &context;
    else
        contexts_.give_back(context);
}

/// It will not be committed.
void ParallelExecutor::Implementation::abandon(Attempt& attempt) {
    if (attempt.context != nullptr) give_back(workers_[0], *std::exchange(attempt.context, nullptr));
    workers_[0].recycle(attempt);
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

void ParallelExecutor::forget_slots() noexcept {
    implementation_->repaired_.forget();
    implementation_->foretold_.forget();
}

void ParallelExecutor::record(Timeline* timeline) noexcept {
    WEFT_ASSERT(timeline == nullptr || timeline->tracks().size() == implementation_->workers_.size());
    implementation_->timeline_ = timeline;
    for (Worker& worker : implementation_->workers_) worker.track = timeline == nullptr ? nullptr : &timeline->track(worker.number);
}

const ParallelStatistics& ParallelExecutor::statistics() const noexcept { return implementation_->statistics_; }

}  // namespace weft::execution
