// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/planted_fault.hpp"
#include "weft/execution/parallel/timeline.hpp"
#include "weft/execution/parallel/versioned_view.hpp"
#include "weft/state/state.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace weft::execution::parallel {

/// What an execution learnt of an account.
struct AccountObservation {
    uint8_t observed;  ///< Of state::Observed.
    bool existed;
    state::Account value;
    uint256 least_funds;  ///< As in state::AccountEntry.
    uint256 most_funds;

    /// Only what `account` observed counts; it is loaded.
    [[nodiscard]] static AccountObservation of(const state::AccountEntry& account) noexcept {
        return {.observed = account.observed,
                .existed = account.existed,
                .value = account.original,
                .least_funds = account.least_funds,
                .most_funds = account.most_funds};
    }
    /// Whether a credit before it could have taught something else.
    [[nodiscard]] bool depends_on_balance() const noexcept;
    /// Whether the same would be learnt of `now`.
    [[nodiscard]] bool holds(const std::optional<state::Account>& now) const noexcept;
    /// Which of the aspects that were observed have something else to teach.
    [[nodiscard]] uint8_t changed_aspects(const std::optional<state::Account>& now) const noexcept;
};

/// A read that does not hold any more.
struct Conflict {
    Timeline::Location location;
    Position writer = kNobody;  ///< Who wrote there last, before the reader; kNobody: it is not known.
};

/// What an incarnation learnt from its view. It outlives the execution, so that the buffers of the execution, warm in the
/// caches, serve the next transaction at once.
///
/// Thread safety: none.
class ReadSet {
  public:
    /// Whether `execution` has learnt something that credits missing in `view` might have changed.
    [[nodiscard]] static bool lacks_credits(const state::State& execution, const VersionedView& view);

    /// Tells the slots that `execution`, which has ended, read as relative what it was good for.
    static void note_relative_uses(const state::State& execution, const VersionedView& view);

    /// What `execution` has read through `view` so far.
    void assign(const state::State& execution, const VersionedView& view);
    /// The same of an execution that has ended: the view forgets what was read.
    void take_over(const state::State& execution, VersionedView& view);
    /// For who publishes what came of the reads.
    [[nodiscard]] MultiVersionMemory::OwnReads own_reads() noexcept {
        return {.accounts = accounts_, .slots = slots_, .relative = relative_slots_};
    }

    /// Forgets everything.
    void clear() noexcept {
        accounts_.clear();
        observations_.clear();
        slots_.clear();
        relative_slots_.clear();
    }
    /// Takes over what was not read, but is presumed of an account.
    void presume(const MultiVersionMemory::AccountRead& read, const AccountObservation& presumed);

    /// Calls use(cell) for each account whose credits may be missing from what was learnt.
    template <typename Use>
    void for_each_lacking_credits(const Use& use) const {
        for (const auto& [read, observation] : observations_)
            if (auto& cell = *accounts_[read].cell; MultiVersionMemory::may_lack_credits(cell) && observation.depends_on_balance())
                use(cell);
    }

    /// Calls use(cell) for each slot of which what was learnt lacks additions that memory does not show, unless the reader, whose `writes`
    /// are these, does not mind: it only adds to the slot, too. The committer's.
    template <typename Use>
    void for_each_lacking_additions(MultiVersionMemory& memory, Position reader, const MultiVersionMemory::WriteSet& writes,
                                    const Use& use) const {
        for (const MultiVersionMemory::SlotRead& read : slots_)
            if (memory.has_addition(*read.cell) && !writes.defers(*read.cell)) use(*read.cell);
        for_each_intolerant_of_additions(memory, reader, writes, use);
    }
    /// The same of slots that the reader only adds to, whether memory shows what was added to them or not.
    template <typename Use>
    void for_each_intolerant_of_additions(MultiVersionMemory& memory, Position reader, const MultiVersionMemory::WriteSet& writes,
                                          const Use& use) const {
        if (!writes.has_deferred_additions() || is_planted(Fault::ignored_additions)) return;
        for (const state::RelativeSlot& relative : relative_slots_) {
            const MultiVersionMemory::SlotRead& read = slots_[relative.ticket];
            if (!writes.defers(*read.cell)) continue;
            const auto difference = difference_now(read, memory, reader);
            // Without an answer something else does not hold either: the account that the slot was read of may never have come to be.
            if (!difference || !relative.tolerance.allows(read.value, read.value + *difference)) use(*read.cell);
        }
    }
    /// Whether what was learnt may lack additions now or later, other than those that the reader does not mind: the committer has to look.
    [[nodiscard]] bool may_lack_additions(const MultiVersionMemory::WriteSet& writes) const noexcept {
        return std::ranges::any_of(slots_, [&](const MultiVersionMemory::SlotRead& read) {
            return MultiVersionMemory::may_lack_additions(*read.cell) && !writes.defers(*read.cell);
        });
    }

