// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/stale_executor.hpp"

#include "weft/execution/block_steps.hpp"
#include "weft/execution/parallel/read_set.hpp"
#include "weft/state/block_state.hpp"

#include <algorithm>
#include <deque>
#include <vector>

namespace weft::test {

namespace {

using state::Account;
using state::ReadResult;

/// The present state, except that it agrees with what an execution read wherever the validation is to be blind.
class BlindedView final : public state::StateView {
  public:
    BlindedView(state::StateView& now, const state::State& read, const StaleExecutor::Fault& fault)
        : now_(now), read_(read), fault_(fault) {}

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override {
        auto answer = now_.account(addr);
        if (fault_.aspects == 0 || !answer) return answer;
        for (uint32_t i = 0; i < read_.accounts().size(); ++i)
            if (read_.accounts()[i].addr == addr) return blend(read_.accounts()[i], *answer);
        return answer;
    }
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        if (!fault_.slots) return now_.storage(addr, slot);
        for (uint32_t i = 0; i < read_.slots().size(); ++i) {
            const state::SlotEntry& entry = read_.slots()[i];
            if (entry.key == slot && read_.accounts()[entry.account].addr == addr) return entry.original;
        }
        return now_.storage(addr, slot);
    }
    [[nodiscard]] ReadResult<const state::Code*> code(const hash32& code_hash) override { return now_.code(code_hash); }
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override { return now_.block_hash(number); }

  private:
    [[nodiscard]] std::optional<Account> blend(const state::AccountEntry& before, std::optional<Account> now) const {
        const auto blind = [&](state::Observed aspect) { return (fault_.aspects & aspect) != 0; };
        // An account of which nothing else was observed differs in its emptiness alone.
        if (blind(state::kObservedEmptiness) && (before.observed & ~(state::kObservedEmptiness | state::kObservedExistence)) == 0)
            return before.original.is_empty() ? now.transform([](const Account&) { return Account{}; }) : std::optional(before.original);
        if (blind(state::kObservedExistence) && before.existed != now.has_value()) {
            // Existence alone: an empty account differs from none in nothing else.
            if (now && now->is_empty() && !now->has_storage) return std::nullopt;
            if (!now) return Account{};
            return now;
        }
        // Storage that went away went with the account.
        if (!now && blind(state::kObservedHasStorage) && (before.observed & state::kObservedExistence) == 0) now.emplace();
        if (!now) return now;
        if (blind(state::kObservedNonce)) now->nonce = before.original.nonce;
        if (blind(state::kObservedBalance)) now->balance = before.original.balance;
        if (blind(state::kObservedFunds) && (before.observed & state::kObservedFunds) != 0 &&
            (now->balance < before.least_funds || before.most_funds < now->balance))
            now->balance = before.original.balance;
        if (blind(state::kObservedCode)) now->code_hash = before.original.code_hash;
        if (blind(state::kObservedHasStorage)) now->has_storage = before.original.has_storage;
        return now;
    }

    state::StateView& now_;
    const state::State& read_;
    const StaleExecutor::Fault& fault_;
};

/// Offers every slot as relative.
class RelativeView final : public state::StateView {
  public:
    explicit RelativeView(state::StateView& base) : base_(base) {}

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override { return base_.account(addr); }
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        const auto answer = base_.storage(addr, slot);
        if (!answer) return answer;
        answers_.push_back(*answer);
        return std::unexpected(state::ReadError{.kind = state::ReadError::Kind::relative, .detail = answers_.size() - 1});
    }
    [[nodiscard]] ReadResult<const state::Code*> code(const hash32& code_hash) override { return base_.code(code_hash); }
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    [[nodiscard]] uint256 relative_value(uint64_t ticket) const override { return answers_[ticket]; }
    void wait(const state::ReadError& error) override { base_.wait(error); }

  private:
    state::StateView& base_;
    std::vector<uint256> answers_;
};

