// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/read_speed.hpp"

#include <algorithm>

namespace weft::state {

void ReadSpeed::note(Clock::duration waited) noexcept {
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count();
    const uint64_t sample = std::clamp<int64_t>(nanoseconds, 0, kMost);
    // Relaxed: an estimate, of which a sample may get lost when two threads note one at once.
    const uint64_t before = mean_.load(sync::kRelaxed);
    const uint64_t mean = before - before / kReads + sample / kReads;
    mean_.store(mean, sync::kRelaxed);
    const bool was_slow = is_slow_.load(sync::kRelaxed);
    if (was_slow ? mean < kFast : mean > kSlow) is_slow_.store(!was_slow, sync::kRelaxed);
}

}  // namespace weft::state
