// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/thread_pool.hpp"

#include "weft/base/assert.hpp"

namespace weft {

ThreadPool::ThreadPool(unsigned size) {
    WEFT_ASSERT(size >= 1);
    threads_.reserve(size - 1);
    for (unsigned worker = 1; worker < size; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
}

ThreadPool::~ThreadPool() {
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        stopping_ = true;
    }
    work_given_.notify_all();
    for (sync::Thread& thread : threads_) thread.join();
}

void ThreadPool::run_erased(Job job) {
    WEFT_ASSERT(1 <= job.workers && job.workers <= size());
    if (job.workers > 1) {
        {
            const sync::LockGuard<sync::Mutex> lock(mutex_);
            WEFT_ASSERT(running_ == 0);
            job_ = job;
            running_ = job.workers - 1;
            ++generation_;
        }
        work_given_.notify_all();
    }
    job.call(job.target, 0);
    if (job.workers == 1) return;
    sync::UniqueLock lock(mutex_);
    work_done_.wait(lock, [this] { return running_ == 0; });
}

void ThreadPool::serve(unsigned worker) {
    uint64_t seen = 0;
    sync::UniqueLock lock(mutex_);
    while (true) {
        work_given_.wait(lock, [&] { return stopping_ || generation_ != seen; });
        if (stopping_) return;
        seen = generation_;
        const Job job = job_;
        if (worker >= job.workers) continue;
        lock.unlock();
        job.call(job.target, worker);
        lock.lock();
        if (--running_ == 0) work_done_.notify_one();
    }
}

}  // namespace weft
