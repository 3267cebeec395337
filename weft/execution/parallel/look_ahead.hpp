// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::execution::parallel {

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
        /// Of it, spent after everything below was final: in a repetition, or after the transaction had waited.
        uint64_t in_order = 0;
        /// It was executed ahead of others.
        bool was_ahead = false;
    };

    /// Begins a block.
    void begin() noexcept { *this = LookAhead(); }

    /// After each commit. Whether transactions are to be executed ahead from now on.
    [[nodiscard]] bool after(const Commit& commit) noexcept {
        gas_ += commit.gas;
        in_order_ += is_ahead_ ? commit.in_order : commit.gas;
        if (!is_ahead_) {
            if (--left_ != 0) return false;
            is_ahead_ = true;
            begin_sample();
        } else if (commit.was_ahead) {
            sample_gas_ += commit.gas;
            sample_in_order_ += commit.in_order;
            if (--left_ == 0) judge();
        }
        return is_ahead_;
    }

    [[nodiscard]] bool is_ahead() const noexcept { return is_ahead_; }
    /// Of all commits so far.
    [[nodiscard]] uint64_t gas() const noexcept { return gas_; }
    /// Of that, what was spent in order, or would have been had it been tried ahead.
    [[nodiscard]] uint64_t in_order() const noexcept { return in_order_; }

  private:
    static constexpr uint32_t kSample = sync::limit(32U, 3U);
    static constexpr uint32_t kFewestInOrder = sync::limit(32U, 2U);
    static constexpr uint32_t kMostInOrder = sync::limit(1024U, 4U);

    void begin_sample() noexcept {
        left_ = kSample;
        sample_gas_ = sample_in_order_ = 0;
    }
    void judge() noexcept {
        if (sample_in_order_ > sample_gas_ / 4 * 3) {
            is_ahead_ = false;
            left_ = next_in_order_;
            next_in_order_ = std::min(2 * next_in_order_, kMostInOrder);
        } else {
            next_in_order_ = kFewestInOrder;
            begin_sample();
        }
    }

    bool is_ahead_ = true;
    uint32_t left_ = kSample;  ///< Commits before the next decision.
    uint32_t next_in_order_ = kFewestInOrder;
    uint64_t sample_gas_ = 0;
    uint64_t sample_in_order_ = 0;
    uint64_t gas_ = 0;
    uint64_t in_order_ = 0;
};

}  // namespace weft::execution::parallel
