// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/crew.hpp"
#include "weft/base/prefetch.hpp"
#include "weft/base/sync.hpp"
#include "weft/execution/parallel/cell_index.hpp"
#include "weft/execution/parallel/relative_uses.hpp"
#include "weft/execution/parallel/timeline.hpp"
#include "weft/state/state.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
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
///                that a reader sees is put together from several versions and the base; a slot may have one before its writer has
///                finished, an early one
///   base         the location in the state before the block; whoever needs it first asks for it and leaves it in the cell
///   incarnation  one attempt at executing a transaction; a version belongs to its writer's latest finished incarnation, an early one to
///                the one after it
///   estimate     a version of an incarnation that is known to be wrong, or of none yet: the location will probably be written
///
/// Thread safety: readers of all positions and writers of different positions run at the same time. The calls that name one
/// writer are ordered among themselves by their caller. accept() and what publishes or tells sums are for one thread at a time, the
/// committer; reset() and diff() exclude everything else.
/// Invariants:
///   1. Versions of a location that are not folded stand in ascending order of their writers, at most one for each writer.
///   2. The lock of a cell is held for one read or update, never while anything executes or the base is asked, and never two of a kind at
///      once. Cells are looked up without a lock, and a location that nobody has written is read without one, so that what many
///      transactions only read stays in the caches of all cores.
///   3. A code hash that a version names was put into codes_ before, and stays until reset().
///   4. may_wipe_ is true once any version wipes storage.
///   5. A base that a cell has is never changed before reset().
///   6. A cell's count of changes grows, under its lock, with whatever is done to what readers may learn from its versions.
/// A reader may see one half of a transaction's versions and not the other: committing finds out.
class MultiVersionMemory {
  public:
    struct AccountCell;
    struct AccountVersion;
    struct SlotCell;
    /// Where one thread at a time takes new cells from: memory that no other core has written lately.
    class CellPool;

    /// To an account, by cells; modulo 2^256.
    struct Credit {
        AccountCell* cell;
        uint256 amount;
    };
    /// To a slot, the same.
    struct Addition {
        SlotCell* cell;
        uint256 amount;
        Position last = kNobody;  ///< Of a sum: who added to it last.
    };

    /// What one position has written, by cells. It belongs to who publishes for the position, later to who accepts it.
    class WriteSet {
        friend class MultiVersionMemory;
        // First what accept() needs.
        boost::container::small_vector<Credit, 2> deferred_credits_;
        boost::container::small_vector<Addition, 1> deferred_additions_;
        /// An account among them had no base when it was published.
        bool lacked_base_ = false;
        /// Some slots have early versions.
        bool has_early_ = false;
        uint32_t incarnation_ = 0;
        std::vector<AccountCell*> accounts_;
        std::vector<SlotCell*> slots_;
        // Scratch, kept for their buffers.
        std::vector<AccountCell*> previous_accounts_;
        std::vector<SlotCell*> previous_slots_;

      public:
        /// Forgets what was written.
        void clear() noexcept {
            incarnation_ = 0;
            has_early_ = false;
            accounts_.clear();
            slots_.clear();
            deferred_credits_.clear();
            deferred_additions_.clear();
        }
        [[nodiscard]] bool has_deferred_additions() const noexcept { return !deferred_additions_.empty(); }
        /// Whether what is added to the slot is not published.
        [[nodiscard]] bool defers(const SlotCell& cell) const noexcept {
            return std::ranges::find(deferred_additions_, &cell, &Addition::cell) != deferred_additions_.end();
        }
    };

    /// What a read came to.
    struct Reading {
        Position blocker = kNobody;   ///< The writer of an estimate in the way, else kNobody.
        bool needs_base = false;      ///< The cell does not know the base yet: there is no answer without it.
        Position wiped_by = kNobody;  ///< Of a slot: who wiped the account's storage last, before the reader.
        uint32_t changes = 0;         ///< The cell's count of changes; as long as it is that, the same read comes to the same.
    };

    /// What a reader of a slot does about estimates.
    enum class Estimates : uint8_t {
        waited_for,
        passed_over,  ///< The latest value that there is will do; what an earlier incarnation left is one.
    };

    /// In place of Reading::changes: nothing was learnt, so that a cell is never unchanged.
    static constexpr uint32_t kNotRead = UINT32_MAX;

    /// Of a slot that is a counter (Counter).
    struct Count {
        uint256 value;    ///< As it was left last below the reader, by somebody who will leave nothing else there as far as is known:
        Position writer;  ///< this one; kNobody: it has not been written in the block.
        uint256 step;     ///< What each adds.
    };

