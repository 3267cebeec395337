// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/prefetch.hpp"
#include "weft/execution/parallel/parallel_execution.hpp"

#include <utility>

namespace weft::execution {

// ---- Committing ----

void ParallelExecutor::Implementation::commit_what_is_executed(Worker& worker, bool is_idle) {
    while (scheduler_.take_commit(worker.number, is_idle)) {
        prefetch_to_write(books_);
        steps_->prefetch_books();
        committed_->prefetch_books();
        while (const auto task = scheduler_.next_to_commit(worker.number, is_idle)) {
            Span span(worker.track, Kind::commit, transaction_of(*task));
            if (span.is_recorded()) note_count(span, *task);
            if (const auto committed = commit(worker, *task); !committed) {
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

std::expected<void, BlockError> ParallelExecutor::Implementation::commit(Worker& worker, uint32_t task) {
    Attempt& attempt = *attempt_at(task);
    if (scheduler_.checks_ahead()) prefetch_next(task);
    if (attempt.is_of_payments) return commit_payments(worker, attempt, task);
    const uint32_t transaction = transaction_of(task);
    if (const auto room = steps_->check_room(transaction); !room) return room;
    const bool was_right = validate(worker.track, attempt, task);
    scheduler_.note_reads(was_right);
    books_.repetitions.note_commit(was_right && attempt.repetitions != 0);
    if (!was_right) {
        if (const auto executed = execute_exactly(worker, attempt, task); !executed) return executed;
    } else {
        if (attempt.has_relative_slots) repair(worker, attempt, task);
        if (attempt.is_valid && attempt.has_foretold_slots) note_counters(attempt, true);
    }
    if (!attempt.is_valid) return steps_->commit(transaction, std::move(attempt.result));
    look_ahead_after(attempt);
    committed_->expect(attempt.writes);
    if (const auto committed = scheduler_.checks_ahead() ? steps_->commit_written(transaction, attempt.gas_used, attempt.result->changes)
                                                         : steps_->commit(transaction, std::move(attempt.result));
        !committed)
        return committed;
    take_back(worker, attempt);
    return {};
}

/// The attempt is committed. Where transactions are checked ahead, who executed it takes it back.
void ParallelExecutor::Implementation::take_back(Worker& worker, Attempt& attempt) {
    if (!scheduler_.checks_ahead()) worker.recycle(attempt);
}

/// Of an attempt that is right.
void ParallelExecutor::Implementation::look_ahead_after(const Attempt& attempt) {
    const uint64_t gas = attempt.gas_used;
    const LookAhead::Commit what{
        .gas = gas, .in_order = gas - std::min(gas, attempt.gas_ahead), .was_ahead = !attempt.is_exact || attempt.gas_ahead == 0};
    books_.gas += gas;
    const Reach reach = books_.look_ahead.after(what);
    scheduler_.look_ahead(reads_are_slow_ ? Reach::far : reach);
}

std::expected<void, BlockError> ParallelExecutor::Implementation::commit_payments(Worker& worker, Attempt& attempt, uint32_t task) {
    const auto [begin, end] = scheduler_.transactions_of(task);
    if (validate(worker.track, attempt, task)) {
        if (const auto committed = steps_->commit_payments(begin, end); !committed) return committed;
        committed_->accept(attempt.writes, end - begin);
        books_.joined_payments += end - begin;
    } else {
        if (const auto paid = pay_exactly(worker, attempt, task); !paid) return paid;
    }
    look_ahead_after(attempt);
    take_back(worker, attempt);
    return {};
}

/// Executes what is no run of payments, or did not find what it presumed, on the committed state itself, and commits it.
std::expected<void, BlockError> ParallelExecutor::Implementation::pay_exactly(Worker& worker, Attempt& attempt, uint32_t task) {
    const auto [begin, end] = scheduler_.transactions_of(task);
    const Worker::Repetition repetition(worker);
    Span span(worker.track, Kind::repeat, begin);
    if (span.is_recorded()) {
        note_count(span, task);
        if (attempt.has_result) note_conflict(span, attempt, task);
    }
    scheduler_.begin_exact(task);
    publish_nothing(worker, attempt, task);
    count_again(end - begin);
    attempt.gas_ahead = 0;
    attempt.gas_used = 0;
    Context& context = take_context(worker);
    std::expected<void, BlockError> committed;
    for (uint32_t i = begin; i < end && committed; ++i) {
        committed = pay_exactly(context.execution, attempt, i);
        if (committed) attempt.gas_used += attempt.result->gas_used;
    }
    give_back(worker, context);
    if (!committed) {
        if (span.is_recorded()) span.set_outcome(Outcome::failed);
        return committed;
    }
    if (scheduler_.checks_ahead()) count_repetition();
    scheduler_.finish_exact(task);
    return {};
}

std::expected<void, BlockError> ParallelExecutor::Implementation::pay_exactly(TransactionExecution& execution, Attempt& attempt,
                                                                              uint32_t transaction) {
    if (const auto room = steps_->check_room(transaction); !room) return room;
    if (const auto executed = execute_on_committed(execution, attempt, transaction); !executed) return executed;
    if (!attempt.result || !scheduler_.checks_ahead()) return steps_->commit(transaction, std::move(attempt.result));
    steps_->write_receipt(transaction, *attempt.result);
    return steps_->commit_written(transaction, attempt.result->gas_used, attempt.result->changes);
}

std::expected<void, BlockError> ParallelExecutor::Implementation::execute_on_committed(TransactionExecution& execution, Attempt& attempt,
                                                                                       uint32_t transaction) {
    execution.keep_hashed_pairs(accesses_ != nullptr);
    const Progress progress =
        execution.start(steps_->environment(), block_->transactions[transaction], *block_->senders[transaction], *committed_);
    auto finished = finish(execution, progress, *committed_);
    if (finished)
        execution.exchange_result(attempt.result);
    else
        finished.error().transaction = transaction;
    return finished;
}

/// Most of what will be committed after `task` was executed by other workers, and is in the caches of their cores.
void ParallelExecutor::Implementation::prefetch_next(uint32_t task) {
    scheduler_.prefetch_entry(task + 3);
    if (!scheduler_.is_seen_executed(task + 1) || !scheduler_.is_seen_executed(task + 2)) return;
    prefetch<AttemptHead>(*attempt_at(task + 2));
}

/// Whether the attempt's result is what execution on the committed state would give.
bool ParallelExecutor::Implementation::holds(const Attempt& attempt, uint32_t task) {
    if (!attempt.has_result) return false;
    if (attempt.is_exact || !block_->senders[transaction_of(task)]) return true;
    // Relaxed: what was done to lower transactions is known since they were committed.
    const bool has_held = attempt.held_after == disturbances_.load(sync::kRelaxed);
    bool has_lacked = false;
    const auto publish = [&](auto& cell) {
        committed_->publish_additions(cell);
        has_lacked = true;
    };
    if (has_held) {
        // Who checked it did not know what had been added to slots.
        attempt.reads.for_each_intolerant_of_additions(memory_, position_of(task), attempt.writes, publish);
        if (!has_lacked) return true;
    } else if (memory_.has_additions()) {
        attempt.reads.for_each_lacking_additions(memory_, position_of(task), attempt.writes, publish);
    }
    attempt.reads.for_each_lacking_credits([this](auto& cell) { committed_->publish_credits(cell); });
    return attempt.reads.holds(memory_, position_of(task));
}

/// Puts right what the attempt, whose reads hold, made of slots that it read as relative.
void ParallelExecutor::Implementation::repair(Worker& worker, Attempt& attempt, uint32_t task) {
    if (!attempt.is_valid) return;
    std::optional<Span> span;
    const auto begin = [&](const Timeline::Location& slot) {
        if (!span && span.emplace(worker.track, Kind::repair, transaction_of(task)).is_recorded()) span->set_location(slot);
        repaired_.add(slot);
    };
    const size_t moved = attempt.reads.repair(memory_, position_of(task), attempt.writes, attempt.result->changes, begin);
    books_.moved_slots += moved;
    // Not before: who looks at the slot in between has counted it and not seen it.
    if (moved != 0 && scheduler_.checks_ahead()) disturbances_.fetch_add(1, sync::kAcquireRelease);
}

/// Of an attempt that is right, or has been executed again.
void ParallelExecutor::Implementation::note_counters(const Attempt& attempt, bool was_right) {
    MultiVersionMemory::for_each_counter(
        attempt.writes, [this](const Timeline::Location& location, const uint256& step) { foretold_.remember(location, step); });
    if (was_right) attempt.reads.for_each_foretold([this](auto& cell) { foretold_.add(MultiVersionMemory::location_of(cell)); });
}

/// Executes the frontier's transaction on the committed state itself: what comes out needs no validation.
std::expected<void, BlockError> ParallelExecutor::Implementation::execute_exactly(Worker& worker, Attempt& attempt, uint32_t task) {
    const uint32_t transaction = transaction_of(task);
    const Worker::Repetition repetition(worker);
    Span span(worker.track, Kind::repeat, transaction);
    if (span.is_recorded() && attempt.has_result) note_conflict(span, attempt, task);
    scheduler_.begin_exact(task);
    memory_.mark_estimates(position_of(task), attempt.writes);
    count_again(1);
    attempt.gas_ahead = 0;
    Context& context = take_context(worker);
    const auto executed = execute_on_committed(context.execution, attempt, transaction);
    if (executed) {
        attempt.note_result();
        record(task, context.execution, attempt);
        if (attempt.result && scheduler_.checks_ahead()) steps_->write_receipt(transaction, *attempt.result);
    }
    give_back(worker, context);
    if (!executed) {
        if (span.is_recorded()) span.set_outcome(Outcome::failed);
        return executed;
    }
    if (span.is_recorded()) note_result(span, attempt);
    if (attempt.result) memory_.publish(position_of(task), attempt.writes, attempt.result->changes, committed_->own_reads(), *worker.cells);
    note_counters(attempt, false);
    if (scheduler_.checks_ahead()) count_repetition();
    scheduler_.finish_exact(task);
    return {};
}

}  // namespace weft::execution
