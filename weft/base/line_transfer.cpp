// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/line_transfer.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

namespace weft {

LineTransfer::LineTransfer(uint32_t lines) : lines_(lines) {
    std::vector<uint32_t> order(lines);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::shuffle(order, std::mt19937(1));
    for (uint32_t i = 0; i < lines; ++i) lines_[order[i]].next = order[(i + 1) % lines];
}

void LineTransfer::write() noexcept {
    for (Line& line : lines_) ++line.content;
}

/// Where the next line is stands in the one before.
double LineTransfer::read() noexcept {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    uint32_t at = 0;
    for (size_t i = 0; i < lines_.size(); ++i) {
        sum_ += lines_[at].content;
        at = lines_[at].next;
    }
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / static_cast<double>(lines_.size());
}

}  // namespace weft
