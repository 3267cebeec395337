// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#if defined(WEFT_SIMULATION)
#include "weft/base/simulation/primitives.hpp"
#endif

/// The one place in the tree that names the standard library's atomics, locks and waits. All other code uses these names,
/// so that a build can exchange them for a deterministic simulation of every interleaving: WEFT_SIMULATION does.
namespace weft::sync {

using MemoryOrder = std::memory_order;
inline constexpr MemoryOrder kRelaxed = std::memory_order_relaxed;
inline constexpr MemoryOrder kAcquire = std::memory_order_acquire;
inline constexpr MemoryOrder kRelease = std::memory_order_release;
inline constexpr MemoryOrder kAcquireRelease = std::memory_order_acq_rel;
inline constexpr MemoryOrder kSequential = std::memory_order_seq_cst;

#if defined(WEFT_SIMULATION)
template <typename T>
using Atomic = simulation::Atomic<T>;
using Mutex = simulation::Mutex;
using ConditionVariable = simulation::ConditionVariable;
using Thread = simulation::Thread;
using simulation::pause;
using simulation::yield;

/// A limit of the engine: so much, but less in a build that simulates, where few steps are to reach it.
template <typename T>
[[nodiscard]] constexpr T limit(const T& /*real*/, const T& simulated) noexcept {
    return simulated;
}
#else
template <typename T>
using Atomic = std::atomic<T>;
using Mutex = std::mutex;
using ConditionVariable = std::condition_variable;
using Thread = std::thread;

/// Tells the core that this is a spin loop.
inline void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Gives the rest of the time slice to another thread.
inline void yield() noexcept { std::this_thread::yield(); }

/// A limit of the engine: so much, but less in a build that simulates, where few steps are to reach it.
template <typename T>
[[nodiscard]] constexpr T limit(const T& real, const T& /*simulated*/) noexcept {
    return real;
}
#endif

/// How often pause() fits into a time: it takes 10 ns on some processors, 60 on others, and a waiter that falls asleep too early is woken
/// late, on a core that has emptied its caches. Measured at the first call. In a build that simulates it is always 1.
[[nodiscard]] unsigned pauses_in(std::chrono::nanoseconds time) noexcept;

using UniqueLock = std::unique_lock<Mutex>;
template <typename Lockable>
using LockGuard = std::lock_guard<Lockable>;

/// Distance in bytes that keeps two variables of different threads off one cache line, and off the pair of lines that
/// x86-64 prefetches together.
inline constexpr size_t kCacheLine = 128;

/// Waits a little longer at each call: first on the core, then by giving the core away. For waits that another running
/// thread ends soon.
class Backoff {
  public:
    void wait() noexcept {
        if (round_ < kSpinRounds) {
            for (unsigned i = 0; i < (1U << round_); ++i) pause();
            ++round_;
        } else {
            yield();
        }
    }

  private:
    static constexpr unsigned kSpinRounds = limit(7U, 1U);
    unsigned round_ = 0;
};

/// Mutual exclusion for sections of a few instructions. Thread safety: any thread may call any member; not recursive.
/// Works with LockGuard. Under more threads than cores a waiter gives its core to the holder.
class SpinLock {
  public:
    void lock() noexcept {
        Backoff backoff;
        while (!try_lock()) backoff.wait();
    }
    [[nodiscard]] bool try_lock() noexcept {
        // Relaxed: a hint that spares the cache line; the exchange decides and acquires.
        return !held_.load(kRelaxed) && !held_.exchange(true, kAcquire);
    }
    void unlock() noexcept { held_.store(false, kRelease); }

  private:
    Atomic<bool> held_{false};
};

/// Holds threads back until it is opened, mostly for microseconds: they wait on the core first, then asleep. Thread safety: any
/// thread may call open() and wait(); close() while nobody waits. What happened before open() is visible after wait().
class Gate {
  public:
    void close() noexcept { open_ = 0; }
    void open() noexcept {
        open_ = 1;
        open_.notify_all();
    }
    void wait() const noexcept {
        const unsigned spins = pauses_in(std::chrono::microseconds(50));
        for (unsigned i = 0; i < spins; ++i) {
            if (open_ != 0) return;
            pause();
        }
        open_.wait(0);
    }

  private:
    Atomic<uint32_t> open_{0};
};

}  // namespace weft::sync
