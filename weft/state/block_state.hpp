// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/epoch_index.hpp"
#include "weft/state/mutable_state.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <vector>

namespace weft::state {

/// The state inside a block after the transactions applied so far: their changes over the state before the block. It remembers
/// what the state before the block answered, so that each location is asked for once. Its memory is kept from block to block.
///
/// Thread safety: none.
class BlockState final : public MutableState {
  public:
    BlockState() = default;
    explicit BlockState(StateView& base) { begin(base); }

    /// Begins a block. `base`: the state before it, which outlives the use of this.
    void begin(StateView& base);

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override;
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] ReadResult<const Code*> code(const hash32& code_hash) override;
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override { return base_->block_hash(number); }
    void wait(const ReadError& error) override { base_->wait(error); }

    [[nodiscard]] ReadResult<void> apply(const TransactionChanges& changes, StateDiff* effect) override;
    [[nodiscard]] ReadResult<StateDiff> diff() override;

  private:
    static constexpr uint32_t kNone = UINT32_MAX;

    struct KnownAccount {
        address addr;
        bool changed = false;  ///< Some transaction mentioned it.
        bool storage_wiped = false;
        uint32_t last_slot = kNone;  ///< Of its known slots.
        std::optional<Account> original;
        std::optional<Account> current;
    };

    struct KnownSlot {
        uint256 key;
        uint256 original;
        uint256 current;
        bool has_original;  ///< Otherwise nobody asked for it, or it does not matter: the storage was wiped.
        uint32_t account;
        uint32_t next;  ///< Of the same account.
    };

    /// Number of the account, for which the base may have to be asked.
    [[nodiscard]] ReadResult<uint32_t> number_of(const address& addr);
    [[nodiscard]] uint32_t find_slot(uint32_t account, const uint256& key) const noexcept;
    KnownSlot& add_slot(uint32_t account, const uint256& key);
    void wipe_storage(KnownAccount& account);
    void merge(uint32_t account, const AccountChange& change);
    [[nodiscard]] ReadResult<std::optional<AccountDiff>> diff_of(const KnownAccount& account);

    StateView* base_ = nullptr;
    std::vector<KnownAccount> accounts_;
    std::vector<KnownSlot> slots_;
    EpochIndex account_index_;
    EpochIndex slot_index_;
    uint32_t last_account_ = kNone;  ///< Whose storage was read last.
    std::vector<uint32_t> numbers_;  ///< Of use to apply() alone.
    boost::unordered_flat_map<hash32, std::shared_ptr<const Code>, std::hash<hash32>> codes_;
};

}  // namespace weft::state
