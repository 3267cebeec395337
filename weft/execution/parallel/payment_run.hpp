// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/payment_terms.hpp"
#include "weft/execution/parallel/read_set.hpp"
#include "weft/execution/parallel/scheduler.hpp"
#include "weft/execution/parallel/versioned_view.hpp"
#include "weft/state/epoch_index.hpp"

#include <span>
#include <vector>

namespace weft::execution::parallel {

/// Payments that follow each other, executed as one among other transactions. Each moves something and costs kTransactionGas.
///
/// What they do is known without the state: sums to be added to balances, and nonces. So nothing of it depends on what is read, and it is
/// published before the transactions below are finished. What it presumes is noted as if it had been read: of each sender that its nonce is
/// that of its first payment and that its balance lies in a range, of everybody that there is no code. That is looked into at the commit,
/// like other reads; where it does not hold, the payments are executed there one by one.
///
/// Thread safety: none; it serves one worker.
class PaymentRun {
  public:
    /// Begins with these transactions, whose cells are `parties`. false: not all are payments, or one cannot be valid after those before.
    [[nodiscard]] bool add_up(const BlockInput& block, const BlockEnvironment& environment, Scheduler::Range transactions,
                              std::span<const VersionedView::Parties> parties, MultiVersionMemory::AccountCell& beneficiary);

    /// Notes in `reads` what was presumed, as `reader` sees it, and publishes the sums as the only `writes` of `writer`. false: nothing is
    /// published, as an account has code or `base` has no answer.
    [[nodiscard]] bool publish(Position reader, Position writer, MultiVersionMemory& memory, state::StateView& base, ReadSet& reads,
                               MultiVersionMemory::WriteSet& writes, MultiVersionMemory::CellPool& pool);

  private:
    /// What happens to an account.
    struct Party {
        MultiVersionMemory::AccountCell* cell;
        uint64_t first_nonce = 0;
        uint64_t payments = 0;  ///< It makes.
        uint256 credits;
        uint256 debits;
        uint256 least_funds;  ///< Before.
    };

    [[nodiscard]] Party& party_of(MultiVersionMemory::AccountCell& cell);
    [[nodiscard]] bool debit(Party& sender, const types::Transaction& transaction, const PaymentTerms& terms) const;
    [[nodiscard]] static bool credit(Party& recipient, const uint256& amount);
    [[nodiscard]] static AccountObservation presumed_of(const Party& party) noexcept;

    std::vector<Party> parties_;
    state::EpochIndex index_;
    // Of each party.
    std::vector<MultiVersionMemory::AccountSum> sums_;
    std::vector<MultiVersionMemory::AccountRead> reads_;
    MultiVersionMemory::AccountCell* beneficiary_ = nullptr;
    uint256 tips_;  ///< But for those that are among the credits of a party.
};

}  // namespace weft::execution::parallel
