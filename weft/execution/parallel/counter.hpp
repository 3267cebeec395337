// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/uint256.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::execution::parallel {

/// Whether a slot is a counter, to which each transaction that writes it adds the same: the number of the next token, of the next order.
/// Where it is, a reader need not wait for those before it to know what it will find.
///
/// Thread safety: none.
class Counter {
  public:
    void begin() noexcept { *this = {}; }
    /// Somebody has read `before` and written `after`.
    void note_write(const uint256& before, const uint256& after) noexcept {
        const uint256 difference = after - before;
        const auto step = static_cast<int64_t>(difference.w[0]);
        if (difference != extended(step)) {
            trust_ = 0;
        } else if (step == step_) {
            trust_ = static_cast<int8_t>(std::min(trust_ + 1, kMostTrust));
        } else {
            step_ = step;
            trust_ = 0;
        }
    }
    /// It was foretold, and was something else.
    void note_error() noexcept { trust_ = static_cast<int8_t>(std::max(trust_ - kPriceOfErrors, 0)); }
    /// As if two had added so much.
    void presume(const uint256& step) noexcept {
        step_ = static_cast<int64_t>(step.w[0]);
        trust_ = 1;
    }

    [[nodiscard]] bool is_known() const noexcept { return trust_ > 0 && step_ != 0; }
    /// What each adds, modulo 2^256.
    [[nodiscard]] uint256 step() const noexcept { return extended(step_); }

  private:
    static constexpr int kMostTrust = 6;
    static constexpr int kPriceOfErrors = 2;

    [[nodiscard]] static uint256 extended(int64_t step) noexcept {
        const uint64_t rest = step < 0 ? ~uint64_t{0} : 0;
        return {static_cast<uint64_t>(step), rest, rest, rest};
    }

    int64_t step_ = 0;
    int8_t trust_ = 0;
};

}  // namespace weft::execution::parallel
