// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/critical_path.hpp"

#include "weft/base/assert.hpp"
#include "weft/evm/opcode.hpp"
#include "weft/evm/tracer.hpp"
#include "weft/execution/block_steps.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace weft::workloads {

namespace {

using execution::BlockError;
using execution::TransactionExecution;
using state::AccountChange;
using state::AccountEntry;

struct SlotKey {
    address addr;
    uint256 slot;

    friend bool operator==(const SlotKey&, const SlotKey&) noexcept = default;
    friend size_t hash_value(const SlotKey& key) noexcept { return weft::hash_value(key.addr) ^ weft::hash_value(key.slot); }
};

/// A read or a write of a slot by the transaction that runs.
struct Event {
    SlotKey key;
    bool is_write = false;
    uint64_t moment = 0;  ///< Gas that instructions had used by then.
};

/// Stands between a transaction and the state, and beside its interpreter, and notes when it reads and writes slots.
class Recorder final : public state::StateView, public evm::TraceSink {
  public:
    explicit Recorder(state::StateView& base) : base_(base) {}

    void begin_transaction() {
        events_.clear();
        moment_ = 0;
    }
    [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }
    /// All gas that instructions have used.
    [[nodiscard]] uint64_t moment() const noexcept { return moment_; }

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override { return base_.account(addr); }
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        auto value = base_.storage(addr, slot);
        if (value) events_.push_back({.key = {addr, slot}, .is_write = false, .moment = moment_});
        return value;
    }
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override { return base_.code(code_hash); }
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    void wait(const state::ReadError& error) override { base_.wait(error); }

    void on_enter(const evm::EnterTrace& frame) override {
        storages_.resize(std::max<size_t>(storages_.size(), frame.depth + 1));
        const bool is_guest = frame.kind == evm::FrameKind::delegate_call || frame.kind == evm::FrameKind::call_code;
        storages_[frame.depth] = is_guest ? storages_[frame.depth - 1] : frame.target;
    }
    void on_step(const evm::StepTrace& step) override {
        // What a call costs includes the gas that its callee may give back.
        constexpr uint64_t kCallGas = 100;
        using enum evm::Opcode;
        const auto opcode = static_cast<evm::Opcode>(step.opcode);
        const bool calls = opcode == CALL || opcode == CALLCODE || opcode == DELEGATECALL || opcode == STATICCALL;
        moment_ += calls ? kCallGas : static_cast<uint64_t>(std::max<int64_t>(step.gas_cost, 0));
        if (opcode == SSTORE && !step.error)
            events_.push_back({.key = {storages_[step.depth], step.stack.back()}, .is_write = true, .moment = moment_});
    }

  private:
    state::StateView& base_;
    std::vector<Event> events_;
    std::vector<address> storages_;  ///< By depth, from 1 on: whose slots the frame uses.
    uint64_t moment_ = 0;
};

/// What the schedule wants to know of a transaction that was executed.
struct Execution {
    const address& sender;
    const Recorder& recorder;
    const state::State& state;
    const state::TransactionChanges& changes;
};

/// What depends on the balance of an account.
constexpr uint8_t kBalanceAspects = state::kObservedBalance | state::kObservedFunds | state::kObservedExistence | state::kObservedEmptiness;

/// Whether the state before the block would have told the transaction the same about the balance, and about the existence, of an account.
bool is_foreseeable(const AccountEntry& account, const std::optional<state::Account>& before) {
    const state::Account then = before.value_or(state::Account{});
    if ((account.observed & state::kObservedBalance) != 0) return then.balance == account.original.balance;
    if ((account.observed & state::kObservedFunds) != 0 && (then.balance < account.least_funds || account.most_funds < then.balance))
        return false;
    if ((account.observed & state::kObservedExistence) != 0 && account.existed != before.has_value()) return false;
    return (account.observed & state::kObservedEmptiness) == 0 || account.original.is_empty() == then.is_empty();
}

/// When everything happens if every transaction begins at once and waits for nothing but what it reads.
class Schedule {
  public:
    void add(const Execution& execution, state::StateView& before, double weight) {
        work_ += weight;
        const double start = ready_accounts(execution, before);
        const double end = run(execution, start, weight);
        length_ = std::max(length_, end);
        for (const AccountChange& change : execution.changes) {
            AccountTimes& times = accounts_[change.addr];
            if (change.balance_change != AccountChange::Balance::unchanged || change.removed) times.balance = std::max(times.balance, end);
            if (change.code_changed || change.removed || (change.nonce_changed && change.addr != execution.sender))
                times.identity = std::max(times.identity, end);
            for (const state::SlotValue& slot : change.slots) {
                const SlotKey key{change.addr, slot.slot};
                const auto written = written_.find(key);
                WEFT_ASSERT(written != written_.end());
                slots_[key] = written->second;
            }
        }
    }

