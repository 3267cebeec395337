// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/machine.hpp"
#include "weft/execution/errors.hpp"
#include "weft/state/state.hpp"
#include "weft/types/chain_rules.hpp"
#include "weft/types/header.hpp"
#include "weft/types/transaction.hpp"

#include <expected>
#include <optional>
#include <vector>

namespace weft::execution {

using evm::Progress;

/// What the transactions of one block have in common.
struct BlockEnvironment {
    types::ChainRules rules;
    evm::BlockContext context;

    /// Of the block with that header; the blob base fee follows from its excess blob gas (EIP-4844).
    [[nodiscard]] static BlockEnvironment of(const types::Header& header, const types::ChainRules& rules);
};

/// Price of blob gas in wei: fake_exponential(1, excess, update fraction) (EIP-4844).
[[nodiscard]] uint256 blob_base_fee(uint64_t excess_blob_gas, const types::BlobSchedule& schedule) noexcept;

/// What a transaction costs whatever it does.
struct LeastGas {
    /// Before its first instruction (Yellow Paper, eq. 64; EIP-2, 2028, 2930, 3860, 7702).
    uint64_t intrinsic = 0;
    /// For its data, at least (EIP-7623); zero before Prague.
    uint64_t floor = 0;

    [[nodiscard]] static LeastGas of(const types::Transaction& transaction, types::Revision revision) noexcept;
};

/// What a valid transaction did.
struct TransactionResult {
    evm::Status status = evm::Status::success;
    /// Gas that the sender paid for: refunds are taken off, the floor is applied.
    uint64_t gas_used = 0;
    std::vector<types::Log> logs;
    /// Return or revert data of the outermost frame.
    bytes output;
    state::TransactionChanges changes;
};

/// One transaction, or one system call, from validation to its changes: the only code that executes transactions. It serves
/// sequential execution and every incarnation of parallel execution alike; they differ in the StateView below and in who
/// applies the changes. Its buffers are kept from one transaction to the next.
///
/// A read without an answer suspends it: start() or resume() return Progress::blocked, state().read_error() says what it
/// waits for, and resume() goes on, on any thread. The result is the same as if the read had been answered at once.
///
/// Not checked here, because it depends on the transactions before: block_gas_limit_exceeded, block_blob_gas_exceeded.
///
/// Thread safety: none.
class TransactionExecution {
  public:
    /// As of evm::Machine. Executors forget them when a block begins, so that executing one again takes as long.
    void use_hashes(evm::RepeatedHashes& hashes) noexcept { machine_.use_hashes(hashes); }

    /// Begins a transaction. Everything referred to outlives it.
    Progress start(const BlockEnvironment& environment, const types::Transaction& transaction, const address& sender,
                   state::StateView& view, evm::TraceSink* trace = nullptr);

    /// Begins a system call (EIP-4788, EIP-2935, EIP-7002, EIP-7251): 30,000,000 gas, no fee, no nonce. A contract without code
    /// gives success without output.
    Progress start_system_call(const BlockEnvironment& environment, const address& contract, bytes_view input, state::StateView& view);

    /// Goes on after Progress::blocked.
    Progress resume();

    /// After Progress::finished: what the transaction did, or why it is invalid. What the caller does not move away stays until the next
    /// start, which uses its memory again.
    [[nodiscard]] std::expected<TransactionResult, TransactionError>&& take_result() noexcept;

    /// The same, in exchange for a result that nobody needs, whose memory the next start uses.
    void exchange_result(std::expected<TransactionResult, TransactionError>& result) noexcept;

    /// After Progress::blocked, and while the view is asked or told something: about what the transaction has spent so far.
    [[nodiscard]] uint64_t gas_spent() const noexcept;

    /// The read set of what was executed last, valid until the next start.
    [[nodiscard]] const state::State& state() const noexcept { return state_; }

    /// Whether, from the next start on, hashed_pairs() are kept.
    void keep_hashed_pairs(bool keep) noexcept { machine_.keep_hashed_pairs(keep); }
    /// As of evm::Machine; nothing of use when the transaction is invalid.
    [[nodiscard]] std::span<const evm::HashedPair> hashed_pairs() const noexcept {
        return machine_started_ ? machine_.hashed_pairs() : std::span<const evm::HashedPair>();
    }

  private:
    enum class Phase : uint8_t { prepare, run, settle, done };
    /// Whether a transaction may go on, or which rule it breaks; no value: a read has no answer yet.
    using Check = std::optional<std::expected<void, TransactionError>>;

    void reset(const BlockEnvironment& environment, state::StateView& view, evm::TraceSink* trace) noexcept;
    Progress advance();
    Progress prepare();
    Progress run();
    Progress settle();
    Progress reject(TransactionError error) noexcept;
    [[nodiscard]] Check check_sender();
    [[nodiscard]] std::optional<Progress> pay();
    void buy_gas();
    void warm_access_list(const address& recipient);
    [[nodiscard]] bool process_authorizations();
    [[nodiscard]] bool process_authorization(const types::Authorization& authorization, const address& authority);
    [[nodiscard]] uint256 tip_of(uint64_t gas) const noexcept;
    void pay_fees();

    const BlockEnvironment* environment_ = nullptr;
    const types::Transaction* transaction_ = nullptr;  ///< Null: a system call.
    evm::TraceSink* trace_ = nullptr;
    Phase phase_ = Phase::done;
    LeastGas least_gas_;
    state::AccountEntry* sender_ = nullptr;  ///< Read by prepare().
    /// The signers of the authorization list, recovered once, however often preparation starts again.
    std::optional<std::vector<std::optional<address>>> authorities_;
    bool machine_started_ = false;
    bool fees_paid_ = false;
    state::State state_;
    evm::Machine machine_;
    evm::TransactionContext context_;
    evm::Message message_;
    std::expected<TransactionResult, TransactionError> result_;
};

}  // namespace weft::execution
