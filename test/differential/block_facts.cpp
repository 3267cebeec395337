// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/block_facts.hpp"

#include "weft/execution/block_steps.hpp"
#include "weft/state/block_state.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace weft::test {

namespace {

using state::AccountChange;

/// Passes on what is asked for, and notes the slots.
class SlotWatcher final : public state::StateView {
  public:
    explicit SlotWatcher(state::StateView& base) : base_(base) {}

    [[nodiscard]] std::vector<std::pair<address, uint256>>& read() noexcept { return read_; }

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override { return base_.account(addr); }
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        read_.emplace_back(addr, slot);
        return base_.storage(addr, slot);
    }
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override { return base_.code(code_hash); }
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }

  private:
    state::StateView& base_;
    std::vector<std::pair<address, uint256>> read_;
};

bool is_bare_credit(const AccountChange& change) {
    return change.balance_change == AccountChange::Balance::credit && !change.removed && !change.nonce_changed && !change.code_changed &&
           change.slots.empty();
}

class Counter {
  public:
    /// A transaction that was executed and is not committed; `before`: the state that it met.
    void add(const address& sender, const std::vector<std::pair<address, uint256>>& read, const state::State& executed,
             const state::TransactionChanges& changes, state::StateView& before) {
        ++facts_.transactions;
        facts_.followers += senders_.insert(sender).second ? 0 : 1;
        facts_.slot_readers += std::ranges::any_of(read, [&](const auto& slot) { return slots_.contains(slot); }) ? 1 : 0;
        facts_.wiped_readers += std::ranges::any_of(read, [&](const auto& slot) { return wiped_.contains(slot.first); }) ? 1 : 0;
        look_at(executed);
        write(changes, before);
    }
    [[nodiscard]] const BlockFacts& facts() const noexcept { return facts_; }

  private:
    void look_at(const state::State& executed) {
        // Of comparisons that all came out well; see state::AccountEntry.
        const uint256 no_limit = (uint256{1} << 255) - 1;
        constexpr uint8_t kLooks = state::kObservedBalance | state::kObservedEmptiness | state::kObservedFunds;
        bool looks = false;
        bool fails = false;
        for (uint32_t i = 0; i < executed.accounts().size(); ++i) {
            const state::AccountEntry& account = executed.accounts()[i];
            looks = looks || ((account.observed & kLooks) != 0 && paid_.contains(account.addr));
            fails = fails || ((account.observed & state::kObservedFunds) != 0 && account.most_funds != no_limit);
        }
        facts_.lookers += looks ? 1 : 0;
        facts_.failed_funds += fails ? 1 : 0;
    }

    void write(const state::TransactionChanges& changes, state::StateView& before) {
        BlockFacts now;
        for (const AccountChange& change : changes) {
            if (is_bare_credit(change) && paid_.contains(change.addr)) now.bare_credits = 1;
            if (change.balance_change != AccountChange::Balance::unchanged) paid_.insert(change.addr);
            const auto account = *before.account(change.addr);
            if (account && !account->balance.is_zero() && balance_after(change, account->balance).is_zero()) now.emptied = 1;
            if (change.code_changed && wiped_.contains(change.addr)) now.recreations = 1;
            for (const state::SlotValue& slot : change.slots)
                if (!slots_.insert({change.addr, slot.slot}).second) now.slot_writers = 1;
            if (!change.removed && !change.storage_wiped) continue;
            now.wipes = 1;
            wiped_.insert(change.addr);
        }
        facts_ += now;
    }

    static uint256 balance_after(const AccountChange& change, const uint256& before) {
        if (change.removed) return {};
        if (change.balance_change == AccountChange::Balance::unchanged) return before;
        return change.balance_change == AccountChange::Balance::set ? change.balance : before + change.balance;
    }

    BlockFacts facts_;
    std::set<address> senders_;
    std::set<address> paid_;
    std::set<address> wiped_;
    std::set<std::pair<address, uint256>> slots_;
};

}  // namespace

BlockFacts& BlockFacts::operator+=(const BlockFacts& other) noexcept {
    for (const auto member : {&BlockFacts::transactions, &BlockFacts::slot_readers, &BlockFacts::slot_writers, &BlockFacts::bare_credits,
                              &BlockFacts::lookers, &BlockFacts::failed_funds, &BlockFacts::emptied, &BlockFacts::wipes,
                              &BlockFacts::recreations, &BlockFacts::wiped_readers, &BlockFacts::followers, &BlockFacts::invalid_blocks})
        this->*member += other.*member;
    return *this;
}

BlockFacts facts_of(GeneratedBlock& block) {
    Counter counter;
    const execution::BlockInput input = block.input();
    state::BlockState state(block.state);
    execution::TransactionExecution execution;
    execution::BlockSteps steps(input, state, block.options);
    bool is_valid = steps.begin(execution).has_value();
    for (size_t i = 0; i < input.transactions.size() && is_valid; ++i) {
        is_valid = input.senders[i].has_value() && steps.check_room(i).has_value();
        if (!is_valid) break;
        SlotWatcher watcher(state);
        const auto progress = execution.start(steps.environment(), input.transactions[i], *input.senders[i], watcher);
        is_valid = execution::finish(execution, progress, watcher).has_value();
        if (!is_valid) break;
        auto&& result = execution.take_result();
        if (result) counter.add(*input.senders[i], watcher.read(), execution.state(), result->changes, state);
        is_valid = steps.commit(i, std::move(result)).has_value();
    }
    BlockFacts facts = counter.facts();
    facts.invalid_blocks = is_valid ? 0 : 1;
    return facts;
}

}  // namespace weft::test