/// Null: the slot was not read as relative.
const state::RelativeSlot* find_relative(const state::State& read, uint32_t slot) {
    const auto found = std::ranges::find(read.relative_slots(), slot, &state::RelativeSlot::slot);
    return found == read.relative_slots().end() ? nullptr : &*found;
}

/// Puts right what became of relative slots that have other values now; gives their number.
uint64_t repair(const state::State& read, state::StateView& now, state::TransactionChanges& changes) {
    uint64_t repaired = 0;
    for (const state::RelativeSlot& relative : read.relative_slots()) {
        const state::SlotEntry& slot = read.slots()[relative.slot];
        const address& account = read.accounts()[slot.account].addr;
        const uint256 difference = now.storage(account, slot.key).value() - slot.original;
        if (difference.is_zero()) continue;
        ++repaired;
        if (uint256* changed = state::find_changed_slot(changes, account, slot.key)) *changed += difference;
    }
    return repaired;
}

/// Whether everything that `read` has read is still so, or no matter.
bool holds(const state::State& read, BlindedView& now, const StaleExecutor::Fault& fault) {
    for (uint32_t i = 0; i < read.accounts().size(); ++i) {
        const state::AccountEntry& account = read.accounts()[i];
        if (!account.loaded || account.observed == 0) continue;
        const auto answer = now.account(account.addr);
        if (!answer || !execution::parallel::AccountObservation::of(account).holds(*answer)) return false;
    }
    for (uint32_t i = 0; i < read.slots().size(); ++i) {
        const state::SlotEntry& slot = read.slots()[i];
        if (!slot.read) continue;
        const auto answer = now.storage(read.accounts()[slot.account].addr, slot.key);
        if (!answer) return false;
        if (*answer == slot.original) continue;
        const state::RelativeSlot* relative = find_relative(read, i);
        if (relative == nullptr || relative->tolerance.is_none()) return false;
        if (!fault.tolerances && !relative->tolerance.allows(slot.original, *answer)) return false;
    }
    return true;
}

}  // namespace

std::expected<execution::BlockResult, execution::BlockError> StaleExecutor::execute(const execution::BlockInput& block,
                                                                                    state::StateView& view,
                                                                                    const execution::BlockOptions& options) {
    execution::TransactionExecution execution;
    state::BlockState now(view);
    execution::BlockSteps steps(block, now, options);
    if (const auto begun = steps.begin(execution); !begun) return std::unexpected(begun.error());
    std::deque<state::BlockState> past{now};
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        if (const auto room = steps.check_room(i); !room) return std::unexpected(room.error());
        std::expected<execution::TransactionResult, execution::TransactionError> result =
            std::unexpected(execution::TransactionError::invalid_signature);
        state::BlockState imagined = past.back();
        if (const auto& sender = block.senders[i]) {
            state::BlockState& stale = past_ == Past::imagined && i % 2 == 1 ? past.back() : past.front();
            RelativeView relative(stale);
            state::StateView& seen = options.repair_slots ? static_cast<state::StateView&>(relative) : stale;
            auto progress = execution.start(steps.environment(), block.transactions[i], *sender, seen);
            const bool is_answered = finish(execution, progress, seen).has_value();
            BlindedView blinded(now, execution.state(), fault_);
            const bool still_holds = is_answered && holds(execution.state(), blinded, fault_);
            if (is_answered) {
                result = execution.take_result();
                // Imagination may do without what cannot be read.
                if (result) (void)imagined.apply(result->changes, nullptr);
                if (result && still_holds) repaired_ += repair(execution.state(), blinded, result->changes);
            }
            if (!still_holds) {
                progress = execution.start(steps.environment(), block.transactions[i], *sender, now);
                if (auto finished = finish(execution, progress, now); !finished) {
                    finished.error().transaction = i;
                    return std::unexpected(finished.error());
                }
                result = execution.take_result();
            }
        }
        if (const auto committed = steps.commit(i, std::move(result)); !committed) return std::unexpected(committed.error());
        past.push_back(past_ == Past::imagined ? std::move(imagined) : now);
        if (past.size() > lag_) past.pop_front();
    }
    return steps.end(execution);
}

}  // namespace weft::test