    /// A read that had an answer.
    struct AccountRead {
        AccountCell* cell;
        uint32_t changes;  ///< Reading::changes
    };
    struct SlotRead {
        SlotCell* cell;
        uint32_t changes;   ///< Reading::changes
        Position wiped_by;  ///< Reading::wiped_by
        uint256 value;

        /// It is what a counter will be, not what it was.
        [[nodiscard]] bool is_foretold() const noexcept { return changes == kNotRead; }
    };

    struct Reads {
        std::span<const AccountRead> accounts;
        std::span<const SlotRead> slots;
    };
    /// What a transaction has read. There the cells of what it changes are looked for first: mostly it has read them, in the same order.
    /// The counts of those to which nothing has happened between the reading and the publication are made to include the publication, which
    /// is no news to who publishes.
    struct OwnReads {
        std::span<AccountRead> accounts;
        std::span<SlotRead> slots;
        /// Of `slots`, by their tickets: those that tolerate other values, so that additions to them may be deferred.
        std::span<const state::RelativeSlot> relative{};
    };

    /// With so many pools of cells.
    explicit MultiVersionMemory(size_t pools);
    ~MultiVersionMemory();
    MultiVersionMemory(const MultiVersionMemory&) = delete;
    MultiVersionMemory& operator=(const MultiVersionMemory&) = delete;

    /// Forgets everything.
    void reset();

    [[nodiscard]] CellPool& pool(size_t i) noexcept;

    /// The cell of a location, until reset(); a new one comes from `pool`.
    [[nodiscard]] AccountCell& cell_of(const address& addr, CellPool& pool);
    [[nodiscard]] SlotCell& cell_of(AccountCell& account, const uint256& slot, CellPool& pool);
    /// The same; what `base` says of it at once is in a new one from the beginning, which is quicker than set_base().
    [[nodiscard]] SlotCell& cell_of(AccountCell& account, const uint256& slot, state::StateView& base, CellPool& pool);

    /// The location as `reader` sees it. An estimate of a balance alone is in nobody's way: few readers of an account look
    /// at it, and it may well be right.
    [[nodiscard]] Reading read(AccountCell& cell, Position reader, std::optional<state::Account>& value);
    [[nodiscard]] Reading read(SlotCell& cell, Position reader, uint256& value, Estimates estimates = Estimates::waited_for);

    /// What read() would find, if the slot is one that nobody has written yet, nor is known to write, and that may not have been wiped, and
    /// its base is known; else null.
    [[nodiscard]] const uint256* base_of_untouched(const SlotCell& cell) const noexcept;
    [[nodiscard]] static bool has_base(const AccountCell& cell) noexcept;
    /// Leaves the answer of the state before the block in the cell.
    void set_base(AccountCell& cell, const std::optional<state::Account>& base);
    void set_base(SlotCell& cell, const uint256& base);

    /// nullopt: the slot is no counter, or it is not known how it was left.
    [[nodiscard]] std::optional<Count> count_of(SlotCell& cell, Position reader);
    /// Calls use(location, step) for each known counter that was written.
    static void for_each_counter(const WriteSet& writes, const std::function<void(const Timeline::Location&, const uint256&)>& use);
    /// The slot was foretold as a counter, and is something else.
    static void note_error(SlotCell& cell);
    /// The slot was a counter with that step in the last block.
    static void presume_counter(SlotCell& cell, const uint256& step);

    /// Code deployed in this block; null if none has that hash.
    [[nodiscard]] const state::Code* code(const hash32& code_hash);

    /// Whether nothing has happened to a cell since it was read. Nothing said of a slot that somebody may have wiped.
    [[nodiscard]] bool is_unchanged(const AccountRead& read) const noexcept;
    [[nodiscard]] bool is_unchanged(const SlotRead& read) const noexcept;

    /// Replaces what `writer` wrote before, which is `writes`, by `changes`.
    void publish(Position writer, WriteSet& writes, const state::TransactionChanges& changes, const OwnReads& reads, CellPool& pool);

    /// What several transactions in a row do to an account together, without having looked at it.
    struct AccountSum {
        AccountCell* cell;
        uint256 balance;                  ///< To be added, modulo 2^256.
        std::optional<uint64_t> nonce{};  ///< Afterwards.
    };
    /// Publishes sums for `writer`, who has published nothing else. What was presumed of the first accounts is `reads`, in the same order;
    /// their counts are made to include the publication as above.
    void publish_sums(Position writer, WriteSet& writes, std::span<const AccountSum> sums, std::span<AccountRead> reads, CellPool& pool);

