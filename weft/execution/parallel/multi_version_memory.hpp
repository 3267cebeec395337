// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/state/state.hpp"
#include "weft/state/state_diff.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <memory>
#include <vector>

namespace weft::execution::parallel {

/// Place in the order of a block: 0 stands for what happens before the first transaction, i + 1 for transaction i. A reader
/// at some position sees what lower positions wrote.
using Position = uint32_t;

/// No position at all.
inline constexpr Position kNobody = UINT32_MAX;

[[nodiscard]] constexpr Position position_of(size_t transaction) noexcept { return static_cast<Position>(transaction + 1); }

/// What the versions below a reader say of an account. What they leave open is the base's answer.
struct AccountOverlay {
    bool exists = false;         ///< Some version says so; otherwise `removed` or the base decides.
    bool removed = false;        ///< The account went at some point: nothing of the base shows through.
    bool storage_wiped = false;  ///< Nothing of the base's storage shows through.
    bool nonce_known = false;
    bool balance_known = false;
    bool code_known = false;
    uint64_t nonce = 0;
    uint256 balance{};  ///< Where it is not known: what to add to the base's.
    hash32 code_hash = state::kEmptyCodeHash;
    Position wiped_by = kNobody;  ///< Who wiped the storage last.

    [[nodiscard]] std::optional<state::Account> over(const std::optional<state::Account>& base) const noexcept;
};

/// What the versions below a reader say of a storage slot.
struct SlotOverlay {
    bool known = false;  ///< `value` holds; otherwise the base's.
    uint256 value;
    Position wiped_by = kNobody;  ///< Who wiped the account's storage last.
};

/// What transactions of one block wrote, one version for each writer and location, beside the state before the block.
///
/// Vocabulary:
///   location     an account, or one storage slot of an account
///   version      what one position writes to a location; of an account only the fields that it changes, so that the value
///                that a reader sees is put together from several versions and the base
///   incarnation  one attempt at executing a transaction; a version belongs to its writer's latest finished incarnation
///   estimate     a version of an incarnation that is known to be wrong: the location will probably be written again
///
/// Thread safety: readers of all positions and writers of different positions run at the same time. The calls that name one
/// writer are ordered among themselves by their caller. reset() excludes everything else.
/// Invariants:
///   1. Versions of a location that are not folded stand in ascending order of their writers, at most one for each writer.
///   2. A shard's lock is held for one look-up or one update, never while anything executes or the base is read.
///   3. A code hash that a version names was put into codes_ before, and stays until reset().
///   4. may_wipe_ is true once any version wipes storage.
/// A reader may see one half of a transaction's versions and not the other: committing finds out.
class MultiVersionMemory {
  public:
    MultiVersionMemory();

    /// Forgets everything and makes room for the positions below `positions`.
    void reset(size_t positions);

    /// Replaces what `writer` wrote before by `changes`.
    void publish(Position writer, const state::TransactionChanges& changes);

    /// Marks everything that `writer` wrote as an estimate.
    void mark_estimates(Position writer);

    /// Nothing that `committed` and lower positions wrote will change any more: their versions may be folded into one.
    void settle(Position committed) noexcept { settled_.store(committed, sync::kRelease); }

    /// Puts together what is known of an account at `reader`. The result is kNobody, or the writer of an estimate in the way. An
    /// estimate of a balance alone is in nobody's way: few readers of an account look at it, and it may well be right.
    [[nodiscard]] Position read_account(Position reader, const address& addr, AccountOverlay& overlay);

    /// The same for a storage slot.
    [[nodiscard]] Position read_slot(Position reader, const address& addr, const uint256& slot, SlotOverlay& overlay);

    /// Code deployed in this block; null if none has that hash.
    [[nodiscard]] const state::Code* code(const hash32& code_hash);

  private:
    struct AccountVersion {
        Position writer;
        uint32_t incarnation;
        bool estimate;
        bool removed;
        bool storage_wiped;
        bool nonce_changed;
        bool code_changed;
        state::AccountChange::Balance balance_change;
        uint64_t nonce;
        uint256 balance;
        hash32 code_hash;

        [[nodiscard]] bool is_balance_only() const noexcept { return !removed && !storage_wiped && !nonce_changed && !code_changed; }
    };

    struct SlotVersion {
        Position writer;
        uint32_t incarnation;
        bool estimate;
        uint256 value;
    };

    /// The versions of settled writers are folded into one when the location is read, so that an account which every
    /// transaction of the block writes is as quick to read as any other.
    struct AccountCell {
        address addr;
        AccountOverlay settled;
        std::vector<AccountVersion> versions;

        void fold(Position committed);
    };

    struct SlotCell {
        address addr;
        uint256 slot;
        std::vector<SlotVersion> versions;
    };

    /// Part of the locations, under one lock; cells are kept from block to block with their buffers.
    template <typename Cell>
    struct alignas(sync::kCacheLine) Shard {
        sync::SpinLock lock;
        state::EpochIndex index;  // guarded by lock
        state::Pool<Cell> cells;  // guarded by lock
    };

    /// A location that a writer has a version of.
    struct Written {
        uint32_t shard;
        uint32_t cell;
    };

    struct Writer {
        uint32_t incarnation = 0;
        std::vector<Written> accounts;
        std::vector<Written> slots;
        std::vector<Written> previous;  ///< Scratch, kept for its buffer.
    };

    static constexpr size_t kShards = 64;
    /// From here on a writer folds too: nobody may ever read what everybody writes, the beneficiary's account.
    static constexpr size_t kManyVersions = 16;
    template <typename Cell>
    using Shards = std::array<Shard<Cell>, kShards>;

    /// Away from the bits with which EpochIndex works.
    [[nodiscard]] static uint32_t shard_of(uint64_t hash) noexcept { return static_cast<uint32_t>(hash >> 24) % kShards; }

    void publish_account(Writer& writer, Position position, const state::AccountChange& change);
    void publish_slot(Writer& writer, Position position, const address& addr, const state::SlotValue& slot);
    void publish_code(const state::AccountChange& change);
    /// The cell of an account after folding; null: nothing is known. The shard's lock is held.
    [[nodiscard]] AccountCell* find_account(Shard<AccountCell>& shard, uint64_t hash, const address& addr);
    static void absorb(AccountOverlay& settled, const AccountVersion& version) noexcept;
    [[nodiscard]] Position find_wipe(Position reader, const address& addr, Position& wiped_by);
    template <typename Cell>
    static void drop_older(Shards<Cell>& shards, const std::vector<Written>& written, Position writer, uint32_t incarnation);
    template <typename Cell>
    static void mark(Shards<Cell>& shards, const std::vector<Written>& written, Position writer);

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
