// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/sync.hpp"
#include "weft/execution/parallel/look_ahead.hpp"
#include "weft/state/epoch_index.hpp"
#include "weft/state/state_view.hpp"

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weft::execution::parallel {

struct Attempt;

/// Where a transaction stands.
///
///   unstarted --> executing <--> executed --> committed
///       |          |     ^
///       v          v     |
///       +------> parked  |
///                  |     |
///                  v     |
///                ready --+
///
///   unstarted -> executing  next() hands it out
///   unstarted -> parked     its sender's transaction before it is unfinished
///   executing -> parked     it met an estimate of a lower transaction, or a slot that one will probably write
///   parked    -> ready      that lower transaction finished, or wrote what was waited for
///   executing -> reading    it met a read that is under way
///   reading   -> ready      the read ended
///   ready     -> executing  next() hands it out
///   executing -> executed   finished()
///   executed  -> committing next_to_commit(): the committer's, for good, where somebody else might claim() it. There, begin_exact() is
///                           followed by it again. Elsewhere it stays executed.
///   executed  -> executing  claim(): a worker looks whether its reads hold, and executes it again if they do not; or the committer does,
///                           begin_exact(), on the committed state, which is exact
enum class Status : uint8_t { unstarted, ready, executing, parked, reading, executed, committing };

/// Decides which transaction a worker executes next, and who commits.
///
/// What it hands out are tasks, and that is what the numbers below count: a task is a transaction, or some payments that follow each other
/// and are executed as one. These do not wait for anybody: what they need of their senders is looked into when they are committed.
///
/// Neighbours go to one worker, which also commits what it executed: the lines of memory that a transaction wrote are then still in
/// the cache of the core that validates it, and what the workers share is written once for several transactions.
///
/// Where the transactions of one sender, which follow each other, are so much of the block that its end waits for them, they go ahead: each
/// begins as soon as the one before has finished, whatever else has not begun. Otherwise single transactions do that may take longer than
/// what comes after them takes the other workers.
///
/// Thread safety: any worker may call any member, but reset(), which excludes everything else; the members under "Committing" that
/// follow take_commit() belong to the worker that holds the commit role. `worker` is the caller's number, below reset()'s `workers`.
/// Invariants:
///   1. Transactions are committed in order. Those below the frontier are committed; the committer may be ahead of it.
///   2. At most one worker holds the commit role. While the frontier's transaction is executed, somebody holds the role or takes
///      it before he sleeps.
///   3. A transaction is handed out only within the window behind the frontier, one that goes ahead within reach of it (reach_of()), and
///      to one worker at a time. While too many rest at others, none begins but the frontier's; those that are begun or taken, which are
///      what they rest at, or go ahead, go on.
///   4. A transaction parks only on a lower one that is not executed, and becomes ready when that finishes, if not before. So the
///      frontier's transaction is never parked for long, and there is always one that can run or waits for a read: a lane that its
///      worker cannot attend to is open to the others.
///   5. Who is ready goes first, lowest first; then who goes ahead.
///   6. A worker falls asleep only while there is nothing for it to do. An event that makes work wakes one sleeper, first of all the one
///      who stays awake for a while and only looks whether he is called. He wakes the next when he has taken some and there is more; or
///      the event is one of the committer, who is awake and asks for work next, as do all who take some while others sleep.
///   7. A view that was asked to tell when a read has ended tells once: await_reads() outlasts all that is outstanding.
class Scheduler final : public state::ReadListener {
  public:
    /// What there is to know of a transaction beforehand.
    struct Outline {
        /// A transaction begins only after those of the same sender before it, because it reads what they write. A hash: two senders of one
        /// would wait for each other, no more.
        std::optional<uint64_t> sender;
        /// Absent: a contract is created.
        std::optional<address> recipient{};
        bytes_view input{};
        uint64_t gas_limit = 0;   ///< At most so much work.
        bool is_payment = false;  ///< It may be executed together with other payments, and has a sender. The rest does not matter.

        [[nodiscard]] uint64_t most_gas() const noexcept { return is_payment ? kGasOfPayment : gas_limit; }
    };

    /// Begins a block of these transactions. `window`: how many tasks execution may run ahead of the frontier.
    void reset(std::span<const Outline> transactions, size_t window, unsigned workers);

    struct Range {
        uint32_t begin;
        uint32_t end;
    };
    /// Of a task.
    [[nodiscard]] Range transactions_of(uint32_t index) const noexcept {
        const uint32_t begin = entries_[index].first_transaction;
        return {.begin = begin, .end = begin + std::max(entries_[index].payments, 1U)};
    }
    [[nodiscard]] bool is_of_payments(uint32_t index) const noexcept { return entries_[index].payments != 0; }
    [[nodiscard]] uint32_t task_of(uint32_t transaction) const noexcept { return task_of_[transaction]; }

    /// What there is of a task that is begun; null at the beginning. It means nothing here: it is on the line of memory that the task's
    /// worker and the committer look at anyway, and belongs to them in turn.
    [[nodiscard]] Attempt*& attempt_at(uint32_t index) noexcept { return entries_[index].attempt; }

    /// The transaction that `worker` executes next; nullopt: there is none at the moment.
    [[nodiscard]] std::optional<uint32_t> next(uint32_t worker);
    /// Whether the transaction may take so long that what waits to be committed should not wait for it.
    [[nodiscard]] bool is_dear(uint32_t index) const noexcept { return gas_[index] >= kDearGas; }
    /// The end of the transactions that `worker` took together, of which `index` is the one it begins now. Others may take some away.
    [[nodiscard]] uint32_t end_of_neighbours(uint32_t worker, uint32_t index) const noexcept;
    /// Whether `worker` has taken neighbours and not begun them all.
    [[nodiscard]] bool has_neighbours_left(uint32_t worker) const noexcept;

    /// All lower transactions are committed, and maybe some more.
    [[nodiscard]] uint32_t frontier() const noexcept { return frontier_; }
    /// Whether all lower transactions are committed. May be answered with no for a moment longer.
    [[nodiscard]] bool is_frontier(uint32_t index) const noexcept { return frontier_ == index; }

    /// For a transaction that meets a slot which others have read too early: the nearest lower transaction that has not finished and will
    /// probably write the slot. If the two that are known to have done so made the same call, that is one with this call, to the same
    /// recipient with the same first argument: the asset that is lent, the account that is paid. If they called the same recipient, it is
    /// any to that one, otherwise any to the recipient of this transaction.
    [[nodiscard]] std::optional<uint32_t> unfinished_writer(uint32_t index, std::optional<uint32_t> first_known,
                                                            std::optional<uint32_t> last_known) const noexcept;

    /// Puts an executing transaction to rest until `on` has finished, or written() is called with that location, which is for the caller to
    /// choose. false: it has finished.
    [[nodiscard]] bool park(uint32_t index, uint32_t on, const void* location);
    /// An executing transaction has written what others may wait for: they can go on. Who lines up at the same moment waits for its end.
    void written(uint32_t index, const void* location);
    /// Whether some worker executes the transaction, as far as is seen now.
    [[nodiscard]] bool is_seen_executing(uint32_t index) const noexcept {
        // Relaxed: for who asks again and again.
        return entries_[index].status.load(sync::kRelaxed) == Status::executing;
    }

    /// Before the workers begin: as many may rest as will, because all that begins asks for slow reads first.
    void let_all_rest() noexcept { most_resting_ = UINT32_MAX; }

    /// Puts an executing transaction to rest until a read of `view` with that ticket has ended. false: it has, or the view would not tell.
    [[nodiscard]] bool park_on_read(uint32_t index, state::StateView& view, uint64_t ticket);
    /// `tag` is a transaction that rests so.
    void read_ended(uint64_t tag) noexcept override;
    /// Returns when no transaction rests so and nobody is about to tell.
    void await_reads();

    /// The execution of a transaction has come to its end, or a claim(). The lowest of those that waited for it is now for `worker` to
    /// execute: what it waited for is in the caches of that worker's core.
    [[nodiscard]] std::optional<uint32_t> finished(uint32_t index, uint32_t worker);
    /// The same without a worker that could go on.
    void finished(uint32_t index);

    // ---- Checking ahead ----

    /// Whether workers look after transactions that they have executed and that are not committed: whether what these have read still
    /// holds. It pays where so many are executed at once that conflicts are frequent, and what the committer has to do limits the others.
    [[nodiscard]] bool checks_ahead() const noexcept { return checks_ahead_; }
    /// All lower transactions have been executed, once at least. Where there is no checking ahead: 0.
    [[nodiscard]] uint32_t executed() const noexcept { return executed_; }
    /// Makes an executed transaction the caller's, as if it had been handed out: finished() or park() follows. false: it is another's.
    /// The committer takes those that he will reach soon.
    [[nodiscard]] bool claim(uint32_t index);

    // ---- Committing ----

    /// How far transactions are executed ahead of the one to commit next: near at the beginning, and all of the window if it is far. After
    /// nothing only those that have begun are, and the committer goes on with the one that he makes the frontier's, without waking anybody.
    void look_ahead(Reach reach);

    /// Takes the commit role if nobody holds it and the frontier's transaction is executed and for `worker` to commit: it executed it
    /// itself, it is idle, or much waits.
    [[nodiscard]] bool take_commit(uint32_t worker, bool is_idle);
    /// The next transaction, if it is executed and for `worker` to commit.
    [[nodiscard]] std::optional<uint32_t> next_to_commit(uint32_t worker, bool is_idle) noexcept;
    /// Whether a transaction, if there is one with that number, is executed, as far as is seen now.
    [[nodiscard]] bool is_seen_executed(uint32_t index) const noexcept { return index < size_ && is_executed(index); }
    /// The transaction, if there is one with that number, will be committed soon.
    void prefetch_entry(uint32_t index) const noexcept {
        if (index < size_) __builtin_prefetch(&entries_[index], 1);
    }
    /// Of the transaction to commit next: whether what it has read held.
    void note_reads(bool held);
    /// The transaction is committed.
    void advance();
    /// The transaction to commit next is about to be executed again by the committer: finish_exact() follows, unless the block is stopped.
    void begin_exact(uint32_t index);
    void finish_exact(uint32_t index);
    /// So many of the transactions are committed. Of use when the workers are done.
    [[nodiscard]] uint32_t committed() const noexcept { return next_to_commit_; }
    /// How many tasks there are.
    [[nodiscard]] uint32_t size() const noexcept { return size_; }
    /// The caller asks take_commit() again afterwards: another transaction may have finished in between.
    void release_commit();

    /// Ends the block early.
    void stop();
    /// All transactions are committed, or the block was stopped.
    [[nodiscard]] bool is_over() const noexcept;
    /// The flag behind is_over().
    [[nodiscard]] const sync::Atomic<bool>& over() const noexcept { return over_; }

    /// Returns when there may be something to do.
    void wait_for_work();
    /// Whether some transaction has not begun, or rests, or others than the last few are not committed, as far as is seen now.
    [[nodiscard]] bool is_any_left() const noexcept { return next_unstarted_ < size_ || resting_ != 0 || frontier_ + kFew < size_; }

  private:
    static constexpr uint32_t kNone = UINT32_MAX;
    /// Neighbours that go to one worker: more share less, and meet more conflicts, since those at the end begin later and those after them
    /// do not. So their number depends on what they may cost, and a dear one has none; and it grows while there is no conflict.
    static constexpr uint32_t kFewestNeighbours = 2;
    static constexpr uint32_t kMostNeighbours = 16;
    static constexpr uint64_t kGasOfNeighbours = 100'000;
    /// With so many workers taking transactions they would wait for each other: they take twice as many.
    static constexpr unsigned kManyWorkers = 8;
    /// After so many commits without a conflict neighbours are twice as many, up to a limit.
    static constexpr uint32_t kUndisturbed = sync::limit(64U, 2U);
    static constexpr uint32_t kMostTimes = 8;
    /// Of a task: some ten microseconds of work.
    static constexpr uint32_t kMostPayments = sync::limit(32U, 3U);
    /// A payment executed with others takes as long as other transactions with so much gas.
    static constexpr uint32_t kGasOfPayment = 2'500;
    /// Fewer transactions of one sender do not go ahead.
    static constexpr uint32_t kShortestChain = sync::limit(4U, 2U);
    /// Some tens of microseconds of work.
    static constexpr uint64_t kDearGas = 500'000;
    /// What goes ahead for itself may be one in so many of the block's gas limits at least: it may have to be executed again.
    static constexpr uint64_t kLeastShareAhead = 16;
    /// Those at the beginning begin soon anyway.
    static constexpr uint32_t kFirstAhead = sync::limit(16U, 1U);
    /// While so many rest, nothing begins ahead of the frontier: their executions would drive each other out of the caches.
    static constexpr uint32_t kMostRestingOfWorker = sync::limit(12U, 1U);
    /// The frontier is made known every so many commits at least.
    static constexpr uint32_t kCommitsAtOnce = sync::limit(8U, 3U);
    static constexpr unsigned kFewestToCheckAhead = sync::limit(4U, 3U);
    /// The committer is so near that checking is left to him.
    static constexpr uint32_t kNearFrontier = sync::limit(8U, 1U);
    /// What the committer does with so many is soon done, whatever it is.
    static constexpr uint32_t kFew = sync::limit(16U, 2U);
    /// Transactions begun but not committed from which on everybody commits.
    static constexpr uint32_t kMuchToCommit = sync::limit(48U, 5U);

    struct alignas(64) Entry {
        sync::Atomic<Status> status{Status::unstarted};
        sync::Atomic<uint32_t> worker{kNone};        // who executed it
        sync::Atomic<uint32_t> first_waiter{kNone};  // changed under parking_
        uint32_t next_waiter = kNone;                // guarded by parking_
        uint32_t predecessor = kNone;                // constant during a block; the transaction of the sender before it
        uint32_t payments_before = kNone;            // constant during a block; payments of the sender between the two
        uint32_t first_transaction = 0;              // constant during a block
        uint32_t payments = 0;                       // constant during a block; 0: it is a single transaction
        bool goes_ahead = false;                     // constant during a block
        bool rests = false;                          // guarded by parking_; it is parked, and holds its execution
        const void* location = nullptr;              // the same; where it waits
        Attempt* attempt = nullptr;                  // see attempt_at()
    };

    /// What a transaction calls. Two of one key would wait for each other, no more.
    struct Call {
        uint64_t recipient = 0;  ///< A key of it; 0: none, it neither waits nor is waited for.
        uint64_t call = 0;       ///< Of recipient and first argument, if the transaction is dear.
    };

    /// Of those who sleep, one stays awake for a while.
    enum class Watch : uint8_t { nobody, kept, called };

    /// Transactions that a worker took and has not begun.
    struct alignas(sync::kCacheLine) Lane {
        sync::Atomic<uint64_t> range{0};  // the end in the upper half, the next in the lower
    };

    /// Of use to add() alone.
    struct Sender {
        uint64_t hash;
        uint32_t last_transaction = kNone;  ///< That is no payment in a task of payments.
        uint32_t last_payments = kNone;     ///< After that.
        uint32_t transactions = 0;
        uint64_t gas = 0;  ///< Their limits.
    };

    /// A task that may go ahead for itself.
    struct Dear {
        uint32_t task;
        uint64_t gas;
    };

    void begin(size_t transactions, size_t window, unsigned workers);
    [[nodiscard]] uint32_t add_to_sender(const Outline& transaction);
    void choose_who_goes_ahead(uint64_t gas_of_block, unsigned workers) noexcept;
    void consider_going_ahead(uint64_t gas, uint64_t rest, uint64_t gas_of_block, unsigned workers);
    void let_dear_ones_go_ahead(unsigned workers);
    void add(const Outline& transaction, uint32_t sender_number);
    [[nodiscard]] uint32_t sender_of(const Outline& transaction) const noexcept;
    Entry& add_entry();
    [[nodiscard]] uint32_t end_of_run(uint32_t begin) const noexcept;
    [[nodiscard]] std::optional<uint32_t> take_ready(uint32_t worker);
    [[nodiscard]] std::optional<uint32_t> take_from_chain(uint32_t worker);
    [[nodiscard]] std::optional<uint32_t> take_unstarted(uint32_t worker);
    [[nodiscard]] bool has_to_wait(uint32_t index);
    /// What goes ahead may begin so far ahead of the frontier.
    [[nodiscard]] static constexpr size_t reach_of(size_t window) noexcept { return std::bit_ceil(window); }
    [[nodiscard]] bool can_begin_in_chain(uint32_t place) const noexcept;
    [[nodiscard]] static std::optional<uint32_t> take_from(Lane& lane);
    [[nodiscard]] std::optional<uint32_t> take_chunk(Lane& lane);
    [[nodiscard]] std::optional<uint32_t> take_from_others();
    [[nodiscard]] bool is_executed(uint32_t index) const noexcept;
    void pass_executed(uint32_t index) noexcept;
    [[nodiscard]] bool is_for(uint32_t worker, bool is_idle, uint32_t index, uint32_t unstarted) const noexcept;
    [[nodiscard]] bool is_any_to_begin() const noexcept;
    [[nodiscard]] bool has_work() const noexcept;
    [[nodiscard]] uint32_t end_to_begin() const noexcept;
    [[nodiscard]] bool hold_back(uint32_t index, uint32_t on);
    [[nodiscard]] bool line_up(uint32_t index, uint32_t on);
    void publish_frontier();
    [[nodiscard]] std::optional<uint32_t> wake_waiters_of(uint32_t index, uint32_t worker);
    void make_ready(uint32_t index);
    void count_read_ended() noexcept;
    void assign(uint32_t index, uint32_t worker) noexcept;
    void wake_one();
    [[nodiscard]] bool keep_watch() noexcept;

    std::unique_ptr<Entry[]> entries_;
    size_t capacity_ = 0;
    std::vector<uint32_t> gas_;      // constant during a block; the limits, or kDearGas where that is less
    std::vector<Call> calls_;        // constant during a block
    std::vector<uint32_t> task_of_;  // constant during a block
    state::EpochIndex sender_index_;
    std::vector<Sender> senders_;
    std::vector<uint32_t> sender_numbers_;    // of use to reset() alone
    const Sender* who_goes_ahead_ = nullptr;  // of senders_
    std::vector<Dear> dear_;                  // of use to reset() alone
    std::vector<uint32_t> chain_;             // constant during a block; those that go ahead, of one sender or for themselves
    uint32_t most_resting_ = 0;
    bool checks_ahead_ = false;
    std::vector<Lane> lanes_;
    uint32_t size_ = 0;
    uint32_t full_window_ = 0;
    uint32_t near_window_ = 0;
    /// One: nothing is executed ahead.
    sync::Atomic<uint32_t> window_{0};
    /// Neighbours are so many times as many as at least.
    sync::Atomic<uint32_t> neighbours_{1};
    uint32_t fewest_neighbours_ = 1;  // constant during a block

    alignas(sync::kCacheLine) sync::Atomic<uint32_t> next_unstarted_{0};
    sync::Atomic<uint32_t> next_in_chain_{0};  // a place in chain_
    alignas(sync::kCacheLine) sync::Atomic<uint32_t> executed_{0};
    alignas(sync::kCacheLine) sync::Atomic<uint32_t> frontier_{0};
    alignas(sync::kCacheLine) sync::Atomic<bool> committing_{false};
    // These belong to the holder of the commit role.
    uint32_t next_to_commit_ = 0;
    uint32_t unstarted_seen_ = 0;  // of next_unstarted_, which all workers change, some time ago
    uint32_t undisturbed_ = 0;     // commits in a row
    // Every read of every worker looks at it: no line that is written all the time.
    alignas(sync::kCacheLine) sync::Atomic<bool> over_{false};

    alignas(sync::kCacheLine) sync::SpinLock parking_;
    std::vector<uint32_t> ready_;  // guarded by parking_; a heap, lowest on top
    sync::Atomic<uint32_t> ready_count_{0};
    sync::Atomic<uint32_t> resting_{0};  // changed under parking_; parked transactions that hold their executions

    alignas(sync::kCacheLine) sync::Mutex mutex_;
    sync::ConditionVariable work_;
    sync::Atomic<uint32_t> sleepers_{0};
    sync::Atomic<Watch> watch_{Watch::nobody};  // by one of sleepers_
    sync::ConditionVariable reads_ended_;
    uint32_t reads_ = 0;  // guarded by mutex_; those that a view tells of
};

}  // namespace weft::execution::parallel
