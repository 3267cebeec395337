// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_executor.hpp"

#include "weft/execution/transaction_validation.hpp"

#include <algorithm>

namespace weft::execution {

namespace {

// Microseconds. Only their proportions matter.
constexpr double kTransaction = 0.8;
constexpr double kParallelTransaction = 1.5;
constexpr double kJoinedPayment = 1.25;
constexpr double kPaymentByAccount = 0.6;
constexpr double kGas = 0.15e-3;
constexpr double kParallelGas = 0.16e-3;
/// A unit of gas of what creates a contract takes so much of the time of another: most is paid for the code that stays.
constexpr double kCreation = 0.12;
constexpr double kRecovery = 45;
constexpr double kWakingUp = 80;
constexpr double kWakingOneMore = 5;
// What parallel execution adds to the work of a block, in nanoseconds and in lines of memory that are handed on from core to core.
constexpr double kAddedForTransaction = 400;
constexpr double kAddedForWait = 1'000;
constexpr double kLinesOfGas = 0.2e-3;
constexpr double kLinesOfJoinedPayment = 3;
constexpr double kLinesOfRepair = 5;
constexpr double kLinesOfWait = 60;
/// At most so much of it: more is an error of the estimate.
constexpr double kMostAdded = 0.75;
/// The end of a block takes one thread so much of the time that it takes all workers together.
constexpr double kEndInOrder = 0.75;
/// A parallel execution has to promise so much.
constexpr double kWorthIt = 0.9;

uint64_t gas_beyond_transfer(const types::Transaction& transaction) noexcept {
    return transaction.gas_limit - std::min(transaction.gas_limit, kTransactionGas);
}

/// A sender of more than half of the transactions, if there is one; else anybody.
const std::optional<address>& most_frequent_sender(std::span<const std::optional<address>> senders) noexcept {
    // Boyer and Moore's vote.
    size_t candidate = 0;
    size_t votes = 0;
    for (size_t i = 0; i < senders.size(); ++i) {
        if (votes == 0) candidate = i;
        senders[i] == senders[candidate] ? ++votes : --votes;
    }
    return senders[candidate];
}

/// It will be executed with others.
bool is_probably_payment(const types::Transaction& transaction) noexcept {
    return transaction.to && transaction.data.empty() && transaction.access_list.empty();
}

/// Of a block, or of some of its transactions.
struct Work {
    size_t transactions = 0;
    size_t payments = 0;    ///< Of these, probably.
    double gas_limits = 0;  ///< beyond kTransactionGas each, as far as they stand for time

