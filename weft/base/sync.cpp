// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/sync.hpp"

#include <algorithm>
#include <limits>

namespace weft::sync {

#if defined(WEFT_SIMULATION)
unsigned pauses_in(std::chrono::nanoseconds /*time*/) noexcept { return 1; }
#else
namespace {

double nanoseconds_of_pause() noexcept {
    using Clock = std::chrono::steady_clock;
    constexpr unsigned kPauses = 100;
    double least = std::numeric_limits<double>::infinity();
    // The least: a thread may lose its core meanwhile.
    for (int i = 0; i < 5; ++i) {
        const Clock::time_point start = Clock::now();
        for (unsigned j = 0; j < kPauses; ++j) pause();
        least = std::min(least, std::chrono::duration<double, std::nano>(Clock::now() - start).count());
    }
    return std::max(least, 1.0) / kPauses;
}

}  // namespace

unsigned pauses_in(std::chrono::nanoseconds time) noexcept {
    static const double of_one = nanoseconds_of_pause();
    return std::max(1U, static_cast<unsigned>(static_cast<double>(time.count()) / of_one));
}
#endif

}  // namespace weft::sync
