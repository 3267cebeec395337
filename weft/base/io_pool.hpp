// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft {

/// Threads that wait for slow devices, so that others need not: they take jobs from a queue of bounded length, first come, first served.
/// Unlike those of a ThreadPool they are mostly asleep, and there may be many more of them than cores.
///
/// Thread safety: any thread may call any member; the destructor excludes everything else.
/// Invariants: a job that was accepted is done once.
class IoPool {
  public:
    /// To be done as call(target, argument).
    struct Job {
        void* target = nullptr;
        void (*call)(void* target, uint64_t argument) noexcept = nullptr;
        uint64_t argument = 0;
    };

    /// `threads`: jobs that are under way at the same time, at least one. `room`: jobs that may wait for a thread, at least one.
    IoPool(unsigned threads, size_t room);
    IoPool(const IoPool&) = delete;
    IoPool& operator=(const IoPool&) = delete;
    /// Everything accepted is done first.
    ~IoPool();

    /// Accepts a job if there is room for it and for `spare` more; false: it is not accepted.
    [[nodiscard]] bool submit(const Job& job, size_t spare = 0);
    [[nodiscard]] size_t room() const noexcept { return waiting_.size(); }

  private:
    void serve();

    sync::Mutex mutex_;
    sync::ConditionVariable given_;
    std::vector<Job> waiting_;  // guarded by mutex_; a ring
    size_t first_ = 0;          // guarded by mutex_
    size_t count_ = 0;          // guarded by mutex_
    size_t idle_ = 0;           // guarded by mutex_; threads that sleep
    bool stopping_ = false;     // guarded by mutex_
    std::vector<sync::Thread> threads_;
};

}  // namespace weft
