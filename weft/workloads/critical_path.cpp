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
        constexpr uint8_t kBalance =
            state::kObservedBalance | state::kObservedFunds | state::kObservedExistence | state::kObservedEmptiness;
        double ready = 0;
        const auto& accounts = execution.state.accounts();
        for (uint32_t i = 0; i < accounts.size(); ++i) {
            const AccountEntry& account = accounts[i];
            const auto times = accounts_.find(account.addr);
            if (!account.loaded || times == accounts_.end()) continue;
            if ((account.observed & (state::kObservedCode | state::kObservedNonce | state::kObservedHasStorage)) != 0)
                ready = std::max(ready, times->second.identity);
            if ((account.observed & kBalance) == 0 || times->second.balance <= ready) continue;
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
    execution.begin_block();
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
    return {};
}

/// What each transaction takes in order, with the commit of the one before it, in milliseconds: the least of several executions.
std::expected<std::vector<double>, BlockError> measure_times(const execution::BlockInput& block, state::StateView& view,
                                                             const std::function<void()>& begin) {
    using Clock = std::chrono::steady_clock;
    constexpr unsigned kExecutions = 3;
    std::vector<double> times(block.transactions.size());
    for (unsigned round = 0; round < kExecutions; ++round) {
        begin();
        state::BlockState state(view);
        Clock::time_point last = Clock::now();
        const auto executed = execute_in_order(block, state, nullptr, [&](size_t i, const auto&, const auto&) {
            const Clock::time_point now = Clock::now();
            const double time = std::chrono::duration<double, std::milli>(now - last).count();
            times[i] = round == 0 ? time : std::min(times[i], time);
            last = now;
        });
        if (!executed) return std::unexpected(executed.error());
    }
    return times;
}

}  // namespace

double best_speedup(double share, unsigned threads) noexcept { return 1 / std::max(share, 1.0 / threads); }

std::expected<CriticalPath, BlockError> measure_critical_path(const execution::BlockInput& block, state::StateView& view,
                                                              const std::function<void()>& begin) {
    const auto times = measure_times(block, view, begin);
    if (!times) return std::unexpected(times.error());
    Schedule by_time;
    Schedule by_gas;
    state::BlockState state(view);
    Recorder recorder(state);
    const auto executed = execute_in_order(block, state, &recorder, [&](size_t i, const auto& read, const auto& result) {
        const Execution execution{*block.senders[i], recorder, read, result.changes};
        by_time.add(execution, view, (*times)[i]);
        by_gas.add(execution, view, static_cast<double>(result.gas_used));
    });
    if (!executed) return std::unexpected(executed.error());
    return CriticalPath{.by_time = by_time.share(), .by_gas = by_gas.share(), .work_ms = by_time.work()};
}

}  // namespace weft::workloads
