// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/access_hints.hpp"
#include "weft/execution/errors.hpp"
#include "weft/execution/transaction_execution.hpp"
#include "weft/state/block_state.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"
#include "weft/types/block.hpp"
#include "weft/types/receipt.hpp"
#include "weft/types/request.hpp"
#include "weft/types/sender_recovery.hpp"

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weft::execution {

class AccessRecord;  // weft/execution/access_record.hpp

/// A block to execute. Everything referred to outlives the execution.
struct BlockInput {
    const types::Header* header = nullptr;
    std::span<const types::Transaction> transactions;
    /// The sender of each transaction; nullopt: its signature is invalid.
    std::span<const std::optional<address>> senders;
    /// Still recovers `senders`, which are its senders(), while the block executes; null: all are known.
    types::SenderRecovery* recovery = nullptr;
    std::span<const types::Header> ommers;
    std::span<const types::Withdrawal> withdrawals;
    types::ChainRules rules;
    /// What the transactions will probably access; null: nothing is known. Used by parallel execution, for speed only.
    const AccessHints* hints = nullptr;
};

struct BlockOptions {
    /// Fill BlockResult::effects: needed for the intermediate state roots of receipts before Byzantium.
    bool keep_effects = false;
    /// State tests have no block reward.
    bool pay_rewards = true;
    /// What the beneficiary gets before its share for ommers, in wei, in place of what the revision says. Blocks of a chain have none; the
    /// state transition tool is told one.
    std::optional<uint64_t> reward{};
    /// Gets what the transactions access; null: nobody wants to know.
    AccessRecord* accesses = nullptr;
    /// Parallel execution repairs what transactions stored in slots that they only added to (state::RelativeSlot); otherwise it executes
    /// them again. For speed only.
    bool repair_slots = true;
};

/// What a valid block did.
struct BlockResult {
    /// Receipts; before Byzantium without their state roots, which need the whole state.
    std::vector<types::Receipt> receipts;
    uint64_t gas_used = 0;
    uint64_t blob_gas_used = 0;
    types::Bloom logs_bloom;
    /// From Prague on, one of each type, in order, also without data (EIP-7685).
    std::vector<types::Request> requests;
    state::StateDiff diff;
    /// With BlockOptions::keep_effects: what the system calls before the transactions left behind, then each transaction:
    /// absolute values of everything it changed.
    std::vector<state::StateDiff> effects;

    friend bool operator==(const BlockResult&, const BlockResult&) = default;
};

/// What executing a block comes to.
using BlockOutcome = std::expected<BlockResult, BlockError>;

/// Executes the transactions of blocks one after another: the reference that every other way of execution equals.
///
/// Thread safety: none; several executors may run at once.
class SequentialExecutor {
  public:
    /// Executes one block on the state before it. `view` is not changed: apply BlockResult::diff to it.
    [[nodiscard]] std::expected<BlockResult, BlockError> execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options = {});

  private:
    evm::RepeatedHashes hashes_;
    TransactionExecution execution_;
    state::BlockState state_;
};

}  // namespace weft::execution
