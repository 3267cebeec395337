// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/transition.hpp"

#include "weft/evm/contract_address.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/execution/transaction_validation.hpp"
#include "weft/state/block_state.hpp"
#include "weft/t8n/rejection.hpp"

#include <fmt/format.h>

#include <utility>

namespace weft::t8n {
namespace {

using execution::TransactionError;
using types::Revision;
using types::Transaction;

/// The state before the block, with the block hashes that were given.
class GivenState final : public state::StateView {
  public:
    GivenState(state::MemoryState& state, const std::map<uint64_t, hash32>& block_hashes) : state_(state), block_hashes_(block_hashes) {}

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override { return state_.account(addr); }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return state_.storage(addr, slot); }
    state::ReadResult<const state::Code*> code(const hash32& code_hash) override { return state_.code(code_hash); }
    state::ReadResult<hash32> block_hash(uint64_t number) override {
        const auto found = block_hashes_.find(number);
        if (found != block_hashes_.end()) return found->second;
        missing_ = number;
        return hash32{};
    }

    /// The last block whose hash was asked for and was not there.
    [[nodiscard]] std::optional<uint64_t> missing_block_hash() const noexcept { return missing_; }

  private:
    state::MemoryState& state_;
    const std::map<uint64_t, hash32>& block_hashes_;
    std::optional<uint64_t> missing_;
};

Failure failure_of(const execution::BlockError& error) { return {ExitCode::evm, execution::to_string(error)}; }

std::vector<types::Header> ommers_of(const Environment& environment) {
    std::vector<types::Header> ommers;
    for (const Ommer& ommer : environment.ommers) {
        types::Header& header = ommers.emplace_back();
        header.number = environment.number - ommer.delta;  // May wrap around: only the distance counts.
        header.beneficiary = ommer.recipient;
    }
    return ommers;
}

/// The in-order execution of transactions that may turn out invalid.
class Runner {
  public:
    Runner(Transition& transition, types::Header header)
        : transition_(transition),
          environment_(*transition.environment),
          view_(transition.state, environment_.block_hashes),
          ommers_(ommers_of(environment_)) {
        result_.header = std::move(header);
        result_.rules = transition.fork->rules_at(environment_.number, environment_.timestamp);
        for (size_t i = 0; i < transition.transactions.size(); ++i) {
            const Candidate& candidate = transition.transactions[i];
            if (!candidate) continue;
            decoded_.push_back(*candidate);
            positions_.push_back(i);
            senders_.push_back(types::recover_sender(*candidate, result_.rules.revision));
        }
        block_.header = &result_.header;
        block_.transactions = decoded_;
        block_.senders = senders_;
        block_.ommers = ommers_;
        if (environment_.withdrawals) block_.withdrawals = *environment_.withdrawals;
        block_.rules = result_.rules;
    }

    Outcome<TransitionResult> run() {
        state_.begin(view_);
        execution::BlockSteps steps(block_, state_,
                                    {.keep_effects = result_.rules.revision < Revision::Byzantium,
                                     .pay_rewards = transition_.reward.has_value(),
                                     .reward = transition_.reward});
        result_.blob_base_fee = steps.environment().context.blob_base_fee;
        if (const auto begun = steps.begin(execution_); !begun) return std::unexpected(failure_of(begun.error()));
        size_t next = 0;
        for (size_t i = 0; i < transition_.transactions.size(); ++i) {
            if (next == positions_.size() || positions_[next] != i) {
                result_.rejected.push_back({i, transition_.transactions[i].error()});
                continue;
            }
            if (const auto applied = apply(next++, steps); !applied) return std::unexpected(applied.error());
            if (const auto missing = view_.missing_block_hash())
                return fail(ExitCode::missing_block_hash, fmt::format("env has no hash of block {}, for which BLOCKHASH asked", *missing));
        }
        auto end = steps.end(execution_);
        if (!end) return std::unexpected(failure_of(end.error()));
        finish(*std::move(end));
        return std::move(result_);
    }

  private:
    /// Applies or rejects the `index`-th of the transactions that could be decoded.
    Outcome<void> apply(size_t index, execution::BlockSteps& steps) {
        const Transaction& transaction = decoded_[index];
        if (transaction.type == types::TransactionType::Blob && !result_.header.excess_blob_gas) {
            result_.rejected.push_back({positions_[index], std::string(blobs_without_price())});
            return {};
        }
        if (const auto room = steps.check_room(index); !room) return reject(index, *room.error().transaction_error, steps);
        if (!senders_[index]) return reject(index, TransactionError::invalid_signature, steps);
        const Applied applied{.hash = types::hash(transaction), .created = created_by(index)};
        evm::TraceSink* const trace = transition_.watch ? transition_.watch(result_.applied.size(), applied.hash) : nullptr;
        const auto progress = execution_.start(steps.environment(), transaction, *senders_[index], state_, trace);
        if (const auto finished = execution::finish(execution_, progress, state_); !finished)
            return std::unexpected(failure_of(finished.error()));
        auto&& executed = execution_.take_result();
        if (!executed) return reject(index, executed.error(), steps);
        result_.applied.push_back(applied);
        result_.applied.back().gas_used = executed->gas_used;
        result_.transactions.push_back(transaction);
        blob_gas_used_ += execution::blob_gas(transaction);
        if (const auto committed = steps.commit(index, std::move(executed)); !committed)
            return std::unexpected(failure_of(committed.error()));
        return {};
    }

    Outcome<void> reject(size_t index, TransactionError error, execution::BlockSteps& steps) {
        const RejectedTransaction rejected{.transaction = &decoded_[index],
                                           .sender = senders_[index].value_or(address{}),
                                           .environment = &steps.environment(),
                                           .blob_gas_before = blob_gas_used_,
                                           .state = &state_};
        result_.rejected.push_back({positions_[index], rejection_text(error, rejected)});
        return {};
    }

    [[nodiscard]] std::optional<address> created_by(size_t index) const {
        if (decoded_[index].to) return std::nullopt;
        return evm::create_address(*senders_[index], decoded_[index].nonce);
    }

    void finish(execution::BlockResult&& block) {
        state::MemoryState& state = transition_.state;
        // The first effect is what happens before the transactions.
        for (size_t i = 0; i < block.effects.size(); ++i) {
            state.apply(block.effects[i]);
            if (i > 0) block.receipts[i - 1].post_state = state.root();
        }
        state.apply(block.diff);
        result_.receipts = std::move(block.receipts);
        result_.gas_used = block.gas_used;
        result_.blob_gas_used = block.blob_gas_used;
        result_.logs_bloom = block.logs_bloom;
        result_.requests = std::move(block.requests);
        result_.state = std::move(state);
        result_.state_root = result_.state.root();
    }

    Transition& transition_;
    const Environment& environment_;
    GivenState view_;
    std::vector<types::Header> ommers_;
    std::vector<Transaction> decoded_;
    std::vector<size_t> positions_;  ///< of the decoded ones in the input
    std::vector<std::optional<address>> senders_;
    execution::BlockInput block_;
    state::BlockState state_;
    execution::TransactionExecution execution_;
    uint64_t blob_gas_used_ = 0;
    TransitionResult result_;
};

}  // namespace

Outcome<TransitionResult> run(Transition transition) {
    auto header = header_of(*transition.environment, *transition.fork);
    if (!header) return std::unexpected(header.error());
    return Runner(transition, *std::move(header)).run();
}

}  // namespace weft::t8n
