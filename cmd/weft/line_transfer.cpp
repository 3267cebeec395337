// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/line_transfer.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/base/assert.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace weft::cli {

namespace {
/// Two lines of 64 bytes each: 64 KiB, which any second-level cache holds.
constexpr uint32_t kLines = 512;
}  // namespace

LineTransfer::LineTransfer() : lines_(kLines) {
    std::vector<uint32_t> order(kLines);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::shuffle(order, std::mt19937(1));
    for (uint32_t i = 0; i < kLines; ++i) lines_[order[i]].next = order[(i + 1) % kLines];
}

double LineTransfer::measure(ThreadPool& pool, unsigned threads) {
    WEFT_ASSERT(threads >= 2 && threads <= pool.size());
    double sum = 0;
    for (unsigned other = 1; other < threads; ++other) sum += measure_with(pool, other);
    return sum / (threads - 1);
}

double LineTransfer::measure_with(ThreadPool& pool, unsigned other) {
    sync::Atomic<bool> is_written{false};
    sync::Atomic<bool> is_read{false};
    const auto wait_for = [](const sync::Atomic<bool>& flag) {
        sync::Backoff backoff;
        while (!flag.load(sync::kAcquire)) backoff.wait();
    };
    double nanoseconds = 0;
    pool.run(other + 1, [&](unsigned worker) {
        if (worker == other) {
            write();
            is_written.store(true, sync::kRelease);
            // It keeps its core until then, and the lines with it.
            wait_for(is_read);
        } else if (worker == 0) {
            wait_for(is_written);
            nanoseconds = read();
            is_read.store(true, sync::kRelease);
        }
    });
    return nanoseconds;
}

void LineTransfer::write() noexcept {
    for (Line& line : lines_) ++line.content;
}

/// Where the next line is stands in the one before.
double LineTransfer::read() noexcept {
    const Clock::time_point start = Clock::now();
    uint32_t at = 0;
    for (uint32_t i = 0; i < kLines; ++i) {
        sum_ += lines_[at].content;
        at = lines_[at].next;
    }
    return milliseconds_since(start) * 1e6 / kLines;
}

}  // namespace weft::cli