    /// A version of `writer` that is what the account was before, and its own to change (cells.hpp): nobody else looks at the account until
    /// that is done, and publish() knows nothing of it. The cell has its base, and no version of `writer` or above. Null: the account has
    /// code.
    [[nodiscard]] AccountVersion* open_version(Position writer, AccountCell& cell, CellPool& pool);

    /// `writer`, who has published nothing yet, will probably write the location, which it has not been said to do before: an estimate.
    /// The first publish() replaces it or takes it away; a writer that comes to nothing publishes no changes.
    void expect_write(Position writer, WriteSet& writes, AccountCell& cell);
    void expect_write(Position writer, WriteSet& writes, SlotCell& cell, CellPool& pool);

    // Accounts that many transactions pay and hardly one looks into, first of all the beneficiary: credits to them are not published but
    // summed up when they are accepted, and the sum is published when somebody needs to know.

    /// From here on credits to that account are deferred, until somebody looks at its balance. So they are to any account that is paid
    /// when somebody has written it before, and to a contract that stores something when it is paid: all who call it look at its code.
    void defer_credits_to(const address& addr, CellPool& pool);
    /// Credits to the account are deferred, or were: what is read of it may lack some.
    [[nodiscard]] static bool may_lack_credits(const AccountCell& cell) noexcept;
    /// An execution depends on how much an account has.
    static void balance_is_observed(AccountCell& cell) noexcept;
    /// Publishes what was summed up for one account, or for all, as the work of `last`, the last position that was accepted.
    void publish_credits(AccountCell& cell, Position last, CellPool& pool);
    void publish_all_credits(Position last, CellPool& pool);

    // The same for slots that transactions only add to: who has read one as relative (state::RelativeSlot) need not publish what he makes
    // of it, so that nobody else's line of memory is written. The sum is published when somebody who does not only add to the slot commits.

    /// From here on additions to the slot are deferred, until somebody looks at it.
    static void defer_additions_to(SlotCell& cell) noexcept;
    /// Additions to the slot are deferred, or were: what is read of it may lack some.
    [[nodiscard]] static bool may_lack_additions(const SlotCell& cell) noexcept;
    /// Additions to the slot are deferred at present.
    [[nodiscard]] static bool defers_additions(const SlotCell& cell) noexcept;
    /// An execution looks at the slot: from here on additions are published.
    static void value_is_observed(SlotCell& cell) noexcept;
    // The committer's.
    /// Whether there are sums that are not published.
    [[nodiscard]] bool has_additions() const noexcept { return unpublished_additions_ != 0; }
    /// What was accepted and is not published.
    [[nodiscard]] bool has_addition(const SlotCell& cell) const noexcept;
    [[nodiscard]] uint256 addition_to(const SlotCell& cell) const noexcept;
    /// Publishes what was added to one slot, or to all, as the work of who did so last; before anybody who has a version of it is accepted.
    void publish_additions(SlotCell& cell, CellPool& pool);
    void publish_all_additions(CellPool& pool);

    /// Who wrote a slot that somebody had read too early: the first time, and the last. kNobody: that has not happened.
    struct Contention {
        Position first = kNobody;
        Position last = kNobody;
    };
    /// A writer that is not known.
    static constexpr Position kSomebody = kNobody - 1;
    /// Somebody has read the slot before `writer` wrote it: others might, too.
    static void contend(SlotCell& cell, Position writer) noexcept;
    [[nodiscard]] static bool is_contended(const SlotCell& cell) noexcept;
    [[nodiscard]] static Contention contention_of(const SlotCell& cell) noexcept;

    /// A transaction that has read a contended slot has ended, and stored something else in it so many times.
    static void note_stores(SlotCell& cell, uint32_t stores) noexcept;
    /// Whether who has stored something else so many times will probably not do it again.
    [[nodiscard]] static bool is_last_store(const SlotCell& cell, uint32_t stores) noexcept;
    /// Whether it is known when that is.
    [[nodiscard]] static bool knows_last_store(const SlotCell& cell) noexcept;
    /// `writer`, who has not finished, has stored `value` for the last time, it seems: a version until the next publish() of `writer`, or
    /// mark_estimates(). Where that publishes something else, or nothing, no version is published early in the slot any more.
    void publish_early(Position writer, WriteSet& writes, SlotRead& read, const uint256& value, CellPool& pool);

