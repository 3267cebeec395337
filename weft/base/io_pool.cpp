// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/io_pool.hpp"

#include "weft/base/assert.hpp"

namespace weft {

IoPool::IoPool(unsigned threads, size_t room) : waiting_(room) {
    WEFT_ASSERT(threads >= 1 && room >= 1);
    threads_.reserve(threads);
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

IoPool::~IoPool() {
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        stopping_ = true;
    }
    given_.notify_all();
    for (sync::Thread& thread : threads_) thread.join();
}

bool IoPool::submit(const Job& job, size_t spare) {
    bool is_awaited = false;
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        if (count_ + spare >= waiting_.size()) return false;
        waiting_[(first_ + count_++) % waiting_.size()] = job;
        is_awaited = idle_ != 0;
    }
    if (is_awaited) given_.notify_one();
    return true;
}

void IoPool::serve() {
    sync::UniqueLock lock(mutex_);
    while (true) {
        ++idle_;
        given_.wait(lock, [this] { return stopping_ || count_ != 0; });
        --idle_;
        if (count_ == 0) return;
        const Job job = waiting_[first_];
        first_ = (first_ + 1) % waiting_.size();
        --count_;
        lock.unlock();
        job.call(job.target, job.argument);
        lock.lock();
    }
}

}  // namespace weft
