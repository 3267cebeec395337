// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/mutable_state.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace weft::state {

/// The state inside a block after the transactions applied so far: an overlay of their changes over the state before the
/// block.
///
/// Thread safety: none.
class BlockState final : public MutableState {
  public:
    /// `base`: the state before the block; it outlives this.
    explicit BlockState(StateView& base) : base_(base) {}

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override;
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] ReadResult<const Code*> code(const hash32& code_hash) override;
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    void wait(const ReadError& error) override { base_.wait(error); }

    [[nodiscard]] ReadResult<void> apply(const TransactionChanges& changes, StateDiff* effect) override;
    [[nodiscard]] ReadResult<StateDiff> diff() override;

  private:
    struct OverlaidAccount {
        std::optional<Account> original;  ///< Before the block; its answer is needed to add credits and to leave out no-ops.
        std::optional<Account> current;
        bool storage_wiped = false;
        boost::unordered_flat_map<uint256, uint256, std::hash<uint256>> slots;
    };

    /// Makes sure that accounts_ has the account.
    [[nodiscard]] ReadResult<void> overlay(const address& addr);
    static void merge(OverlaidAccount& account, const AccountChange& change);
    void add_effect(const AccountChange& change, StateDiff& effect) const;
    [[nodiscard]] ReadResult<std::optional<AccountDiff>> diff_of(const address& addr, const OverlaidAccount& account);

    StateView& base_;
    boost::unordered_flat_map<address, OverlaidAccount, std::hash<address>> accounts_;
    boost::unordered_flat_map<hash32, std::shared_ptr<const Code>, std::hash<hash32>> codes_;
};

}  // namespace weft::state