    [[nodiscard]] double work() const noexcept { return work_; }
    [[nodiscard]] double share() const noexcept { return work_ > 0 ? length_ / work_ : 1; }

  private:
    struct AccountTimes {
        double balance = 0;
        double identity = 0;  ///< Code, and the nonce of a contract.
    };

    /// When the accounts that the transaction reads are what it reads.
    double ready_accounts(const Execution& execution, state::StateView& before) {
        double ready = 0;
        const auto& accounts = execution.state.accounts();
        for (uint32_t i = 0; i < accounts.size(); ++i) {
            const AccountEntry& account = accounts[i];
            const auto times = accounts_.find(account.addr);
            if (!account.loaded || times == accounts_.end()) continue;
            if ((account.observed & (state::kObservedCode | state::kObservedNonce | state::kObservedHasStorage)) != 0)
                ready = std::max(ready, times->second.identity);
            if ((account.observed & kBalanceAspects) == 0 || times->second.balance <= ready) continue;
            if (!is_foreseeable(account, before.account(account.addr).value_or(std::nullopt))) ready = times->second.balance;
        }
        return ready;
    }

    /// Goes through reads and writes; returns when the transaction ends.
    double run(const Execution& execution, double start, double weight) {
        written_.clear();
        const uint64_t gas = execution.recorder.moment();
        const double scale = gas == 0 ? 0 : weight / static_cast<double>(gas);
        double delay = start;
        for (const Event& event : execution.recorder.events()) {
            const double now = delay + static_cast<double>(event.moment) * scale;
            if (event.is_write) {
                written_[event.key] = now;
            } else if (const auto ready = slots_.find(event.key); ready != slots_.end() && ready->second > now) {
                delay += ready->second - now;
            }
        }
        return delay + weight;
    }

    double work_ = 0;
    double length_ = 0;
    boost::unordered_flat_map<address, AccountTimes, std::hash<address>> accounts_;
    boost::unordered_flat_map<SlotKey, double> slots_;
    boost::unordered_flat_map<SlotKey, double> written_;  ///< By the transaction that is added.
};

/// Executes the block in order. observe(i, execution) is called with each transaction executed and not yet committed; `recorder`: null,
/// or what it is executed through and watched by.
template <typename Observe>
std::expected<void, BlockError> execute_in_order(const execution::BlockInput& block, state::BlockState& state, Recorder* recorder,
                                                 const Observe& observe) {
    TransactionExecution execution;
    execution::BlockSteps steps(block, state, {});
    if (const auto begun = steps.begin(execution); !begun) return begun;
    state::StateView& view = recorder != nullptr ? static_cast<state::StateView&>(*recorder) : state;
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        if (recorder != nullptr) recorder->begin_transaction();
        const auto progress = execution.start(steps.environment(), block.transactions[i], *block.senders[i], view, recorder);
        if (const auto finished = execution::finish(execution, progress, view); !finished) return finished;
        auto&& result = execution.take_result();
        if (result) observe(i, execution.state(), *result);
        if (const auto committed = steps.commit(i, std::move(result)); !committed) return committed;
    }
    if (const auto ended = steps.end(execution); !ended) return std::unexpected(ended.error());
    return {};
}

/// Milliseconds of several executions in order.
struct Times {
    std::vector<std::vector<double>> transactions;  ///< By transactions; each with what comes before it since the one before.
    std::vector<double> end;                        ///< What comes after the last.
};

std::expected<Times, BlockError> measure_times(const execution::BlockInput& block, state::StateView& view,
                                               const std::function<void()>& begin, unsigned executions) {
    using Clock = std::chrono::steady_clock;
    Times times{.transactions = std::vector<std::vector<double>>(block.transactions.size()), .end = {}};
    for (unsigned round = 0; round < executions; ++round) {
        begin();
        state::BlockState state(view);
        Clock::time_point last = Clock::now();
        const auto lap = [&] {
            const Clock::time_point now = Clock::now();
            return std::chrono::duration<double, std::milli>(now - std::exchange(last, now)).count();
        };
        const auto executed =
            execute_in_order(block, state, nullptr, [&](size_t i, const auto&, const auto&) { times.transactions[i].push_back(lap()); });
        if (!executed) return std::unexpected(executed.error());
        times.end.push_back(lap());
    }
    return times;
}

