// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft {

/// A fixed crew of workers that runs one function at a time, on all of them or on the first. Between runs the workers sleep. Each wakes up
/// some others before it begins: to wake a sleeper takes microseconds.
///
/// Thread safety: `run` may be called from one thread at a time and not from inside a run.
/// Invariants: a run is over when every worker of it has returned; no worker touches the function afterwards.
class ThreadPool {
  public:
    /// `size` workers (at least one): the caller of `run` and size - 1 threads. `awake`: how long a thread looks for the next run, on its
    /// core, before it sleeps.
    explicit ThreadPool(unsigned size, std::chrono::microseconds awake = {});
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool();

    [[nodiscard]] unsigned size() const noexcept { return static_cast<unsigned>(threads_.size()) + 1; }

    /// Calls work(worker) once for every worker in [0, `workers`), the caller being worker 0, and returns when all have
    /// returned. What the workers wrote is visible to the caller. `work` does not throw. `workers` is between 1 and size().
    template <typename Work>
    void run(unsigned workers, Work&& work) {
        using Target = std::remove_reference_t<Work>;
        auto* target = const_cast<std::remove_const_t<Target>*>(std::addressof(work));
        run_erased(
            {.target = target, .call = [](void* object, unsigned worker) { (*static_cast<Target*>(object))(worker); }, .workers = workers});
    }
    /// The same for all workers.
    template <typename Work>
    void run(Work&& work) {
        run(size(), std::forward<Work>(work));
    }

  private:
    struct Job {
        void* target = nullptr;
        void (*call)(void*, unsigned) = nullptr;
        unsigned workers = 0;
    };

    /// Where a thread waits to be called.
    struct alignas(sync::kCacheLine) Seat {
        sync::Atomic<uint32_t> is_called{0};
    };

    void run_erased(Job job);
    void await_call(const sync::Atomic<uint32_t>& is_called) const noexcept;
    void serve(unsigned worker);
    void call(unsigned worker) noexcept;
    void call_next(unsigned worker) noexcept;

    /// Changed while nobody runs; threads read it between call() and their part of `running_`.
    Job job_;
    bool stopping_ = false;  ///< The same.
    std::chrono::microseconds awake_;
    std::vector<Seat> seats_;
    alignas(sync::kCacheLine) sync::Atomic<uint32_t> running_{0};  ///< Threads that have not finished this run.
    std::vector<sync::Thread> threads_;
};

}  // namespace weft
