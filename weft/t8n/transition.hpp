// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/tracer.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/t8n/environment.hpp"
#include "weft/t8n/failure.hpp"
#include "weft/t8n/transactions.hpp"
#include "weft/types/receipt.hpp"
#include "weft/types/request.hpp"

#include <functional>
#include <span>
#include <vector>

namespace weft::t8n {

/// Who watches the transaction that would be the `index`-th of the block; null: nobody.
using Watch = std::function<evm::TraceSink*(size_t index, const hash32& transaction_hash)>;

/// What to do. Everything referred to outlives the work.
struct Transition {
    const Environment* environment = nullptr;
    const Fork* fork = nullptr;
    std::span<const Candidate> transactions;
    /// The state before.
    state::MemoryState state;
    /// What the beneficiary is paid before Paris, in wei; nullopt: it is not even touched.
    std::optional<uint64_t> reward{};
    Watch watch{};
};

struct Rejection {
    size_t index = 0;  ///< in Transition::transactions
    std::string error;
};

/// A transaction that was applied, besides its receipt.
struct Applied {
    hash32 hash;
    uint64_t gas_used = 0;
    /// Where it created a contract, or tried to.
    std::optional<address> created;
};

struct TransitionResult {
    state::MemoryState state;
    hash32 state_root;
    /// Those that were applied; the three lists go together. Before Byzantium receipts hold state roots.
    std::vector<types::Transaction> transactions;
    std::vector<Applied> applied;
    std::vector<types::Receipt> receipts;
    std::vector<Rejection> rejected;
    types::Header header;
    types::ChainRules rules;
    uint256 blob_base_fee;
    uint64_t gas_used = 0;
    uint64_t blob_gas_used = 0;
    types::Bloom logs_bloom;
    std::vector<types::Request> requests;
};

/// Applies the transactions in order. Unlike in a block, one that breaks a rule is left out, and the others are applied. ExitCode::config
/// where header_of() says so, missing_block_hash and evm as named there.
[[nodiscard]] Outcome<TransitionResult> run(Transition transition);

}  // namespace weft::t8n