/// Who changed last what transactions read.
class LastWriters {
  public:
    void add(uint32_t index, const Execution& execution, state::StateView& before, std::vector<uint32_t>& writers) {
        const auto& accounts = execution.state.accounts();
        for (uint32_t i = 0; i < accounts.size(); ++i)
            if (accounts[i].loaded) add_account(accounts[i], before, writers);
        for (const Event& event : execution.recorder.events())
            if (const auto writer = slots_.find(event.key); !event.is_write && writer != slots_.end()) writers.push_back(writer->second);
        std::ranges::sort(writers);
        writers.erase(std::ranges::unique(writers).begin(), writers.end());
        for (const AccountChange& change : execution.changes) {
            AccountWriters& account = accounts_[change.addr];
            if (change.balance_change != AccountChange::Balance::unchanged || change.removed) account.balance = index;
            if (change.code_changed || change.removed || (change.nonce_changed && change.addr != execution.sender))
                account.identity = index;
            for (const state::SlotValue& slot : change.slots) slots_[{change.addr, slot.slot}] = index;
        }
    }

  private:
    struct AccountWriters {
        std::optional<uint32_t> balance;
        std::optional<uint32_t> identity;
    };

    void add_account(const AccountEntry& account, state::StateView& before, std::vector<uint32_t>& writers) const {
        const auto found = accounts_.find(account.addr);
        if (found == accounts_.end()) return;
        const auto& [balance, identity] = found->second;
        if (identity && (account.observed & (state::kObservedCode | state::kObservedNonce | state::kObservedHasStorage)) != 0)
            writers.push_back(*identity);
        if (balance && (account.observed & kBalanceAspects) != 0 &&
            !is_foreseeable(account, before.account(account.addr).value_or(std::nullopt)))
            writers.push_back(*balance);
    }

    boost::unordered_flat_map<address, AccountWriters, std::hash<address>> accounts_;
    boost::unordered_flat_map<SlotKey, uint32_t> slots_;
};

double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

}  // namespace

double best_speedup(double share, unsigned threads) noexcept { return 1 / std::max(share, 1.0 / threads); }

std::expected<CriticalPath, BlockError> measure_critical_path(const execution::BlockInput& block, state::StateView& view,
                                                              const std::function<void()>& begin) {
    constexpr unsigned kExecutions = 3;
    const auto times = measure_times(block, view, begin, kExecutions);
    if (!times) return std::unexpected(times.error());
    Schedule by_time;
    Schedule by_gas;
    state::BlockState state(view);
    Recorder recorder(state);
    const auto executed = execute_in_order(block, state, &recorder, [&](size_t i, const auto& read, const auto& result) {
        const Execution execution{*block.senders[i], recorder, read, result.changes};
        by_time.add(execution, view, std::ranges::min(times->transactions[i]));
        by_gas.add(execution, view, static_cast<double>(result.gas_used));
    });
    if (!executed) return std::unexpected(executed.error());
    return CriticalPath{.by_time = by_time.share(), .by_gas = by_gas.share(), .work_ms = by_time.work()};
}

double clock_milliseconds() {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times(1'001);
    for (double& time : times) {
        const Clock::time_point start = Clock::now();
        time = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    }
    return median(times);
}

std::expected<TransactionsInOrder, BlockError> measure_in_order(const execution::BlockInput& block, state::StateView& view,
                                                                const std::function<void()>& begin, unsigned executions) {
    auto times = measure_times(block, view, begin, executions);
    if (!times) return std::unexpected(times.error());
    const double clock = clock_milliseconds();
    const auto cost = [&](std::vector<double>& all) { return std::max(0.0, median(all) - clock); };
    TransactionsInOrder result{
        .ms = {}, .end_ms = cost(times->end), .writers = std::vector<std::vector<uint32_t>>(block.transactions.size())};
    for (std::vector<double>& all : times->transactions) result.ms.push_back(cost(all));
    LastWriters last;
    state::BlockState state(view);
    Recorder recorder(state);
    const auto executed = execute_in_order(block, state, &recorder, [&](size_t i, const auto& read, const auto& outcome) {
        const Execution execution{*block.senders[i], recorder, read, outcome.changes};
        last.add(static_cast<uint32_t>(i), execution, view, result.writers[i]);
    });
    if (!executed) return std::unexpected(executed.error());
    return result;
}

}  // namespace weft::workloads
