// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/scheduler.hpp"
#include "weft/state/state_view.hpp"
#include "weft/types/transaction.hpp"

#include <optional>
#include <span>
#include <vector>

namespace weft::execution::parallel {

/// The state as one incarnation of a transaction reads it: what lower positions wrote, over the state before the block.
///
/// Thread safety: none; it serves one incarnation, whose execution may move from thread to thread.
class VersionedView final : public state::StateView {
  public:
    /// ReadError::detail of the failure that every read reports once the block's execution is given up.
    static constexpr uint64_t kGivenUp = UINT64_MAX;

    /// Begins an incarnation. Everything referred to outlives it. `given_up`: set when no result is wanted any more.
    void begin(Position reader, MultiVersionMemory& memory, state::StateView& base, const sync::Atomic<bool>& given_up);
    /// Until begin(): where somebody has read a slot too early, the reader waits for transactions like it, or, if these count there,
    /// reckons what they will make of it. `transactions` are those of the block, of which `first` is the position of the first.
    void look_at_contended_slots(const Scheduler& scheduler, std::span<const types::Transaction> transactions, Position first) noexcept {
        scheduler_ = &scheduler;
        transactions_ = transactions;
        first_ = first;
    }
    /// Until begin(): hot slots are read as relative (state::RelativeSlot), which does not have to wait for their writers. Who asks repairs
    /// what comes of it.
    void offer_relative_slots() noexcept { offers_relative_slots_ = true; }
    /// Cells of accounts that will probably be read; null: there is no such account.
    struct Parties {
        MultiVersionMemory::AccountCell* sender = nullptr;
        MultiVersionMemory::AccountCell* recipient = nullptr;
    };
    /// Until begin(): these need not be looked up.
    void expect_parties(const Parties& parties) noexcept { parties_ = parties; }
    /// New cells come from there, until it is called again: once before the first read, and when another thread goes on.
    void take_cells_from(MultiVersionMemory::CellPool& pool) noexcept { pool_ = &pool; }
    [[nodiscard]] MultiVersionMemory::CellPool& pool() const noexcept { return *pool_; }

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override;
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override;
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override;
    /// The ticket is a number among reads().slots.
    [[nodiscard]] uint256 relative_value(uint64_t ticket) const override { return slots_read_[ticket].value; }
    void wait(const state::ReadError& error) override { base_->wait(error); }

    /// The transaction that the last read has to wait for; kNobody if it need not wait.
    [[nodiscard]] Position blocker() const noexcept { return blocker_; }

    /// What was read so far, in order.
    [[nodiscard]] MultiVersionMemory::Reads reads() const noexcept { return {.accounts = accounts_read_, .slots = slots_read_}; }
    /// The same, for who publishes what came of them.
    [[nodiscard]] MultiVersionMemory::OwnReads own_reads() noexcept { return {.accounts = accounts_read_, .slots = slots_read_}; }
    /// A slot was answered with what it will be.
    [[nodiscard]] bool has_foretold() const noexcept { return has_foretold_; }
    /// What was answered may lack credits that were deferred.
    [[nodiscard]] bool may_lack_credits() const noexcept { return may_lack_credits_; }
    [[nodiscard]] MultiVersionMemory& memory() const noexcept { return *memory_; }

  private:
    [[nodiscard]] bool is_given_up() const noexcept;
    [[nodiscard]] MultiVersionMemory::AccountCell& account_cell(const address& addr);
    [[nodiscard]] state::ReadError blocked_by(Position writer) noexcept;
    [[nodiscard]] std::optional<uint32_t> task_at(Position position) const noexcept;
    [[nodiscard]] Position worth_waiting_for(const MultiVersionMemory::SlotCell& cell) const noexcept;
    [[nodiscard]] const types::Transaction& transaction_of(uint32_t task) const noexcept;
    struct Foretold {
        uint256 value;
        bool is_written;  ///< By the last of those before the reader.
    };
    [[nodiscard]] std::optional<Foretold> foretell(MultiVersionMemory::SlotCell& cell);
    [[nodiscard]] state::ReadResult<MultiVersionMemory::Reading> read(MultiVersionMemory::SlotCell& cell,
                                                                      MultiVersionMemory::Estimates estimates, uint256& value);

    Position reader_ = 0;
    Position blocker_ = kNobody;
    MultiVersionMemory* memory_ = nullptr;
    MultiVersionMemory::CellPool* pool_ = nullptr;
    state::StateView* base_ = nullptr;
    const sync::Atomic<bool>* given_up_ = nullptr;
    const Scheduler* scheduler_ = nullptr;
    std::span<const types::Transaction> transactions_;
    Position first_ = 0;
    bool offers_relative_slots_ = false;
    Parties parties_;
    /// The last account asked for: storage is mostly read of one account several times.
    MultiVersionMemory::AccountCell* last_account_ = nullptr;
    std::vector<MultiVersionMemory::AccountRead> accounts_read_;
    std::vector<MultiVersionMemory::SlotRead> slots_read_;
    bool may_lack_credits_ = false;
    bool has_foretold_ = false;
    std::vector<uint32_t> unfinished_;  // scratch of foretell()
};

}  // namespace weft::execution::parallel
