// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/optimisation.hpp"
#include "weft/base/planted_fault.hpp"
#include "weft/execution/parallel/parallel_execution.hpp"
#include "weft/execution/transaction_validation.hpp"

#include <span>
#include <utility>

namespace weft::execution {

// ---- Executing ahead ----

void ParallelExecutor::Implementation::look_up_neighbours(Worker& worker, uint32_t task) {
    const uint32_t end = scheduler_.end_of_neighbours(worker.number, task);
    if (reads_are_slow_ || (end - task < 2 && !scheduler_.is_of_payments(task))) return;
    const uint32_t end_of_transactions = scheduler_.transactions_of(end - 1).end;
    worker.look_up_parties(*block_, transaction_of(task), end_of_transactions, memory_, *base_);
}

void ParallelExecutor::Implementation::execute_task(Worker& worker, uint32_t task) {
    if (worker.parties_of(transaction_of(task)) == nullptr) look_up_neighbours(worker, task);
    if (attempt_at(task) == nullptr) {
        attempt_at(task) = &worker.take_attempt();
        if (!expected_.empty()) std::swap(attempt_at(task)->writes, expected_[transaction_of(task)]);
    }
    Attempt& attempt = *attempt_at(task);
    if (scheduler_.is_of_payments(task) && attempt.context == nullptr && pay_ahead(worker, attempt, task))
        finished(worker, attempt, task);
    else
        execute_transaction(worker, attempt, task);
}

/// Executes payments together. false: there is one, and it is for execute_transaction().
bool ParallelExecutor::Implementation::pay_ahead(Worker& worker, Attempt& attempt, uint32_t task) {
    const auto [begin, end] = scheduler_.transactions_of(task);
    Span span(worker.track, Kind::execute, begin);
    if (span.is_recorded()) note_count(span, task);
    PaymentRun& run = worker.payments;
    const std::span parties{worker.parties_of(begin), end - begin};
    attempt.has_result =
        run.add_up(*block_, steps_->environment(), {begin, end}, parties, *beneficiary_) &&
        run.publish(position_of(task), last_position_of(task), memory_, *base_, attempt.reads, attempt.writes, *worker.cells);
    attempt.is_of_payments = attempt.has_result || end - begin > 1;
    if (!attempt.has_result) {
        if (span.is_recorded()) attempt.is_of_payments ? span.set_outcome(Outcome::failed) : span.withdraw();
        return attempt.is_of_payments;
    }
    attempt.is_valid = true;
    attempt.is_exact = false;
    attempt.has_relative_slots = false;
    attempt.has_foretold_slots = false;
    attempt.gas_used = (end - begin) * kTransactionGas;
    if (scheduler_.checks_ahead()) steps_->write_receipts_of_payments(begin, end);
    return true;
}

void ParallelExecutor::Implementation::execute_transaction(Worker& worker, Attempt& attempt, uint32_t task) {
    if (!block_->senders[transaction_of(task)]) {
        attempt.result = std::unexpected(TransactionError::invalid_signature);
        attempt.note_result();
        finished(worker, attempt, task);
        return;
    }
    Span span(worker.track, Kind::execute, transaction_of(task));
    Progress progress = attempt.context == nullptr ? start(worker, attempt, task) : wake_up(worker, attempt, task, span);
    while (progress == Progress::blocked) {
        if (rest(attempt, task, span)) return;
        if (attempt.context->execution.state().read_error().kind == state::ReadError::Kind::failed) break;
        progress = attempt.context->execution.resume();
    }
    if (progress == Progress::finished)
        finish_attempt(worker, attempt, task);
    else
        publish_nothing(worker, attempt, task);
    if (span.is_recorded()) note_result(span, attempt);
    give_back(worker, *std::exchange(attempt.context, nullptr));
    finished(worker, attempt, task);
}

/// The attempt may be somebody else's from here on.
void ParallelExecutor::Implementation::finished(Worker& worker, Attempt& attempt, uint32_t task) {
    if (scheduler_.checks_ahead()) {
        if (attempt.repetitions != 0) count_repetition();
        worker.executed.push_back({.task = task, .attempt = &attempt});
    }
    worker.continuation = scheduler_.finished(task, worker.number);
}

/// Puts a blocked execution to rest until it can go on, and says true: from here on the attempt may be somebody else's. Otherwise it can go
/// on at once, unless its read failed.
bool ParallelExecutor::Implementation::rest(Attempt& attempt, uint32_t task, Span& span) {
    const state::ReadError error = attempt.context->execution.state().read_error();
    if (const Position blocker = attempt.context->view.blocker(); blocker != kNobody) {
        const uint64_t gas_ahead = std::exchange(attempt.gas_ahead, attempt.context->execution.gas_spent());
        ++attempt.waits;
        if (attempt.context->view.await_store()) {
            // Relaxed: counters are read when the workers are done.
            waits_.fetch_add(1, sync::kRelaxed);
            return false;
        }
        const MultiVersionMemory::SlotCell* const slot = attempt.context->view.blocked_at();
        if (!scheduler_.park(task, scheduler_.task_of(blocker - first_), slot)) {
            attempt.gas_ahead = gas_ahead;
            --attempt.waits;
            return false;
        }
        // Relaxed: as above.
        waits_.fetch_add(1, sync::kRelaxed);
        parked_.fetch_add(1, sync::kRelaxed);
        if (span.is_recorded()) {
            span.set_outcome(Outcome::parked);
            span.set_other(blocker - first_);
            if (slot != nullptr) span.set_location(MultiVersionMemory::location_of(*slot));
        }
        return true;
    }
    if (error.kind == state::ReadError::Kind::failed) return false;
    attempt.is_reading = true;
    if (error.kind == state::ReadError::Kind::pending && scheduler_.park_on_read(task, *base_, error.detail)) {
        // Relaxed: as above.
        parked_on_reads_.fetch_add(1, sync::kRelaxed);
        if (span.is_recorded()) span.set_outcome(Outcome::reading);
        return true;
    }
    attempt.is_reading = false;
    base_->wait(error);
    return false;
}

Progress ParallelExecutor::Implementation::start(Worker& worker, Attempt& attempt, uint32_t task) {
    if (attempt.context == nullptr) attempt.context = &take_context(worker);
    attempt.is_reading = false;
    attempt.checked = 0;
    attempt.waits = 0;
    attempt.is_exact = optimisation::kExactAttempts && (task == worker.next_exact || scheduler_.is_frontier(task));
    Context& context = *attempt.context;
    context.view.begin(position_of(task), memory_, *base_, scheduler_.over());
    context.view.look_at_contended_slots({.scheduler = &scheduler_, .transactions = block_->transactions, .first = first_},
                                         context.execution, attempt.writes);
    if (attempt.is_exact) context.view.wait_for_nobody();
    const uint32_t transaction = transaction_of(task);
    if (const auto* parties = worker.parties_of(transaction)) context.view.expect_parties(*parties);
    if (repairs_slots_) attempt.is_exact ? context.view.offer_deferred_slots() : context.view.offer_relative_slots();
    context.execution.keep_hashed_pairs(accesses_ != nullptr);
    return context.execution.start(steps_->environment(), block_->transactions[transaction], *block_->senders[transaction], context.view);
}

/// Goes on with a parked execution if what it read before still holds, else begins again. After a slow read that is looked into only when
/// there is much more than the last time: a transaction may wait for thousands of reads.
Progress ParallelExecutor::Implementation::wake_up(Worker& worker, Attempt& attempt, uint32_t task, Span& span) {
    Context& context = worker.adopt(*attempt.context);
    const auto [accounts, slots] = context.view.reads();
    const size_t read = accounts.size() + slots.size();
    if (std::exchange(attempt.is_reading, false) && read < 2 * attempt.checked) {
        if (span.is_recorded()) span.set_kind(Kind::resume);
        return context.execution.resume();
    }
    attempt.reads.assign(context.execution.state(), context.view);
    if (attempt.reads.may_hold(memory_, position_of(task))) {
        attempt.checked = read;
        if (span.is_recorded()) span.set_kind(Kind::resume);
        return context.execution.resume();
    }
    if (span.is_recorded()) note_conflict(span, attempt, task);
    // What was published early, and comes to nothing.
    memory_.mark_estimates(position_of(task), attempt.writes);
    count_again(1);
    gas_in_vain_.fetch_add(context.execution.gas_spent(), sync::kRelaxed);
    attempt.gas_ahead = 0;
    return start(worker, attempt, task);
}

void ParallelExecutor::Implementation::finish_attempt(Worker& worker, Attempt& attempt, uint32_t task) {
    Context& context = *attempt.context;
    const state::State& state = context.execution.state();
    if (is_planted(Fault::stale_read)) attempt.is_exact = attempt.is_exact || scheduler_.is_frontier(task);
    attempt.is_exact = attempt.is_exact && !context.view.may_lack_additions() && state.relative_slots().empty() &&
                       !ReadSet::lacks_credits(state, context.view);
    ReadSet::note_relative_uses(state, context.view);
    context.execution.exchange_result(attempt.result);
    attempt.note_result();
    record(task, context.execution, attempt);
    if (attempt.result && scheduler_.checks_ahead()) steps_->write_receipt(transaction_of(task), *attempt.result);
    context.view.note_stores();
    if (attempt.waits != 0) attempt.account_for_waits(context.view.gas_at_early_store());
    attempt.has_foretold_slots = context.view.has_foretold();
    attempt.has_relative_slots = false;
    if (attempt.is_exact) {
        worker.next_exact = task + 1;
    } else {
        // Before anything is published: what is copied here has just been written, and would wait until what is published is in the cache.
        attempt.reads.take_over(state, context.view);
        attempt.has_relative_slots = attempt.reads.has_relative_slots();
    }
    if (!attempt.result) return publish_nothing(worker, attempt, task);
    const auto own_reads = attempt.is_exact ? context.view.own_reads() : attempt.reads.own_reads();
    memory_.publish(position_of(task), attempt.writes, attempt.result->changes, own_reads, *worker.cells);
}

/// The last incarnation is the one that commits.
void ParallelExecutor::Implementation::record(uint32_t task, const TransactionExecution& execution, const Attempt& attempt) {
    const uint32_t transaction = transaction_of(task);
    if (accesses_ != nullptr && attempt.result)
        accesses_->record(transaction, block_->transactions[transaction], *block_->senders[transaction], execution);
}

/// Of what the transaction was expected to write, nothing comes.
void ParallelExecutor::Implementation::publish_nothing(Worker& worker, Attempt& attempt, uint32_t task) {
    memory_.publish(last_position_of(task), attempt.writes, {}, {}, *worker.cells);
}

// ---- Checking ahead ----

/// Takes back what the worker executed and is committed, and checks what waits to be. Whether it went on with one of those.
bool ParallelExecutor::Implementation::look_after_executed(Worker& worker) {
    const uint32_t frontier = scheduler_.frontier();
    std::erase_if(worker.executed, [&](const Executed& executed) {
        if (executed.task >= frontier) return false;
        worker.recycle(*executed.attempt);
        return true;
    });
    const uint32_t end = scheduler_.executed();
    for (size_t i = 0; i < worker.executed.size(); ++i) {
        // The lowest that waits for what it has just executed comes first.
        if (worker.continuation) return false;
        Executed& executed = worker.executed[i];
        if (executed.task > end || executed.is_looked_at(repetitions_.load(sync::kAcquire)) || !scheduler_.claim(executed.task)) continue;
        if (check_ahead(worker, executed)) {
            worker.continuation = scheduler_.finished(executed.task, worker.number);
            continue;
        }
        const auto [task, attempt, looked_at_after, is_cheap] = executed;
        worker.executed.erase(worker.executed.begin() + static_cast<ptrdiff_t>(i));
        repeat_ahead(worker, *attempt, task);
        return true;
    }
    return false;
}

/// Whether there is nothing to do about a claimed transaction but to commit it: what it has read holds, or it is for the committer.
bool ParallelExecutor::Implementation::check_ahead(Worker& worker, Executed& executed) {
    constexpr uint32_t kMostRepetitions = 2;
    constexpr uint64_t kCheapGas = 60'000;
    const auto [task, attempt] = std::pair(executed.task, executed.attempt);
    const uint32_t transaction = transaction_of(task);
    // Before anything is read, as what happens from here on may not be seen.
    executed.looked_at_after = repetitions_.load(sync::kAcquire);
    executed.is_cheap = attempt->gas_used <= kCheapGas;
    const uint64_t disturbances = disturbances_.load(sync::kAcquire);
    if (!attempt->has_result || attempt->is_exact || !block_->senders[transaction]) return true;
    if (!attempt->reads.holds(memory_, position_of(task))) {
        if (attempt->is_of_payments || attempt->repetitions == kMostRepetitions || !books_.repetitions.take()) return true;
        Span span(worker.track, Kind::validate, transaction);
        if (span.is_recorded()) {
            span.set_outcome(Outcome::conflict);
            note_conflict(span, *attempt, task);
        }
        return false;
    }
    // What is only summed up is published by the committer.
    bool lacks_sums = attempt->reads.may_lack_additions(attempt->writes);
    attempt->reads.for_each_lacking_credits([&](auto&) { lacks_sums = true; });
    if (!lacks_sums) attempt->held_after = disturbances;
    return true;
}

/// Executes a claimed transaction again, which may not be the last time.
void ParallelExecutor::Implementation::repeat_ahead(Worker& worker, Attempt& attempt, uint32_t task) {
    memory_.mark_estimates(position_of(task), attempt.writes);
    count_again(1);
    const Worker::Repetition repetition(worker);
    ++attempt.repetitions;
    attempt.has_result = false;
    attempt.gas_ahead = 0;
    execute_transaction(worker, attempt, task);
}

/// Incarnations that others have to follow.
void ParallelExecutor::Implementation::count_again(uint64_t incarnations) noexcept {
    // Relaxed: as in rest().
    reexecutions_.fetch_add(incarnations, sync::kRelaxed);
}

/// What a transaction wrote when it was executed first, on which others may have been checked, is replaced.
void ParallelExecutor::Implementation::count_repetition() noexcept {
    repetitions_.fetch_add(1, sync::kAcquireRelease);
    if (!is_planted(Fault::uncounted_repetition)) disturbances_.fetch_add(1, sync::kAcquireRelease);
}
// ---- The timeline ----

/// What holds() says, on the track.
bool ParallelExecutor::Implementation::validate(Timeline::Track* track, const Attempt& attempt, uint32_t task) {
    Span span(track, Kind::validate, transaction_of(task));
    if (span.is_recorded()) note_count(span, task);
    const bool result = holds(attempt, task);
    if (!result && span.is_recorded()) span.set_outcome(attempt.has_result ? Outcome::conflict : Outcome::failed);
    return result;
}

void ParallelExecutor::Implementation::note_count(Span& span, uint32_t task) const noexcept {
    const auto [begin, end] = scheduler_.transactions_of(task);
    span.set_count(end - begin);
}

/// Why the transaction is executed again, if the attempt's reads tell.
void ParallelExecutor::Implementation::note_conflict(Span& span, const Attempt& attempt, uint32_t task) {
    const auto conflict = attempt.reads.first_conflict(memory_, position_of(task));
    if (!conflict) return;
    span.set_location(conflict->location);
    if (conflict->writer != kNobody && conflict->writer >= first_) span.set_other(conflict->writer - first_);
}

/// What came of an execution that did not park.
void ParallelExecutor::Implementation::note_result(Span& span, const Attempt& attempt) {
    span.set_outcome(!attempt.has_result ? Outcome::failed : attempt.result ? Outcome::done : Outcome::invalid);
}

}  // namespace weft::execution
