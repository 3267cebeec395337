// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/delay_line.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace weft::workloads {

namespace {

/// The thread rests so long at least between two looks, as a device does that does not interrupt for every answer.
constexpr std::chrono::microseconds kRest{20};

}  // namespace

DelayLine::DelayLine(std::chrono::microseconds delay, size_t room) : delay_(delay), room_(room), thread_([this] { serve(); }) {}

DelayLine::~DelayLine() {
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        stopping_ = true;
    }
    given_.notify_one();
    thread_.join();
}

bool DelayLine::submit(const Job& job, size_t spare) {
    bool was_empty = false;
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        if (waiting_.size() + spare >= room_) return false;
        was_empty = waiting_.empty();
        waiting_.push_back({.job = job, .due = Clock::now() + delay_});
    }
    if (was_empty) given_.notify_one();
    return true;
}

void DelayLine::serve() {
    std::vector<Job> due;
    Clock::time_point rested{};
    sync::UniqueLock lock(mutex_);
    while (true) {
        given_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const Clock::time_point next = std::max(waiting_.front().due, rested);
        lock.unlock();
        // Not one thread waiting for another, but a device at work.
        std::this_thread::sleep_until(next);
        const Clock::time_point now = Clock::now();
        rested = now + kRest;
        lock.lock();
        for (; !waiting_.empty() && waiting_.front().due <= now; waiting_.pop_front()) due.push_back(waiting_.front().job);
        lock.unlock();
        for (const Job& job : due) job.call(job.target, job.argument);
        due.clear();
        lock.lock();
    }
}

}  // namespace weft::workloads
