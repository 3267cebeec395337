// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/crew.hpp"
#include "weft/base/prefetch.hpp"
#include "weft/base/sync.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/state/mutable_state.hpp"
#include "weft/types/bloom.hpp"

#include <memory>
#include <vector>

namespace weft::execution {

/// The in-order side of executing a block, common to sequential and parallel execution: what happens at its edges, and
/// the books that are kept from one transaction to the next. The caller executes transaction after transaction and hands
/// each result to commit() in order.
///
/// Thread safety: none, but for write_receipt() and close_some(); parallel execution has one committer at a time.
class BlockSteps {
  public:
    /// `state`: the one before the block, which becomes the one after it.
    BlockSteps(const BlockInput& block, state::MutableState& state, const BlockOptions& options);

    [[nodiscard]] const BlockEnvironment& environment() const noexcept { return environment_; }
    /// The state after everything committed so far.
    [[nodiscard]] state::MutableState& state() noexcept { return state_; }

    /// The DAO transition and the system calls before the first transaction (EIP-4788, EIP-2935).
    [[nodiscard]] std::expected<void, BlockError> begin(TransactionExecution& execution);

    /// Whether transaction `index` fits what the block has left of gas and blob gas. To be asked before its result is looked at.
    [[nodiscard]] std::expected<void, BlockError> check_room(size_t index) const;

    /// Transactions will be committed, maybe after another core has done so.
    void prefetch_books() const noexcept { prefetch_to_write(result_); }

    /// Takes over the result of transaction `index`.
    [[nodiscard]] std::expected<void, BlockError> commit(size_t index, std::expected<TransactionResult, TransactionError>&& result);

    // The same in pieces, so that who commits need not look at what others hold in their caches. Before the first transaction,
    // await_receipts(); then, for each, write_receipt() by who has executed it and commit_written() in order.

    void await_receipts();
    /// Takes over what belongs into the receipt of a valid transaction, the last time that it is called for `index`. Any number of threads
    /// may do so at once, for different transactions.
    void write_receipt(size_t index, TransactionResult& result);
    [[nodiscard]] std::expected<void, BlockError> commit_written(size_t index, uint64_t gas_used, const state::TransactionChanges& changes);
    /// The same for payments in a row.
    void write_receipts_of_payments(size_t begin, size_t end) noexcept;
    /// Takes over valid payments in a row, to accounts without code, if there is room for each; their changes are the caller's to apply.
    /// Not with BlockOptions::keep_effects.
    [[nodiscard]] std::expected<void, BlockError> commit_payments(size_t begin, size_t end);

    /// Closes some receipts of transactions below `committed`: for those who have nothing else to do before the end. false: there are not
    /// enough. Any number of threads may call it while transactions are committed.
    [[nodiscard]] bool close_some(size_t committed) noexcept;

    /// Takes over all transactions at once, in place of check_room() and commit() for each: all succeeded and left no logs, and their
    /// changes have been applied. Not with BlockOptions::keep_effects.
    void take_over(std::vector<types::Receipt>&& receipts, uint64_t gas_used);

    /// Filters of logs, withdrawals, rewards and requests (EIP-4895, EIP-6110, EIP-7002, EIP-7251), and the result.
    [[nodiscard]] std::expected<BlockResult, BlockError> end(TransactionExecution& execution);
    /// The same, shared with the helpers of a crew, so that it is for so many threads.
    [[nodiscard]] std::expected<BlockResult, BlockError> end(TransactionExecution& execution, Crew& crew, size_t threads);

  private:
    struct CallResult {
        evm::Status status;
        bytes output;
    };

    [[nodiscard]] std::expected<CallResult, BlockError> system_call(TransactionExecution& execution, const address& contract,
                                                                    bytes_view input, state::StateDiff* effect);
    void close_receipts(Crew& crew, size_t threads);
    void close(size_t begin, size_t end) noexcept;
    [[nodiscard]] std::unique_ptr<types::BloomBuilder> take_builder() noexcept;
    void give_back(std::unique_ptr<types::BloomBuilder> builder, const types::Bloom& logs_bloom) noexcept;
    void count_gas(size_t index, uint64_t gas_used) noexcept;
    void fill_in(types::Receipt& receipt, size_t index, TransactionResult& result) const noexcept;
    [[nodiscard]] std::expected<void, BlockError> apply(const state::TransactionChanges& changes, state::StateDiff* effect);
    [[nodiscard]] std::expected<void, BlockError> credit(const address& account, const uint256& amount);
    [[nodiscard]] std::expected<void, BlockError> reward(const address& account, const uint256& amount);
    [[nodiscard]] std::expected<void, BlockError> apply_dao_transition(state::StateDiff* effect);
    [[nodiscard]] std::expected<void, BlockError> pay_withdrawals();
    [[nodiscard]] std::expected<void, BlockError> pay_rewards();
    [[nodiscard]] std::expected<void, BlockError> collect_requests(TransactionExecution& execution);

    const BlockInput& block_;
    BlockOptions options_;
    BlockEnvironment environment_;
    state::MutableState& state_;
    /// What parallel execution writes with each commit is on no line with what all workers read.
    alignas(sync::kCacheLine) BlockResult result_;  ///< Its filter is guarded by closing_ until all receipts are closed.
    std::vector<uint64_t> gas_used_after_;          ///< For receipts that others write, until these are closed.

    types::Receipt* receipts_ = nullptr;  ///< Those of result_, which stay where they are while more are committed.
    /// Receipts below it are closed, or somebody closes them.
    alignas(sync::kCacheLine) sync::Atomic<size_t> next_to_close_{0};
    sync::Atomic<uint32_t> closers_{0};  ///< How many call close_some(), or are about to leave it.
    sync::SpinLock closing_;
    std::vector<std::unique_ptr<types::BloomBuilder>> builders_;  ///< Guarded by closing_; those that nobody uses, with room for all.
    size_t builders_made_ = 0;                                    ///< Guarded by closing_.
};

/// Runs an execution to its end over a view whose reads may be pending.
[[nodiscard]] std::expected<void, BlockError> finish(TransactionExecution& execution, Progress progress, state::StateView& view);

}  // namespace weft::execution