    /// Contended, or written by more than one, of whom the last to do so has not settled: another may be on its way.
    [[nodiscard]] bool is_hot(const SlotCell& cell) const noexcept;
    [[nodiscard]] static RelativeUses& relative_uses_of(SlotCell& cell) noexcept;
    /// The value that `writer`, who had read the slot too early, published there becomes that much more, modulo 2^256.
    static void move(SlotCell& cell, Position writer, const uint256& amount);

    /// Marks everything that `writer` wrote as an estimate.
    void mark_estimates(Position writer, const WriteSet& writes);

    /// Before accept() and settle().
    void prefetch_books() const noexcept {
        prefetch_to_write(settled_);
        if (!accepted_credits_.empty()) prefetch_to_write(accepted_credits_.front());
        if (!accepted_additions_.empty()) prefetch_to_write(accepted_additions_.front());
    }
    /// What `writer` has written stands. All lower positions have been accepted.
    void accept(Position writer, WriteSet& writes);

    /// An account that was written, or whose credit waits, and whose base is not known yet; null: there is none.
    [[nodiscard]] static AccountCell* written_without_base(const WriteSet& writes) noexcept;
    [[nodiscard]] static const address& address_of(const AccountCell& cell) noexcept;
    [[nodiscard]] static Timeline::Location location_of(const SlotCell& cell) noexcept;

    /// For people: who of those below `reader` wrote the location last; of an account, one of `aspects`, of state::Observed. Of writers
    /// that are folded into one, it is the last. kNobody: there is none, or credits to the account were summed up, so that it is not known.
    [[nodiscard]] static Position last_writer(AccountCell& cell, Position reader, uint8_t aspects);
    [[nodiscard]] static Position last_writer(SlotCell& cell, Position reader);

    /// Whether `writer`, or somebody between him and `reader`, has written the slot, and that is no estimate.
    [[nodiscard]] static bool is_written(SlotCell& cell, Position writer, Position reader);

    /// Nothing that positions below `end` wrote will change any more, and none of them reads: their versions may be folded into one.
    void settle(Position end) noexcept { settled_.store(end, sync::kRelease); }

    /// What the accepted writers together have changed; everything is settled. The work is shared with `crew`.
    [[nodiscard]] state::ReadResult<state::StateDiff> diff(state::StateView& base, Crew& crew);

  private:
    struct SlotVersion;
    enum class Sums : uint8_t;
    class PartsOutcome;
    static constexpr uint32_t kNone = UINT32_MAX;
    static constexpr unsigned kBitsOfDigit = 4;
    static constexpr size_t kDigits = 1 << kBitsOfDigit;
    static constexpr size_t kSlotsOfPart = 64;
    /// What a slot has now that has another value than before.
    struct ChangedSlot {
        AccountCell* account;
        state::SlotValue value;
    };
    /// Changed slots of one account that were written one after the other, by their first digits, and those found before them.
    struct SlotRun {
        std::span<const ChangedSlot> slots;
        std::array<uint8_t, kDigits> ends{};  ///< Of each digit's.
        SlotRun* next = nullptr;
        size_t total = 0;  ///< Slots, those of the following runs included.

        [[nodiscard]] std::span<const ChangedSlot> with_digit(size_t digit) const noexcept {
            const size_t begin = digit == 0 ? 0 : ends[digit - 1];
            return slots.subspan(begin, ends[digit] - begin);
        }
    };
    /// Of some of all slots.
    struct ChangedSlots {
        std::vector<ChangedSlot> slots;
        std::vector<SlotRun> runs;  ///< Of them.
    };
    /// The changed slots of one account are put in order by several threads from here on, each those of some first hexadecimal digits:
    /// nearly all keys are hashes.
    static constexpr size_t kManyChanged = sync::limit(512U, 2U);
    struct MuchChanged {
        const AccountCell* cell;
        std::vector<const SlotRun*> runs;
        std::array<uint32_t, kDigits + 1> begins;  ///< Of each digit's slots, and the end.
        std::vector<state::SlotValue> slots;
    };
    /// Of some of the accounts, in the order of addresses.
    struct Differences {
        std::span<state::AccountDiffs::value_type> accounts;  ///< With room for those that turn out to be as they were,
        size_t count = 0;                                     ///< which come to nothing.
        /// Of codes_: what the accounts have now and had not before.
        std::vector<decltype(state::StateDiff::codes)::value_type> codes;
    };
    struct WrittenAccount {
        uint64_t prefix;  ///< The first bytes of the address, as a number that compares like them.
        AccountCell* cell;
    };

