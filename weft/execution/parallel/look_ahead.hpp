// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::execution::parallel {

/// How far transactions are executed ahead of the one to commit next.
enum class Reach : uint8_t {
    nothing,  ///< Not at all.
    near,     ///< Not so far that much is lost if it is in vain.
    far,      ///< As far as there is room.
};

/// Whether execution ahead of the commits pays, judged by what became of the transactions that were committed last. Where nearly all
/// gas has to be spent in order anyway, executing ahead only keeps other threads busy. It is tried again now and then, less often
/// each time that it fails.
///
/// Thread safety: none; it belongs to the committer.
class LookAhead {
  public:
    /// What became of one transaction. Units: gas.
    struct Commit {
        uint64_t gas = 0;
        /// Of it, spent while others waited for it: in a repetition, or after the transaction had waited, until it had stored what they
        /// waited for.
        uint64_t in_order = 0;
        /// It was executed ahead of others.
        bool was_ahead = false;
    };

    /// Begins a block.
    void begin() noexcept { *this = LookAhead(); }

    /// After each commit. How far transactions are to be executed ahead from now on.
    [[nodiscard]] Reach after(const Commit& commit) noexcept {
        if (!is_ahead()) {
            if (--left_ != 0) return reach_;
            reach_ = Reach::near;
            begin_sample();
        } else if (commit.was_ahead) {
            sample_gas_ += commit.gas;
            sample_in_order_ += commit.in_order;
            if (--left_ == 0) judge();
        }
        return reach_;
    }

    [[nodiscard]] bool is_ahead() const noexcept { return reach_ != Reach::nothing; }

  private:
    static constexpr uint32_t kSample = sync::limit(32U, 3U);
    static constexpr uint32_t kFewestInOrder = sync::limit(32U, 2U);
    static constexpr uint32_t kMostInOrder = sync::limit(1024U, 4U);

    void begin_sample() noexcept {
        left_ = kSample;
        sample_gas_ = sample_in_order_ = 0;
    }
    void judge() noexcept {
        if (sample_in_order_ > sample_gas_ / 6 * 5) {
            reach_ = Reach::nothing;
            left_ = next_in_order_;
            next_in_order_ = std::min(2 * next_in_order_, kMostInOrder);
        } else {
            reach_ = Reach::far;
            next_in_order_ = kFewestInOrder;
            begin_sample();
        }
    }

    Reach reach_ = Reach::near;
    uint32_t left_ = kSample;  ///< Commits before the next decision.
    uint32_t next_in_order_ = kFewestInOrder;
    uint64_t sample_gas_ = 0;
    uint64_t sample_in_order_ = 0;
};

/// Whether it pays to execute transactions again ahead of their commits. It does where conflicts are few and apart, and is in vain where
/// each transaction depends on the one before. So it is done from a budget: what held at its commit gives back more than it took.
///
/// Thread safety: any thread may take(); the committer calls note_commit().
class RepetitionBudget {
  public:
    /// Begins a block.
    void begin() noexcept {
        // Relaxed, here and below: it matters to speed alone.
        left_.store(kMost, sync::kRelaxed);
        commits_ = 0;
    }

    /// For one repetition; false: the transaction is left to the committer.
    [[nodiscard]] bool take() noexcept {
        if (left_.load(sync::kRelaxed) <= 0) return false;
        left_.fetch_sub(1, sync::kRelaxed);
        return true;
    }

    /// After each commit. `held`: the transaction had been executed again ahead of it, and what it had read held.
    void note_commit(bool held) noexcept {
        const bool is_another_try = ++commits_ % kCommitsForATry == 0;
        if ((held || is_another_try) && left_.load(sync::kRelaxed) < kMost) left_.fetch_add(held ? 2 : 1, sync::kRelaxed);
    }

  private:
    static constexpr int32_t kMost = sync::limit(16, 4);
    static constexpr uint32_t kCommitsForATry = sync::limit(32U, 3U);

    sync::Atomic<int32_t> left_{kMost};
    uint32_t commits_ = 0;
};

}  // namespace weft::execution::parallel