    /// Whether `reader` would learn the same now: of an account the aspects that were observed, of a slot the value, or of a relative one
    /// a value that it tolerates, read under the wipe of the same writer. Values alone would do; but a destroyed account that is created
    /// again has the same slots with another meaning, and there an accidental match is not trusted. A read without an answer counts as no.
    [[nodiscard]] bool holds(MultiVersionMemory& memory, Position reader) const;
    /// The same, as far as can be said while lower transactions are unfinished: what was foretold of counters is taken to come true.
    [[nodiscard]] bool may_hold(MultiVersionMemory& memory, Position reader) const;

    /// Calls use(cell) for each slot that was foretold.
    template <typename Use>
    void for_each_foretold(const Use& use) const {
        for (const MultiVersionMemory::SlotRead& read : slots_)
            if (read.is_foretold()) use(*read.cell);
    }

    /// Whether there is something to repair() at all.
    [[nodiscard]] bool has_relative_slots() const noexcept { return !relative_slots_.empty(); }
    /// For a reader whose reads hold, everything below being final: slots that were read as relative and have another value now are
    /// moved in what the reader has published, and in `changes`, which it made. After that both are what execution on the values of
    /// now would give (state::RelativeSlot). Additions that `writes` defers need no moving. Calls begin(location) before each such slot is
    /// repaired. How many were moved where others may have read them.
    template <typename Begin>
    size_t repair(MultiVersionMemory& memory, Position reader, const MultiVersionMemory::WriteSet& writes,
                  state::TransactionChanges& changes, const Begin& begin) const {
        size_t moved = 0;
        for (const state::RelativeSlot& relative : relative_slots_) {
            const MultiVersionMemory::SlotRead& read = slots_[relative.ticket];
            const auto difference = difference_now(read, memory, reader);
            WEFT_ASSERT(difference.has_value());
            if (difference->is_zero()) continue;
            begin(MultiVersionMemory::location_of(*read.cell));
            const bool is_changed = move_change(read, *difference, changes);
            if (!is_changed || writes.defers(*read.cell)) continue;
            MultiVersionMemory::move(*read.cell, reader, *difference);
            ++moved;
        }
        return moved;
    }
    /// The first read that does not; nullopt: all do by now.
    [[nodiscard]] std::optional<Conflict> first_conflict(MultiVersionMemory& memory, Position reader) const;

  private:
    struct Observation {
        uint32_t read;  ///< Of accounts_.
        AccountObservation what;
    };

    void note_observations(const state::State& execution);
    void note_relative_slots(const state::State& execution);
    [[nodiscard]] bool still_holds(const Observation& observation, MultiVersionMemory& memory, Position reader) const;
    [[nodiscard]] bool still_holds(const MultiVersionMemory::SlotRead& read, MultiVersionMemory& memory, Position reader) const;
    [[nodiscard]] bool tolerates(const MultiVersionMemory::SlotRead& read, const uint256& now) const;
    [[nodiscard]] static std::optional<uint256> difference_now(const MultiVersionMemory::SlotRead& read, MultiVersionMemory& memory,
                                                               Position reader);
    [[nodiscard]] static bool move_change(const MultiVersionMemory::SlotRead& read, const uint256& difference,
                                          state::TransactionChanges& changes);
    [[nodiscard]] Conflict conflict_of(const Observation& observation, MultiVersionMemory& memory, Position reader) const;
    [[nodiscard]] static Conflict conflict_of(const MultiVersionMemory::SlotRead& read, MultiVersionMemory& memory, Position reader);

    std::vector<MultiVersionMemory::AccountRead> accounts_;
    std::vector<Observation> observations_;  ///< Of some of accounts_.
    std::vector<MultiVersionMemory::SlotRead> slots_;
    std::vector<state::RelativeSlot> relative_slots_;  ///< Of slots_, by their tickets: those that tolerate other values.
};

}  // namespace weft::execution::parallel
