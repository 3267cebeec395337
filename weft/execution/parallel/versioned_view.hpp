// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/scheduler.hpp"
#include "weft/execution/transaction_execution.hpp"
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
    /// Of the block whose transactions the reader is one of.
    struct Block {
        Scheduler* scheduler = nullptr;
        std::span<const types::Transaction> transactions;
        Position first = 0;  ///< Of the first transaction.
    };
    /// Until begin(): where somebody has read a slot too early, the reader waits for transactions like it, or, if these count there,
    /// reckons what they will make of it. What `execution`, the reader, stores there is published as soon as it seems final; `writes` is
    /// what it has published.
    void look_at_contended_slots(const Block& block, const TransactionExecution& execution, MultiVersionMemory::WriteSet& writes) noexcept {
        block_ = block;
        execution_ = &execution;
        writes_ = &writes;
    }
    /// Until begin(): everything below the reader is final, so that there is nothing to wait for, and nothing to reckon.
    void wait_for_nobody() noexcept { all_below_is_final_ = true; }
    /// Until begin(): hot slots are read as relative (state::RelativeSlot), which does not have to wait for their writers. Who asks repairs
    /// what comes of it.
    void offer_relative_slots() noexcept { offered_ = Offered::hot_slots; }
    /// The same, of slots alone to which additions are deferred: who looks at them has them published.
    void offer_deferred_slots() noexcept { offered_ = Offered::deferred_slots; }
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
    /// The ticket is a number among the contended slots that were read.
    [[nodiscard]] uint256 watched_value(uint64_t ticket) const override { return slots_read_[watched_[ticket].read].value; }
    void stored(uint64_t ticket, const uint256& value) override;
    void wait(const state::ReadError& error) override { base_->wait(error); }

    /// The transaction that the last read has to wait for; kNobody if it need not wait.
    [[nodiscard]] Position blocker() const noexcept { return blocker_; }
    /// The slot that the transaction may write before it ends; null: it has to end.
    [[nodiscard]] const MultiVersionMemory::SlotCell* blocked_at() const noexcept { return blocked_at_; }
    /// Waits a little for that, if the transaction is executed and may be about to do it. Whether it has.
    [[nodiscard]] bool await_store() const;

    /// The incarnation has finished: for those to come, how often it has stored something in contended slots.
    void note_stores() const noexcept;
    /// Gas that was spent when something was last published early; nullopt: nothing was.
    [[nodiscard]] std::optional<uint64_t> gas_at_early_store() const noexcept { return gas_at_early_store_; }

    /// What was read so far, in order.
    [[nodiscard]] MultiVersionMemory::Reads reads() const noexcept { return {.accounts = accounts_read_, .slots = slots_read_}; }
    /// The same, for who publishes what came of them.
    [[nodiscard]] MultiVersionMemory::OwnReads own_reads() noexcept { return {.accounts = accounts_read_, .slots = slots_read_}; }
    /// What was read goes there, and the memory of what was there comes here, to begin() with.
    void exchange_reads(std::vector<MultiVersionMemory::AccountRead>& accounts, std::vector<MultiVersionMemory::SlotRead>& slots) noexcept {
        accounts_read_.swap(accounts);
        slots_read_.swap(slots);
    }
    /// A slot was answered with what it will be.
    [[nodiscard]] bool has_foretold() const noexcept { return has_foretold_; }
    /// What was answered may lack credits that were deferred.
    [[nodiscard]] bool may_lack_credits() const noexcept { return may_lack_credits_; }
    /// The same of slots and additions.
    [[nodiscard]] bool may_lack_additions() const noexcept { return may_lack_additions_; }
    [[nodiscard]] MultiVersionMemory& memory() const noexcept { return *memory_; }

  private:
    [[nodiscard]] bool is_given_up() const noexcept;
    [[nodiscard]] bool may_wait() const noexcept { return block_.scheduler != nullptr && !all_below_is_final_; }
    [[nodiscard]] MultiVersionMemory::AccountCell& account_cell(const address& addr);
    [[nodiscard]] state::ReadError blocked_by(Position writer, MultiVersionMemory::SlotCell* slot) noexcept;
    [[nodiscard]] std::optional<uint32_t> task_at(Position position) const noexcept;
    [[nodiscard]] Position worth_waiting_for(const MultiVersionMemory::SlotCell& cell) const noexcept;
    [[nodiscard]] const types::Transaction& transaction_of(uint32_t task) const noexcept;
    struct Foretold {
        uint256 value;
        bool is_written;  ///< By the last of those before the reader.
    };
    [[nodiscard]] bool is_offered(const MultiVersionMemory::SlotCell& cell) const noexcept;
    void observe_value(MultiVersionMemory::SlotCell& cell) noexcept;
    [[nodiscard]] std::optional<Foretold> foretell(MultiVersionMemory::SlotCell& cell);
    [[nodiscard]] state::ReadResult<MultiVersionMemory::Reading> read(MultiVersionMemory::SlotCell& cell,
                                                                      MultiVersionMemory::Estimates estimates, uint256& value);

    Position reader_ = 0;
    Position blocker_ = kNobody;
    MultiVersionMemory::SlotCell* blocked_at_ = nullptr;
    MultiVersionMemory* memory_ = nullptr;
    MultiVersionMemory::CellPool* pool_ = nullptr;
    state::StateView* base_ = nullptr;
    const sync::Atomic<bool>* given_up_ = nullptr;
    Block block_;  ///< Without a scheduler: contended slots are read like any.
    const TransactionExecution* execution_ = nullptr;
    MultiVersionMemory::WriteSet* writes_ = nullptr;
    bool all_below_is_final_ = false;
    /// What is read as relative.
    enum class Offered : uint8_t { nothing, deferred_slots, hot_slots };
    Offered offered_ = Offered::nothing;
    Parties parties_;
    /// The last account asked for: storage is mostly read of one account several times.
    MultiVersionMemory::AccountCell* last_account_ = nullptr;
    std::vector<MultiVersionMemory::AccountRead> accounts_read_;
    std::vector<MultiVersionMemory::SlotRead> slots_read_;
    /// Of a contended slot, what the incarnation has done to it.
    struct Watched {
        size_t read;  ///< Of slots_read_.
        uint32_t stores = 0;
        uint32_t early = 0;  ///< So many of them were published.
    };
    /// It stores again and again where once was to be expected.
    static constexpr uint32_t kMostEarly = 4;
    std::vector<Watched> watched_;
    std::optional<uint64_t> gas_at_early_store_;
    bool may_lack_credits_ = false;
    bool may_lack_additions_ = false;
    bool has_foretold_ = false;
    std::vector<uint32_t> unfinished_;  // scratch of foretell()
};

}  // namespace weft::execution::parallel
