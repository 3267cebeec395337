// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace weft::state {

/// A whole state in memory, for tests, tools and blocks that carry their state with them.
///
/// Thread safety: any number of threads may read while none writes.
class MemoryState final : public StateView {
  public:
    struct AccountRecord {
        uint64_t nonce = 0;
        uint256 balance;
        hash32 code_hash = kEmptyCodeHash;
        /// The account has storage that is not listed: a partial state.
        bool has_unlisted_storage = false;
        /// Non-zero slots only.
        boost::unordered_flat_map<uint256, uint256, std::hash<uint256>> storage;
    };

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override;
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] ReadResult<const Code*> code(const hash32& code_hash) override;
    /// Zero for a block whose hash was not given.
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override;

    /// The record of an account, created when absent.
    AccountRecord& insert(const address& addr);
    /// Sets the code of an account; its hash is computed.
    void set_code(const address& addr, bytes_view code);
    void set_storage(const address& addr, const uint256& slot, const uint256& value);
    void set_block_hash(uint64_t number, const hash32& hash);
    /// A copy that has codes of its own, with a fresh analysis. Other copies share them.
    [[nodiscard]] MemoryState separate_copy() const;
    /// Gives every code a fresh analysis, so that the next execution begins cold.
    void forget_analysis();

    void apply(const StateDiff& diff);
    /// What takes `diff` back once it is applied.
    [[nodiscard]] StateDiff undo_of(const StateDiff& diff) const;
    /// The whole state as what changes in an empty one.
    [[nodiscard]] StateDiff difference_from_nothing() const;

    [[nodiscard]] const auto& accounts() const noexcept { return accounts_; }

    /// State root (Yellow Paper, eq. 10). Accounts that exist but are empty count.
    [[nodiscard]] hash32 root() const;

  private:
    boost::unordered_flat_map<address, AccountRecord, std::hash<address>> accounts_;
    boost::unordered_flat_map<hash32, std::shared_ptr<const Code>, std::hash<hash32>> codes_;
    boost::unordered_flat_map<uint64_t, hash32> block_hashes_;
};

}  // namespace weft::state
