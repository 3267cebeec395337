// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/execution/parallel/cell_index.hpp"
#include "weft/state/state.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <memory>
#include <vector>

namespace weft::execution::parallel {

/// Place in the order of everything that changes the state in a block: what happens before the transactions, the transactions, what
/// happens after them. A reader at some position sees what lower positions wrote.
using Position = uint32_t;

/// No position at all.
inline constexpr Position kNobody = UINT32_MAX;

/// What transactions of one block wrote, one version for each writer and location, beside the state before the block.
///
/// Vocabulary:
///   location     an account, or one storage slot of an account; it is looked up once and then known by its cell
///   version      what one position writes to a location; of an account only the fields that it changes, so that the value
///                that a reader sees is put together from several versions and the base
///   base         the location in the state before the block; whoever needs it first asks for it and leaves it in the cell
///   incarnation  one attempt at executing a transaction; a version belongs to its writer's latest finished incarnation
///   estimate     a version of an incarnation that is known to be wrong: the location will probably be written again
///
/// Thread safety: readers of all positions and writers of different positions run at the same time. The calls that name one
/// writer are ordered among themselves by their caller. reset(), reserve() and diff() exclude everything else.
/// Invariants:
///   1. Versions of a location that are not folded stand in ascending order of their writers, at most one for each writer.
///   2. The lock of a shard is held while a cell is added, that of a cell for one read or update, never while anything executes or
///      the base is asked, and never two of a kind at once. Known cells are looked up without a lock, and a location that nobody has
///      written is read without one, so that what many transactions only read stays in the caches of all cores.
///   3. A code hash that a version names was put into codes_ before, and stays until reset().
///   4. may_wipe_ is true once any version wipes storage.
///   5. A base that a cell has is never changed before reset().
/// A reader may see one half of a transaction's versions and not the other: committing finds out.
class MultiVersionMemory {
  public:
    struct AccountCell;
    struct SlotCell;

    /// What a read came to.
    struct Reading {
        Position blocker = kNobody;   ///< The writer of an estimate in the way, else kNobody.
        bool needs_base = false;      ///< The cell does not know the base yet: there is no answer without it.
        Position wiped_by = kNobody;  ///< Of a slot: who wiped the account's storage last, before the reader.
    };

    MultiVersionMemory();
    ~MultiVersionMemory();
    MultiVersionMemory(const MultiVersionMemory&) = delete;
    MultiVersionMemory& operator=(const MultiVersionMemory&) = delete;

    /// Forgets everything.
    void reset();
    /// Makes room for the positions below `positions`.
    void reserve(size_t positions);

    /// The cell of a location, until reset().
    [[nodiscard]] AccountCell& cell_of(const address& addr);
    [[nodiscard]] SlotCell& cell_of(AccountCell& account, const uint256& slot);

    /// The location as `reader` sees it. An estimate of a balance alone is in nobody's way: few readers of an account look
    /// at it, and it may well be right.
    [[nodiscard]] Reading read(AccountCell& cell, Position reader, std::optional<state::Account>& value);
    [[nodiscard]] Reading read(SlotCell& cell, Position reader, uint256& value);

    /// Leaves the answer of the state before the block in the cell.
    void set_base(AccountCell& cell, const std::optional<state::Account>& base);
    void set_base(SlotCell& cell, const uint256& base);

    /// Code deployed in this block; null if none has that hash.
    [[nodiscard]] const state::Code* code(const hash32& code_hash);

    /// Replaces what `writer` wrote before by `changes`.
    void publish(Position writer, const state::TransactionChanges& changes);
    [[nodiscard]] bool has_published(Position writer) const noexcept { return writers_[writer].incarnation != 0; }

    /// Marks everything that `writer` wrote as an estimate.
    void mark_estimates(Position writer);

    /// An account that `writer` wrote whose base is not known yet; null: there is none.
    [[nodiscard]] AccountCell* written_without_base(Position writer);
    [[nodiscard]] static const address& address_of(const AccountCell& cell) noexcept;

    /// Nothing that positions below `end` wrote will change any more, and none of them reads: their versions may be folded into one.
    void settle(Position end) noexcept { settled_.store(end, sync::kRelease); }

    /// What all positions together have changed; everything is settled.
    [[nodiscard]] state::ReadResult<state::StateDiff> diff(state::StateView& base);

  private:
    struct AccountVersion;
    struct SlotVersion;

    /// Part of the locations; cells are kept from block to block with their buffers.
    template <typename Cell>
    struct alignas(sync::kCacheLine) Shard {
        CellIndex<Cell> index;
        alignas(sync::kCacheLine) sync::SpinLock lock;
        state::Pool<Cell> cells;  // guarded by lock; a cell guards itself
    };

    struct Writer {
        uint32_t incarnation = 0;
        std::vector<AccountCell*> accounts;
        std::vector<SlotCell*> slots;
        // Scratch, kept for their buffers.
        std::vector<AccountCell*> previous_accounts;
        std::vector<SlotCell*> previous_slots;
    };

    static constexpr size_t kShards = 64;
    /// From here on a writer folds too: nobody may ever read what everybody writes, the beneficiary's account.
    static constexpr size_t kManyVersions = 16;
    template <typename Cell>
    using Shards = std::array<Shard<Cell>, kShards>;

    void publish_account(Writer& writer, Position position, const state::AccountChange& change);
    void publish_slot(Writer& writer, Position position, AccountCell& account, const state::SlotValue& slot);
    void publish_code(const state::AccountChange& change);
    [[nodiscard]] Reading find_wipe(AccountCell& account, Position reader);
    [[nodiscard]] state::ReadResult<void> collect_slots(state::StateView& base);

    std::unique_ptr<Shards<AccountCell>> accounts_;
    std::unique_ptr<Shards<SlotCell>> slots_;
    std::vector<Writer> writers_;
    alignas(sync::kCacheLine) sync::Atomic<Position> settled_{0};
    // Rarely written, looked at by every read.
    alignas(sync::kCacheLine) sync::Atomic<bool> may_wipe_{false};
    sync::Atomic<bool> has_codes_{false};
    alignas(sync::kCacheLine) sync::SpinLock codes_lock_;
    boost::unordered_flat_map<hash32, std::shared_ptr<const state::Code>, std::hash<hash32>> codes_;  // guarded by codes_lock_
};

}  // namespace weft::execution::parallel
