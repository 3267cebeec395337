// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/sync.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weft::execution::parallel {

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
///   executing -> parked     it met an estimate of a lower transaction
///   parked    -> ready      that lower transaction finished
///   ready     -> executing  next() hands it out
///   executing -> executed   finished()
///   executed  -> committed  its reads held
///   executed  -> executing  they did not: the committer executes it again on the committed state, which is exact
enum class Status : uint8_t { unstarted, ready, executing, parked, executed, committed };

/// Decides which transaction a worker executes next, and who commits.
///
/// Thread safety: any worker may call any member, but reset(), which excludes everything else; advance() and release_commit()
/// belong to the worker that holds the commit role.
/// Invariants:
///   1. Transactions are committed in order: exactly those below the frontier are committed.
///   2. At most one worker holds the commit role. While the frontier's transaction is executed, somebody holds the role or takes
///      it before he sleeps.
///   3. A transaction is handed out only within the window behind the frontier, and to one worker at a time.
///   4. A transaction parks only on a lower one that is not executed, and when that finishes it becomes ready. So the frontier's
///      transaction is never parked for long, and there is always one that can run.
///   5. Who is ready goes first, lowest first.
///   6. A worker sleeps only while there is nothing for it to do; every event that makes work wakes sleepers.
class Scheduler {
  public:
    /// Begins a block. `senders`: a transaction begins only after the one of the same sender before it has finished, because it
    /// reads what that writes. `window`: how far execution may run ahead of the frontier.
    void reset(std::span<const std::optional<address>> senders, size_t window);

    /// The transaction to execute next; nullopt: there is none at the moment.
    [[nodiscard]] std::optional<uint32_t> next();

    /// Puts an executing transaction to rest until `on` has finished. false: it has.
    [[nodiscard]] bool park(uint32_t index, uint32_t on);

    /// The execution of a transaction has come to its end.
    void finished(uint32_t index);

    /// Whether `worker` should commit now, though it could execute. The books of the block are warm in the cache of who
    /// committed last: others leave it the role until much waits to be committed.
    [[nodiscard]] bool should_commit(uint32_t worker) const noexcept;
    /// Takes the commit role if the frontier's transaction is executed and nobody holds the role.
    [[nodiscard]] bool take_commit(uint32_t worker);
    /// The transaction to commit next.
    [[nodiscard]] uint32_t frontier() const noexcept;
    [[nodiscard]] bool frontier_is_executed() const noexcept;
    /// The frontier's transaction is committed.
    void advance();
    /// The caller asks take_commit() again afterwards: another transaction may have finished in between.
    void release_commit();
    /// The frontier's transaction is about to be executed again by the committer: finished() follows.
    void begin_exact();

    /// Ends the block early.
    void stop();
    /// All transactions are committed, or the block was stopped.
    [[nodiscard]] bool is_over() const noexcept;
    /// The flag behind is_over().
    [[nodiscard]] const sync::Atomic<bool>& over() const noexcept { return over_; }

    /// Returns when there may be something to do.
    void wait_for_work();

  private:
    static constexpr uint32_t kNone = UINT32_MAX;
    /// Transactions begun but not committed from which on everybody commits.
    static constexpr uint32_t kMuchToCommit = 32;

    struct alignas(64) Entry {
        sync::Atomic<Status> status{Status::unstarted};
        sync::Atomic<uint32_t> first_waiter{kNone};  // changed under parking_
        uint32_t next_waiter = kNone;                // guarded by parking_
        uint32_t predecessor = kNone;                // constant during a block
    };

    [[nodiscard]] std::optional<uint32_t> take_ready();
    [[nodiscard]] std::optional<uint32_t> take_unstarted();
    [[nodiscard]] bool has_work() const noexcept;
    void wake_waiters_of(uint32_t index);
    void wake(size_t workers);

    std::unique_ptr<Entry[]> entries_;
    size_t capacity_ = 0;
    uint32_t size_ = 0;
    uint32_t window_ = 0;

    alignas(sync::kCacheLine) sync::Atomic<uint32_t> next_unstarted_{0};
    alignas(sync::kCacheLine) sync::Atomic<uint32_t> frontier_{0};
    sync::Atomic<bool> committing_{false};
    sync::Atomic<uint32_t> last_committer_{0};
    // Every read of every worker looks at it: no line that is written all the time.
    alignas(sync::kCacheLine) sync::Atomic<bool> over_{false};

    alignas(sync::kCacheLine) sync::SpinLock parking_;
    std::vector<uint32_t> ready_;  // guarded by parking_; a heap, lowest on top
    sync::Atomic<uint32_t> ready_count_{0};

    alignas(sync::kCacheLine) sync::Mutex mutex_;
    sync::ConditionVariable work_;
    sync::Atomic<uint32_t> sleepers_{0};
};

}  // namespace weft::execution::parallel
