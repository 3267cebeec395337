// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::execution::parallel {

/// How reading a slot as relative (state::RelativeSlot) has turned out in this block. What is used in both ways is tried again and again;
/// what is never good is tried twice.
///
/// Thread safety: any thread may call any member, but begin(), which excludes the others. What is lost when two call at once costs
/// time only.
class RelativeUses {
  public:
    enum class Verdict : uint8_t {
        in_vain,  ///< Readers look at the value, or tolerate no other.
        unknown,
        good,
    };

    // Relaxed: it matters to speed alone.
    void begin() noexcept { balance_.store(0, sync::kRelaxed); }
    [[nodiscard]] Verdict verdict() const noexcept {
        const int balance = balance_.load(sync::kRelaxed);
        if (balance > 0) return Verdict::good;
        return balance > kWorst ? Verdict::unknown : Verdict::in_vain;
    }
    /// An execution has ended: the slot tolerates other values, or it does not.
    void note_end(bool is_tolerant) noexcept { add(is_tolerant ? 1 : -1); }
    /// It had another value than those, which takes back more than the end gave.
    void note_conflict() noexcept { add(-2); }
    /// As if it had been good.
    void presume_good() noexcept { balance_.store(1, sync::kRelaxed); }

  private:
    static constexpr int kWorst = -2;
    static constexpr int kBest = 4;

    void add(int amount) noexcept {
        const int balance = balance_.load(sync::kRelaxed);
        const int next = std::clamp(balance + amount, kWorst, kBest);
        // What does not change stays in the caches of all cores.
        if (next != balance) balance_.store(static_cast<int8_t>(next), sync::kRelaxed);
    }

    sync::Atomic<int8_t> balance_{0};
};

}  // namespace weft::execution::parallel
