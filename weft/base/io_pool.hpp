// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft {

/// A queue of bounded length for jobs that have to do with slow devices: others do them, first come, first served.
///
/// Thread safety: any thread may call any member; the destructor excludes everything else.
/// Invariants: a job that was accepted is done once.
class IoQueue {
  public:
    /// To be done as call(target, argument).
    struct Job {
        void* target = nullptr;
        void (*call)(void* target, uint64_t argument) noexcept = nullptr;
        uint64_t argument = 0;
    };

    IoQueue() = default;
    IoQueue(const IoQueue&) = delete;
    IoQueue& operator=(const IoQueue&) = delete;
    /// Everything accepted is done first.
    virtual ~IoQueue() = default;

    /// Accepts a job if there is room for it and for `spare` more; false: it is not accepted.
    [[nodiscard]] virtual bool submit(const Job& job, size_t spare = 0) = 0;
    /// Jobs that may wait.
    [[nodiscard]] virtual size_t room() const noexcept = 0;
};

/// Threads that wait for slow devices, so that others need not. Unlike those of a ThreadPool they are mostly asleep, and there may be many
/// more of them than cores.
class IoPool final : public IoQueue {
  public:
    /// `threads`: jobs that are under way at the same time, at least one. `room`: jobs that may wait for a thread, at least one.
    IoPool(unsigned threads, size_t room);
    ~IoPool() override;

    [[nodiscard]] bool submit(const Job& job, size_t spare = 0) override;
    [[nodiscard]] size_t room() const noexcept override { return waiting_.size(); }

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
