// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/uint256.hpp"
#include "weft/execution/parallel/timeline.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace weft::execution::parallel {

/// Slots that were dealt with in one way or another and did not have to be waited for, and those of the block before: blocks resemble those
/// before them.
///
/// Thread safety: none.
class UsefulSlots {
  public:
    struct Slot {
        Timeline::Location location;
        uint256 step;  ///< Of a counter.
    };

    void begin_block() noexcept {
        last_.swap(now_);
        now_.clear();
        count_ = 0;
    }
    /// Nothing is known of any block.
    void forget() noexcept {
        now_.clear();
        last_.clear();
    }
    /// One was dealt with.
    void add(const Timeline::Location& location) {
        ++count_;
        remember(location);
    }
    /// One could have been.
    void remember(const Timeline::Location& location, const uint256& step = {}) {
        const auto known = std::ranges::find(now_, location, &Slot::location);
        if (known != now_.end()) {
            if (known->step.is_zero()) known->step = step;
        } else if (now_.size() < kMostKept) {
            now_.push_back({location, step});
        }
    }
    /// Uses, not slots.
    [[nodiscard]] uint64_t count() const noexcept { return count_; }
    /// At most kMostKept.
    [[nodiscard]] const std::vector<Slot>& of_last_block() const noexcept { return last_; }

  private:
    static constexpr size_t kMostKept = 64;
    std::vector<Slot> now_;
    std::vector<Slot> last_;
    uint64_t count_ = 0;
};

}  // namespace weft::execution::parallel
