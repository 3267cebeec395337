// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/scheduler.hpp"

#include "weft/base/assert.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <functional>

// Statuses, the frontier, the commit role, the sleepers and the lists of waiters are tested in pairs by different workers ("I
// set mine, then look at yours"), so that one of them must see the other: these accesses are sequentially consistent, which
// is the default of sync::Atomic.

namespace weft::execution::parallel {

void Scheduler::reset(std::span<const std::optional<address>> senders, size_t window) {
    size_ = static_cast<uint32_t>(senders.size());
    window_ = static_cast<uint32_t>(window);
    if (capacity_ < size_) {
        entries_ = std::make_unique<Entry[]>(size_);
        capacity_ = size_;
    }
    boost::unordered_flat_map<address, uint32_t, std::hash<address>> last;
    last.reserve(size_);
    for (uint32_t i = 0; i < size_; ++i) {
        Entry& entry = entries_[i];
        entry.status = Status::unstarted;
        entry.first_waiter = kNone;
        entry.next_waiter = kNone;
        entry.predecessor = kNone;
        if (!senders[i]) continue;
        const auto [known, is_new] = last.try_emplace(*senders[i], i);
        if (is_new) continue;
        entry.predecessor = known->second;
        known->second = i;
    }
    ready_.clear();
    ready_.reserve(window);
    ready_count_ = 0;
    next_unstarted_ = 0;
    frontier_ = 0;
    committing_ = false;
    over_ = size_ == 0;
}

// ---- Handing out ----

std::optional<uint32_t> Scheduler::next() {
    if (is_over()) return std::nullopt;
    if (auto index = take_ready()) return index;
    return take_unstarted();
}

std::optional<uint32_t> Scheduler::take_ready() {
    // Relaxed: a hint; has_work() looks again, in order, before a worker sleeps.
    if (ready_count_.load(sync::kRelaxed) == 0) return std::nullopt;
    const sync::LockGuard<sync::SpinLock> lock(parking_);
    if (ready_.empty()) return std::nullopt;
    std::ranges::pop_heap(ready_, std::greater{});
    const uint32_t index = ready_.back();
    ready_.pop_back();
    ready_count_ = static_cast<uint32_t>(ready_.size());
    entries_[index].status = Status::executing;
    return index;
}

std::optional<uint32_t> Scheduler::take_unstarted() {
    uint32_t index = next_unstarted_;
    while (index < size_ && index < frontier_ + window_) {
        if (!next_unstarted_.compare_exchange_weak(index, index + 1)) continue;
        Entry& entry = entries_[index];
        entry.status = Status::executing;
        if (entry.predecessor == kNone || !park(index, entry.predecessor)) return index;
        index = next_unstarted_;
    }
    return std::nullopt;
}

bool Scheduler::park(uint32_t index, uint32_t on) {
    WEFT_ASSERT(on < index);
    const sync::LockGuard<sync::SpinLock> lock(parking_);
    Entry& entry = entries_[index];
    Entry& other = entries_[on];
    entry.next_waiter = other.first_waiter;
    other.first_waiter = index;
    if (const Status status = other.status; status == Status::executed || status == Status::committed) {
        other.first_waiter = entry.next_waiter;
        return false;
    }
    entry.status = Status::parked;
    return true;
}

void Scheduler::finished(uint32_t index) {
    entries_[index].status = Status::executed;
    wake_waiters_of(index);
}

void Scheduler::wake_waiters_of(uint32_t index) {
    Entry& entry = entries_[index];
    if (entry.first_waiter == kNone) return;
    size_t woken = 0;
    {
        const sync::LockGuard<sync::SpinLock> lock(parking_);
        for (uint32_t waiter = entry.first_waiter; waiter != kNone; waiter = entries_[waiter].next_waiter) {
            entries_[waiter].status = Status::ready;
            ready_.push_back(waiter);
            std::ranges::push_heap(ready_, std::greater{});
            ++woken;
        }
        entry.first_waiter = kNone;
        ready_count_ = static_cast<uint32_t>(ready_.size());
    }
    wake(woken);
}

// ---- Committing ----

bool Scheduler::should_commit(uint32_t worker) const noexcept {
    if (!frontier_is_executed()) return false;
    // Relaxed: who commits does not matter to the result, and somebody without other work always does.
    return last_committer_.load(sync::kRelaxed) == worker || next_unstarted_.load(sync::kRelaxed) - frontier_ >= kMuchToCommit;
}

bool Scheduler::take_commit(uint32_t worker) {
    if (is_over() || !frontier_is_executed() || committing_.exchange(true)) return false;
    last_committer_.store(worker, sync::kRelaxed);
    return true;
}

uint32_t Scheduler::frontier() const noexcept { return frontier_; }

bool Scheduler::frontier_is_executed() const noexcept {
    const uint32_t index = frontier_;
    return index < size_ && entries_[index].status == Status::executed;
}

void Scheduler::advance() {
    const uint32_t index = frontier_;
    entries_[index].status = Status::committed;
    frontier_ = index + 1;
    if (index + 1 == size_) {
        stop();
        return;
    }
    // The window moved on by one.
    if (next_unstarted_ < size_) wake(1);
}

void Scheduler::begin_exact() { entries_[frontier_].status = Status::executing; }

void Scheduler::release_commit() { committing_ = false; }

void Scheduler::stop() {
    over_ = true;
    wake(SIZE_MAX);
}

bool Scheduler::is_over() const noexcept { return over_; }

// ---- Sleeping ----

bool Scheduler::has_work() const noexcept {
    if (is_over() || ready_count_ != 0) return true;
    const uint32_t unstarted = next_unstarted_;
    const uint32_t frontier = frontier_;
    if (unstarted < size_ && unstarted < frontier + window_) return true;
    return frontier_is_executed() && !committing_;
}

void Scheduler::wait_for_work() {
    // Most waits are over within microseconds: falling asleep and waking up would take longer.
    constexpr unsigned kSpins = 200;
    for (unsigned i = 0; i < kSpins; ++i) {
        if (has_work()) return;
        sync::pause();
    }
    sync::UniqueLock lock(mutex_);
    ++sleepers_;
    work_.wait(lock, [this] { return has_work(); });
    --sleepers_;
}

void Scheduler::wake(size_t workers) {
    if (workers == 0 || sleepers_ == 0) return;
    const sync::LockGuard<sync::Mutex> lock(mutex_);
    if (workers == 1)
        work_.notify_one();
    else
        work_.notify_all();
}

}  // namespace weft::execution::parallel
