// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/repeated_hashes.hpp"
#include "weft/execution/access_hints.hpp"
#include "weft/execution/transaction_execution.hpp"

#include <vector>

namespace weft::execution {

/// What the transactions of a block accessed when it was executed. To execute it again, there are no better hints.
///
/// Thread safety: different transactions may be recorded at the same time; the rest excludes that.
class AccessRecord final : public AccessHints {
  public:
    struct Entry {
        /// Of the recipient, before the transaction; that of no code where there is none.
        hash32 code_hash = state::kEmptyCodeHash;
        /// In the order in which the transaction met them, accounts before slots, none twice. Accounts whose balance alone was of interest
        /// are left out.
        std::vector<Access> accesses;
        /// As TransactionExecution::hashed_pairs().
        std::vector<evm::HashedPair> hashed_pairs;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    /// Begins a block; of each of its transactions nothing is known.
    void begin(size_t transactions) { entries_.assign(transactions, {}); }
    /// What a valid transaction has accessed, whose `execution` has come to its end. Replaces what was recorded of it before.
    void record(size_t index, const types::Transaction& transaction, const address& sender, const TransactionExecution& execution);

    [[nodiscard]] std::span<const Access> of(size_t transaction) const noexcept override {
        return transaction < entries_.size() ? std::span<const Access>(entries_[transaction].accesses) : std::span<const Access>();
    }
    /// One for each transaction.
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

  private:
    std::vector<Entry> entries_;
};

}  // namespace weft::execution
