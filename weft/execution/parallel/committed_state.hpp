// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/versioned_view.hpp"
#include "weft/state/mutable_state.hpp"

namespace weft::execution::parallel {

/// The state after everything committed so far, over a multi-version memory: each apply() takes up the next position. What has been
/// published there already need only be accepted; anything else is published.
///
/// Thread safety: none; it belongs to the committer. While it reads, others may read and publish at higher positions.
class CommittedState final : public state::MutableState {
  public:
    using WriteSet = MultiVersionMemory::WriteSet;

    /// Begins a block; all outlive this. New cells come from `pool`; `crew` helps with the difference.
    CommittedState(MultiVersionMemory& memory, MultiVersionMemory::CellPool& pool, state::StateView& base, Crew& crew);

    /// The position that the next changes take.
    [[nodiscard]] Position next() const noexcept { return next_; }
    /// What was read at that position.
    [[nodiscard]] MultiVersionMemory::OwnReads own_reads() noexcept { return view().own_reads(); }
    /// Changes will be accepted, maybe after another core has done so.
    void prefetch_books() const noexcept {
        prefetch_to_write(next_);
        memory_.prefetch_books();
    }
    /// The changes that the next apply() gets have been published, as these.
    void expect(WriteSet& published) noexcept { published_ = &published; }
    /// Whoever reads the account at next() or later sees all credits to it.
    void publish_credits(MultiVersionMemory::AccountCell& cell);

    /// The same of a slot and what was added to it.
    void publish_additions(MultiVersionMemory::SlotCell& cell);

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override;
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override { return view().code(code_hash); }
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override { return view().block_hash(number); }
    void wait(const state::ReadError& error) override { view().wait(error); }

    /// In place of so many apply(): what those positions do has been published, by the last of them, and `published` lacks no base.
    void accept(WriteSet& published, Position positions);

    [[nodiscard]] state::ReadResult<void> apply(const state::TransactionChanges& changes, state::StateDiff* effect) override;
    /// No other thread reads or publishes.
    [[nodiscard]] state::ReadResult<state::StateDiff> diff() override;

  private:
    [[nodiscard]] state::ReadResult<void> ask_for_bases(const WriteSet& writes);
    [[nodiscard]] VersionedView& view() noexcept;

    MultiVersionMemory& memory_;
    state::StateView& base_;
    Crew& crew_;
    const sync::Atomic<bool> never_given_up_{false};
    WriteSet own_writes_;
    VersionedView view_;
    Position viewed_ = kNobody;  // the position that view_ has begun at
    // All that a commit writes as a rule, on one line: it wanders with the committer's role.
    alignas(sync::kCacheLine) Position next_ = 0;
    WriteSet* published_ = nullptr;  // at the next position
};

}  // namespace weft::execution::parallel