    /// From here on a writer folds too: nobody may ever read what everybody writes, the beneficiary's account.
    static constexpr size_t kManyVersions = sync::limit(16U, 3U);

    class Finder;

    void publish_change(Position writer, WriteSet& writes, const state::AccountChange& change, Finder& finder, CellPool& pool);
    /// A cell, and the read of it by who publishes; null: there is none.
    template <typename Cell, typename Read>
    struct Found {
        Cell& cell;
        Read* read = nullptr;
    };
    using FoundAccount = Found<AccountCell, AccountRead>;
    using FoundSlot = Found<SlotCell, SlotRead>;
    void publish_account(Position writer, WriteSet& writes, const FoundAccount& found, const state::AccountChange& change, CellPool& pool);
    [[nodiscard]] AccountVersion& put_account(Position writer, WriteSet& writes, const FoundAccount& found, CellPool& pool);
    static void note_writer(SlotCell& cell, Position writer) noexcept;
    [[nodiscard]] static bool confirm_early(SlotCell& cell, Position writer, uint32_t incarnation, const uint256& value) noexcept;
    static void put_slot(Position writer, const uint256& value, WriteSet& writes, const FoundSlot& found, CellPool& pool);
    static void list(AccountCell& cell, CellPool& pool);
    static void list_locked(AccountCell& cell, CellPool& pool);
    template <typename Begin>
    [[nodiscard]] SlotCell& cell_of(AccountCell& account, const uint256& slot, CellPool& pool, const Begin& begin);
    [[nodiscard]] bool is_credit(const AccountCell& cell, const state::AccountChange& change) const noexcept;
    [[nodiscard]] static bool defers(AccountCell& cell, bool is_looked_at) noexcept;
    [[nodiscard]] bool defers(SlotCell& cell) noexcept;
    [[nodiscard]] const hash32* publish_code(const state::AccountChange& change);
    [[nodiscard]] Reading find_wipe(AccountCell& account, Position reader);
    template <typename Use>
    void for_each_written(const Use& use) const;
    template <typename Beside>
    [[nodiscard]] state::ReadResult<void> find_changed_slots(state::StateView& base, Crew& crew, const Beside& beside);
    [[nodiscard]] state::ReadResult<bool> is_changed(SlotCell& cell, state::StateView& base);
    [[nodiscard]] state::ReadResult<void> find_changed(std::span<SlotCell* const> cells, state::StateView& base, ChangedSlots& changed);
    [[nodiscard]] static size_t digit_of(const ChangedSlot& changed) noexcept;
    [[nodiscard]] static SlotRun run_of(std::span<ChangedSlot> slots);
    static void make_room(MuchChanged& account);
    static void put_with_digit(MuchChanged& account, size_t digit);
    [[nodiscard]] std::vector<state::SlotValue> changed_slots(const AccountCell& account);
    [[nodiscard]] state::ReadResult<void> differences(size_t digit, state::StateView& base, Differences& differences);
    [[nodiscard]] state::ReadResult<std::optional<state::AccountDiff>> difference_of(AccountCell& cell, state::StateView& base);
    void add_new_code(const AccountCell& cell, const state::AccountDiff& diff, Differences& differences) const;

    CellIndex<AccountCell> accounts_;
    CellIndex<SlotCell> slots_;
    std::vector<std::unique_ptr<CellPool>> pools_;
    // The committer's; without a cell once they are published.
    std::vector<Credit> accepted_credits_;
    std::vector<Addition> accepted_additions_;
    size_t unpublished_additions_ = 0;
    // Of all pools; of use to diff() alone.
    std::vector<SlotCell*> written_slots_;
    std::vector<ChangedSlots> changed_slots_;  // those of a block may be the first of them alone
    bool looked_for_changes_ = false;
    sync::SpinLock much_changed_lock_;
    std::vector<MuchChanged> much_changed_;  // while changed slots are looked for, guarded by much_changed_lock_
    alignas(sync::kCacheLine) sync::Atomic<Position> settled_{0};
    // Rarely written, looked at by every read.
    alignas(sync::kCacheLine) sync::Atomic<bool> may_wipe_{false};
    sync::Atomic<bool> has_codes_{false};
    alignas(sync::kCacheLine) sync::SpinLock codes_lock_;
    std::unordered_map<hash32, std::shared_ptr<const state::Code>> codes_;  // guarded by codes_lock_
};

}  // namespace weft::execution::parallel