    void add(const types::Transaction& transaction) noexcept {
        ++transactions;
        payments += is_probably_payment(transaction) ? 1 : 0;
        gas_limits += static_cast<double>(gas_beyond_transfer(transaction)) * (transaction.to ? 1 : kCreation);
    }
};

/// What the most frequent sender does one after the other.
Work chain_of_most_frequent_sender(const BlockInput& block) noexcept {
    Work work;
    const std::optional<address>& sender = most_frequent_sender(block.senders);
    for (size_t i = 0; i < block.transactions.size(); ++i)
        if (block.senders[i] == sender && !is_probably_payment(block.transactions[i])) work.add(block.transactions[i]);
    return work;
}

/// Of so many workers, and the preparation of the block, in microseconds.
double waking_up(unsigned workers) noexcept { return kWakingUp + kWakingOneMore * (workers - 2); }

/// What the transactions would have taken in order, in nanoseconds: what the workers did, less what came to that.
double time_in_order(const ParallelStatistics& statistics, double working_gas) noexcept {
    const auto gas = static_cast<double>(statistics.gas);
    const auto joined = static_cast<double>(statistics.joined_payments);
    const auto waits = static_cast<double>(statistics.waits);
    // A header may say anything.
    const double gas_of_others = std::max(gas * working_gas - joined * static_cast<double>(kTransactionGas), 0.0);
    const double lines = gas_of_others * kLinesOfGas + joined * kLinesOfJoinedPayment +
                         static_cast<double>(statistics.moved_slots) * kLinesOfRepair + waits * kLinesOfWait;
    const double added =
        (static_cast<double>(statistics.transactions) - joined) * kAddedForTransaction + waits * kAddedForWait + lines * statistics.line_ns;
    const auto busy = static_cast<double>(statistics.busy_ns);
    const double repeated = std::min(static_cast<double>(statistics.repeated_ns), busy / 2);
    return (busy - repeated - std::min(added, kMostAdded * (busy - repeated))) / (1 + static_cast<double>(statistics.gas_in_vain) / gas);
}

}  // namespace

void ConflictShare::observe(const ParallelStatistics& statistics, const ExecutionPlan& plan) noexcept {
    if (statistics.gas == 0 || statistics.busy_ns == 0 || statistics.threads == 1) return;
    const auto workers = static_cast<double>(statistics.threads);
    const auto ending = static_cast<double>(statistics.ending_ns);
    const double time = static_cast<double>(statistics.preparation_ns) +
                        static_cast<double>(statistics.busy_ns) / (workers * (1 - statistics.idle_share)) + ending;
    const double gain = (time_in_order(statistics, plan.working_gas) + workers * ending * kEndInOrder) / time;
    // The share with which the plan would have said so.
    const double evenly_shared = plan.shared_us / workers;
    const double parallel = (plan.sequential_us - plan.recovery_us) / gain - waking_up(statistics.threads);
    const double in_order = (parallel - evenly_shared) / (plan.shared_us - evenly_shared);
    const double share = std::clamp(in_order, 0.0, 1.0);
    value_ = (value_ + share) / 2;
    patience_ = gain > kLittle ? 1 : std::min(2 * patience_, kMostPatience);
}

void ConflictShare::fade() noexcept { value_ *= 1 - 0.1 / patience_; }

ExecutionPlan plan_of(const BlockInput& block, unsigned threads, double conflict_share, TransactionKind kind) noexcept {
    const size_t count = block.transactions.size();
    if (count == 0) return {};
    Work all;
    double limits = 0;
    for (const types::Transaction& transaction : block.transactions) {
        all.add(transaction);
        limits += static_cast<double>(gas_beyond_transfer(transaction));
    }
    const uint64_t used = block.header->gas_used - std::min(block.header->gas_used, count * kTransactionGas);
    const double gas_of_limit = limits > 0 ? std::min(1.0, static_cast<double>(used) / limits) : 0;
    const auto parallel_time = [&](const Work& work) {
        return static_cast<double>(work.transactions - work.payments) * kParallelTransaction +
               static_cast<double>(work.payments) * kJoinedPayment + work.gas_limits * gas_of_limit * kParallelGas;
    };
    const double beyond_transfers = all.gas_limits * gas_of_limit;
    const double recovery = block.recovery != nullptr ? static_cast<double>(count) * kRecovery : 0;

    ExecutionPlan plan;
    plan.recovery_us = recovery;
    plan.sequential_us = recovery + static_cast<double>(count) * kTransaction + beyond_transfers * kGas;
    if (used > 0)
        plan.working_gas = (static_cast<double>(count * kTransactionGas) + beyond_transfers) / static_cast<double>(block.header->gas_used);
    double total = parallel_time(all);
    if (kind == TransactionKind::payments) {
        total = static_cast<double>(count) * kPaymentByAccount;
        conflict_share = 0;
    }
    plan.shared_us = total;
    const double alone = kind == TransactionKind::payments ? recovery + total : plan.sequential_us;
    const auto choose = [&](double chain) {
        plan.workers = 1;
        plan.parallel_us = 0;
        for (unsigned workers = 2; workers <= std::min<size_t>(threads, count); ++workers) {
            const double shared = total * (conflict_share + (1 - conflict_share) / workers);
            const double time = waking_up(workers) + recovery / workers + std::max(shared, chain);
            if (plan.parallel_us != 0 && time >= plan.parallel_us) break;
            plan.parallel_us = time;
            if (time < kWorthIt * alone) plan.workers = workers;
        }
    };
    choose(0);
    // Nobody looks for a chain where it would change nothing, nor at senders while they are recovered.
    if (plan.workers > 1 && kind == TransactionKind::any && block.recovery == nullptr)
        choose(parallel_time(chain_of_most_frequent_sender(block)));
    return plan;
}

std::expected<BlockResult, BlockError> BlockExecutor::execute(const BlockInput& block, state::StateView& view,
                                                              const BlockOptions& options) {
    if (parallel_.expects_payments(block, view, options)) {
        plan_ = plan_of(block, threads_, conflicts_.value(), TransactionKind::payments);
        if (choice_ == Choice::always_parallel) plan_.workers = threads_;
        if (auto result = parallel_.execute_payments(block, view, options, plan_.workers)) {
            statistics_ = parallel_.statistics();
            return *std::move(result);
        }
    }
    plan_ = plan_of(block, threads_, conflicts_.value());
    if (choice_ == Choice::always_parallel) {
        plan_.workers = threads_;
    } else if (view.is_slow() && block.transactions.size() > 1) {
        plan_.workers = static_cast<unsigned>(std::min<size_t>(threads_, block.transactions.size()));
    } else if (plan_.workers == 1) {
        statistics_ = {};
        conflicts_.fade();
        return sequential_.execute(block, view, options);
    }
    auto result = parallel_.execute_transactions(block, view, options, plan_.workers);
    statistics_ = parallel_.statistics();
    // Where reads are slow it is these that workers wait for.
    if (result && !view.is_slow()) conflicts_.observe(statistics_, plan_);
    return result;
}

}  // namespace weft::execution
