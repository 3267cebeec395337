// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/execution/parallel/context_pool.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/payment_run.hpp"
#include "weft/execution/parallel/read_set.hpp"
#include "weft/execution/parallel/timeline.hpp"
#include "weft/execution/parallel/versioned_view.hpp"

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <vector>

/// What a worker of ParallelExecutor has of its own, and what it makes and hands on. Thread safety: none; whose something is says each.
namespace weft::execution::parallel {

inline constexpr uint64_t kNever = UINT64_MAX;

/// Of an Attempt, what a commit looks at as a rule. It may be in the caches of another core.
struct AttemptHead {
    /// All that lower transactions wrote was final when it began.
    bool is_exact = false;
    /// Otherwise there was no result to be had, because a read failed.
    bool has_result = false;
    /// The result is no error.
    bool is_valid = false;
    bool has_relative_slots = false;
    bool has_foretold_slots = false;
    /// It is one of several payments, or of one that was executed like these. `result` and `context` then are of no use.
    bool is_of_payments = false;
    /// How often it was executed again ahead of its commit.
    uint32_t repetitions = 0;
    /// Gas spent while lower transactions were executed as well; a repetition spends none.
    uint64_t gas_ahead = kAll;
    uint64_t gas_used = 0;
    /// What it has read held when, all lower transactions having been executed, so much had happened to what they wrote.
    uint64_t held_after = kNever;
    /// Holds the execution while it is unfinished.
    Context* context = nullptr;
    MultiVersionMemory::WriteSet writes;

    static constexpr uint64_t kAll = UINT64_MAX;
};

/// What there is of a transaction that is begun and not committed. It belongs to the worker that executes it, then to the committer; where
/// transactions are checked ahead, to the worker that claims it in between, and at last again to who executed it.
struct alignas(sync::kCacheLine) Attempt : AttemptHead {
    /// It waits for a slow read.
    bool is_reading = false;
    /// How much the incarnation had read when that was last seen to hold.
    size_t checked = 0;
    /// How often the incarnation has waited for lower transactions.
    uint32_t waits = 0;
    /// Of the finished execution, unless it is exact.
    ReadSet reads;
    /// Without has_result, of an earlier transaction, for its memory.
    std::expected<TransactionResult, TransactionError> result;

    /// Where the incarnation has waited. `gas_at_store`: gas spent when it had stored what others wait for, who then had not to wait for
    /// the rest.
    void account_for_waits(std::optional<uint64_t> gas_at_store) noexcept;

    /// There is a result.
    void note_result() noexcept {
        has_result = true;
        is_valid = result.has_value();
        gas_used = is_valid ? result->gas_used : 0;
    }
};

/// The attempts of an executor, kept from block to block. There are as many as were ever in use at once, which the scheduler's reach
/// bounds, and what the workers keep at hand.
///
/// Thread safety: any thread may call any member; an attempt belongs to who fetched it.
class AttemptPool {
  public:
    /// Puts some that nobody uses into `at_hand`, at least one.
    void fetch(std::vector<Attempt*>& at_hand);
    void give_back(std::span<Attempt* const> attempts) noexcept;

  private:
    sync::SpinLock lock_;
    std::vector<std::unique_ptr<Attempt>> all_;  // guarded by lock_
    std::vector<Attempt*> free_;                 // guarded by lock_; has room for all
};

/// A transaction that is executed and waits to be committed.
struct Executed {
    uint32_t task;
    Attempt* attempt;
    /// What it has read was looked at after so many repetitions of transactions.
    uint64_t looked_at_after = kNever;
    /// If that fails to hold later, the committer has little to do.
    bool is_cheap = false;

    [[nodiscard]] bool is_looked_at(uint64_t repetitions) const noexcept {
        return looked_at_after == repetitions || (looked_at_after != kNever && is_cheap);
    }
};

/// What a worker keeps for itself, so that the memory it writes was last written by its own core.
struct alignas(sync::kCacheLine) Worker {
    uint32_t number = 0;
    AttemptPool* attempts = nullptr;
    MultiVersionMemory::CellPool* cells = nullptr;
    Timeline::Track* track = nullptr;  ///< Null: nothing is recorded.
    /// Ready for the next transaction, if not null.
    Context* context = nullptr;
    /// For all contexts: those of transactions that rest would be cold.
    evm::RepeatedHashes hashes;
    /// What it executes next, because it waited for what the worker executed last.
    std::optional<uint32_t> continuation;
    /// The transaction behind the last one that it executed exactly; all before it are final.
    uint32_t next_exact = UINT32_MAX;
    /// Where transactions are checked ahead, those that it finished, until it learns that they are committed.
    std::vector<Executed> executed;
    PaymentRun payments;
    /// How long it was there for the transactions of the last block, until there was nothing left to do, and waited for work of that.
    using Time = std::chrono::steady_clock::duration;
    Time there{};
    Time waited{};
    /// How long it executed again what had been executed in vain.
    Time repeated{};

    /// Before anything else.
    void join(uint32_t its_number, AttemptPool& its_attempts, MultiVersionMemory::CellPool& its_cells);

    /// The same context, which the worker uses from here on.
    Context& adopt(Context& context) noexcept {
        context.view.take_cells_from(*cells);
        context.execution.use_hashes(hashes);
        return context;
    }

    /// While there is one, the worker executes something again.
    class Repetition {
      public:
        explicit Repetition(Worker& worker) noexcept : worker_(worker) {}
        ~Repetition() { worker_.repeated += std::chrono::steady_clock::now() - begin_; }
        Repetition(const Repetition&) = delete;
        Repetition& operator=(const Repetition&) = delete;

      private:
        Worker& worker_;
        std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    };

    [[nodiscard]] Attempt& take_attempt();
    /// Nobody needs the attempt any more. The memory of a usual result is kept for the next one.
    void recycle(Attempt& attempt) noexcept;

    /// Finds the accounts of transactions that it will execute, from `begin` to `end`, and what the base says of them, at once: while one
    /// line of memory is on its way, the look-up of the next begins.
    void look_up_parties(const BlockInput& block, uint32_t begin, uint32_t end, MultiVersionMemory& memory, state::StateView& base);
    /// Those found; null if they were not looked up.
    [[nodiscard]] const VersionedView::Parties* parties_of(uint32_t index) const noexcept {
        return index - first_known_ < known_.size() ? &known_[index - first_known_] : nullptr;
    }
    void forget_parties() noexcept { known_.clear(); }

  private:
    /// Who executes and who commits may be two workers all the time: one must not make what the other one keeps.
    static constexpr size_t kMostAtHand = sync::limit(64U, 4U);

    std::vector<Attempt*> at_hand_;  ///< That nobody uses.
    std::vector<VersionedView::Parties> known_;
    uint32_t first_known_ = 0;
};

}  // namespace weft::execution::parallel
