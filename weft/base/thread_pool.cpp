// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/thread_pool.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>

namespace weft {

ThreadPool::ThreadPool(unsigned size, std::chrono::microseconds awake) : awake_(awake), seats_(size) {
    WEFT_ASSERT(size >= 1);
    threads_.reserve(size - 1);
    for (unsigned worker = 1; worker < size; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
}

ThreadPool::~ThreadPool() {
    stopping_ = true;
    for (unsigned worker = 1; worker < size(); ++worker) call(worker);
    for (sync::Thread& thread : threads_) thread.join();
}

void ThreadPool::call(unsigned worker) noexcept {
    seats_[worker].is_called.store(1, sync::kRelease);
    seats_[worker].is_called.notify_one();
}

/// The workers make a tree.
void ThreadPool::call_next(unsigned worker) noexcept {
    constexpr unsigned kCalledByOne = sync::limit(4U, 1U);
    const unsigned first = worker * kCalledByOne + 1;
    for (unsigned next = first; next < std::min(first + kCalledByOne, job_.workers); ++next) call(next);
}

void ThreadPool::run_erased(Job job) {
    WEFT_ASSERT(1 <= job.workers && job.workers <= size());
    WEFT_ASSERT(running_ == 0);
    job_ = job;
    // Relaxed: published by the calls.
    running_.store(job.workers - 1, sync::kRelaxed);
    call_next(0);
    job.call(job.target, 0);
    while (const uint32_t running = running_.load(sync::kAcquire)) running_.wait(running, sync::kAcquire);
}

void ThreadPool::await_call(const sync::Atomic<uint32_t>& is_called) const noexcept {
    const unsigned spins = sync::pauses_in(awake_);
    for (unsigned i = 0; i < spins; ++i) {
        if (is_called.load(sync::kAcquire) != 0) return;
        sync::pause();
    }
    is_called.wait(0, sync::kAcquire);
}

void ThreadPool::serve(unsigned worker) {
    sync::Atomic<uint32_t>& is_called = seats_[worker].is_called;
    while (true) {
        await_call(is_called);
        // Relaxed: nobody calls before this thread has finished.
        is_called.store(0, sync::kRelaxed);
        if (stopping_) return;
        call_next(worker);
        job_.call(job_.target, worker);
        if (running_.fetch_sub(1, sync::kAcquireRelease) == 1) running_.notify_one();
    }
}

}  // namespace weft
