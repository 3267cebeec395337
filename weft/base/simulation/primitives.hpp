// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/simulation/simulation.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <source_location>
#include <thread>
#include <type_traits>
#include <utility>

/// What weft/base/sync.hpp takes in place of the standard library's types in a build with WEFT_SIMULATION. In a simulation each operation
/// is a step; elsewhere they do what those types do. An object is not used in both at the same time.
namespace weft::simulation {

inline void step(Operation operation) noexcept {
    if (Simulation* simulation = Simulation::current()) simulation->step(operation);
}

/// As std::atomic. In a simulation every order is the sequentially consistent one, and the weak exchange fails now and then.
template <typename T>
class Atomic {
  public:
    using Order = std::memory_order;

    constexpr Atomic() noexcept = default;
    constexpr Atomic(T value) noexcept : value_(value) {}  // NOLINT(google-explicit-constructor): as std::atomic
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;
    ~Atomic() = default;

    [[nodiscard]] T load(Order order = Order::seq_cst) const noexcept {
        step(Operation::load);
        return value_.load(order);
    }
    void store(T value, Order order = Order::seq_cst) noexcept {
        step(Operation::write);
        value_.store(value, order);
    }
    T exchange(T value, Order order = Order::seq_cst) noexcept {
        step(Operation::write);
        return value_.exchange(value, order);
    }
    bool compare_exchange_strong(T& expected, T value, Order order = Order::seq_cst) noexcept {
        step(Operation::write);
        return value_.compare_exchange_strong(expected, value, order);
    }
    bool compare_exchange_strong(T& expected, T value, Order success, Order failure) noexcept {
        step(Operation::write);
        return value_.compare_exchange_strong(expected, value, success, failure);
    }
    bool compare_exchange_weak(T& expected, T value, Order order = Order::seq_cst) noexcept {
        if (fails_for_no_reason(expected)) return false;
        return compare_exchange_strong(expected, value, order);
    }
    bool compare_exchange_weak(T& expected, T value, Order success, Order failure) noexcept {
        if (fails_for_no_reason(expected)) return false;
        return compare_exchange_strong(expected, value, success, failure);
    }
    T fetch_add(T value, Order order = Order::seq_cst) noexcept {
        step(Operation::write);
        return value_.fetch_add(value, order);
    }
    T fetch_sub(T value, Order order = Order::seq_cst) noexcept {
        step(Operation::write);
        return value_.fetch_sub(value, order);
    }
    T fetch_or(T value, Order order = Order::seq_cst) noexcept {
        step(Operation::write);
        return value_.fetch_or(value, order);
    }

    operator T() const noexcept { return load(); }  // NOLINT(google-explicit-constructor): as std::atomic
    T operator=(T value) noexcept {                 // NOLINT(misc-unconventional-assign-operator): as std::atomic
        store(value);
        return value;
    }
    T operator++() noexcept { return fetch_add(1) + 1; }
    T operator--() noexcept { return fetch_sub(1) - 1; }

    void wait(T old, Order order = Order::seq_cst, const std::source_location& place = std::source_location::current()) const noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return value_.wait(old, order);
        while (load(order) == old) simulation->sleep_on(this, Operation::wait, place);
    }
    void notify_one() noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return value_.notify_one();
        simulation->step(Operation::notify);
        simulation->wake_one(this);
    }
    void notify_all() noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return value_.notify_all();
        simulation->step(Operation::notify);
        simulation->wake_all(this);
    }

  private:
    [[nodiscard]] bool fails_for_no_reason(T& expected) noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr || !simulation->happens()) return false;
        expected = load();
        return true;
    }

    std::atomic<T> value_{};
};

/// As std::mutex.
class Mutex {
  public:
    void lock() noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return mutex_.lock();
        simulation->step(Operation::lock);
        while (held_) simulation->sleep_on(this, Operation::lock);
        held_ = true;
    }
    void unlock() noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return mutex_.unlock();
        simulation->step(Operation::unlock);
        WEFT_ASSERT(held_);
        held_ = false;
        simulation->wake_all(this);
    }

  private:
    std::mutex mutex_;
    bool held_ = false;
};

using UniqueLock = std::unique_lock<Mutex>;

/// As std::condition_variable. In a simulation it wakes now and then for no reason, but only who has just come: a sleeper that
/// somebody forgot stays asleep.
class ConditionVariable {
  public:
    void wait(UniqueLock& lock, const std::source_location& place = std::source_location::current()) {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return condition_.wait(lock);
        const bool wakes_for_no_reason = simulation->happens();
        lock.unlock();
        if (!wakes_for_no_reason) simulation->sleep_on(this, Operation::wait, place);
        lock.lock();
    }
    template <typename Predicate>
    void wait(UniqueLock& lock, Predicate predicate, const std::source_location& place = std::source_location::current()) {
        while (!predicate()) wait(lock, place);
    }
    void notify_one() noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return condition_.notify_one();
        simulation->step(Operation::notify);
        simulation->wake_one(this);
    }
    void notify_all() noexcept {
        Simulation* simulation = Simulation::current();
        if (simulation == nullptr) return condition_.notify_all();
        simulation->step(Operation::notify);
        simulation->wake_all(this);
    }

  private:
    std::condition_variable_any condition_;
};

/// As std::thread.
class Thread {
  public:
    Thread() noexcept = default;
    template <typename Body>
        requires(!std::is_same_v<std::remove_cvref_t<Body>, Thread>)
    explicit Thread(Body&& body) {
        if (Simulation* simulation = Simulation::current()) {
            number_ = simulation->start(std::forward<Body>(body));
            simulation->step(Operation::start);
        } else {
            thread_ = std::thread(std::forward<Body>(body));
        }
    }
    Thread(Thread&& other) noexcept : thread_(std::move(other.thread_)), number_(std::exchange(other.number_, std::nullopt)) {}
    Thread& operator=(Thread&&) = delete;
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    ~Thread() { WEFT_ASSERT(!number_.has_value()); }

    void join() {
        if (number_)
            Simulation::current()->join(*std::exchange(number_, std::nullopt));
        else
            thread_.join();
    }

    [[nodiscard]] static unsigned hardware_concurrency() noexcept { return std::thread::hardware_concurrency(); }

  private:
    std::thread thread_;
    std::optional<size_t> number_;  // of a thread in a simulation
};

/// Inside a spin loop.
inline void pause() noexcept {
    if (Simulation* simulation = Simulation::current()) simulation->pause();
}

inline void yield() noexcept {
    if (Simulation* simulation = Simulation::current())
        simulation->pause();
    else
        std::this_thread::yield();
}

}  // namespace weft::simulation
