// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/io_pool.hpp"
#include "weft/base/sync.hpp"

#include <chrono>
#include <cstddef>
#include <deque>

namespace weft::workloads {

/// A slow device that itself keeps what is asked of it, as disks with queues do: every job is done a given time after it was accepted,
/// however many there are. It costs its users one thread, which does the jobs that are due and sleeps until the next are.
///
/// Thread safety: as IoQueue.
/// Invariants: jobs lie in the order in which they are due.
class DelayLine final : public IoQueue {
  public:
    DelayLine(std::chrono::microseconds delay, size_t room);
    ~DelayLine() override;

    [[nodiscard]] bool submit(const Job& job, size_t spare = 0) override;
    [[nodiscard]] size_t room() const noexcept override { return room_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        Job job;
        Clock::time_point due;
    };

    void serve();

    const std::chrono::microseconds delay_;
    const size_t room_;
    sync::Mutex mutex_;
    sync::ConditionVariable given_;
    std::deque<Waiting> waiting_;  // guarded by mutex_
    bool stopping_ = false;        // guarded by mutex_
    sync::Thread thread_;
};

}  // namespace weft::workloads
