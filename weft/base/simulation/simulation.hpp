// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/planted_fault.hpp"
#include "weft/base/simulation/fiber.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

/// Runs programs of several threads on one, and picks by a seed which of them makes the next step: the same seed, the same run.
///
/// A step is an operation on something that threads share through weft/base/sync.hpp, which a build with WEFT_SIMULATION replaces
/// (weft/base/simulation/primitives.hpp). Between two steps of a thread no other runs. What a run meets is therefore one sequentially
/// consistent order of the steps; what weaker orders of memory add, and races on plain memory, are ThreadSanitizer's to find.
namespace weft::simulation {

/// What a thread does in a step.
enum class Operation : uint8_t { start, load, write, lock, unlock, wait, notify, pause, join, end };

struct Settings {
    uint64_t seed = 0;
    /// A run that takes more is given up: its threads wait in circles.
    uint64_t most_steps = 20'000'000;
    /// Planted in the code while it runs.
    std::optional<Fault> fault = {};
};

struct Outcome {
    enum class End : uint8_t {
        finished,
        deadlock,  ///< Every thread that has not ended waits for another.
        endless,   ///< It took more than the most steps.
    };
    End end = End::finished;
    uint64_t steps = 0;
    uint64_t switches = 0;  ///< Of these, after how many another thread went on.
    uint64_t trace = 0;     ///< Hash of who did what in which order.
    std::string threads;    ///< What each is about to do, a line for each; of a run that did not finish.

    bool operator==(const Outcome&) const = default;
};

/// Runs `body` as the first thread, until all threads that it started have ended. In a run that does not finish they stop where they
/// are: what they hold is never given back.
[[nodiscard]] Outcome run(const Settings& settings, const std::function<void()>& body);

/// Random numbers that are the same everywhere for the same seed (splitmix64).
class Dice {
  public:
    explicit Dice(uint64_t seed) noexcept : state_(seed) {}
    uint64_t next() noexcept;
    /// In [0, bound).
    uint64_t below(uint64_t bound) noexcept { return next() % bound; }

  private:
    uint64_t state_;
};

/// One run, as its threads see it. They wait for things by address.
///
/// Thread safety: belongs to the thread that runs it.
/// Invariants:
///   1. No choice depends on an address, a clock or anything else that differs from run to run.
///   2. A thread that pauses goes on after somebody has written, or when all others wait or pause too. So spinning ends.
///   3. A thread that sleeps goes on only when it is woken.
class Simulation {
  public:
    explicit Simulation(const Settings& settings);
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;
    ~Simulation();

    /// The one that the caller is in; null: none, and things are real.
    [[nodiscard]] static Simulation* current() noexcept { return current_; }

    [[nodiscard]] Outcome run(const std::function<void()>& body);

    /// The caller is about to do that: others may go first.
    void step(Operation operation) noexcept;
    /// The caller waits by looking again and again.
    void pause() noexcept;
    /// The caller rests until it is woken. No other thread runs between what it did last and this.
    void sleep_on(const void* what, Operation operation, const std::source_location& place = std::source_location::current()) noexcept;
    /// One of those that sleep on something, or all.
    void wake_one(const void* what) noexcept;
    void wake_all(const void* what) noexcept;

    /// Starts a thread and returns its number.
    [[nodiscard]] size_t start(std::function<void()> body);
    void join(size_t thread) noexcept;

    /// Whether something happens that may happen at any time, but seldom does.
    [[nodiscard]] bool happens() noexcept { return dice_.below(kSeldom) == 0; }
    [[nodiscard]] bool plants(Fault fault) const noexcept { return settings_.fault == fault; }

  private:
    static constexpr uint64_t kSeldom = 16;
    static constexpr uint64_t kNever = UINT64_MAX;

    struct Thread {
        Thread(size_t its_number, std::function<void()> what);
        ~Thread();
        Thread(const Thread&) = delete;
        Thread& operator=(const Thread&) = delete;

        size_t number;
        std::function<void()> body;
        Stack stack;
        Fiber fiber;
        int64_t priority = 0;
        bool has_ended = false;
        const void* sleeps_on = nullptr;
        uint64_t paused_at = kNever;  // how much had been written then
        Operation operation = Operation::start;
        std::source_location place;
    };

    /// How the next thread is found.
    struct Strategy {
        /// Who has the highest priority goes on, and at random times loses it (Burckhardt et al., "A Randomized Scheduler with
        /// Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). Otherwise anybody goes on at random times.
        bool by_priority;
        /// Steps from one such time to the next, on average.
        uint64_t period;
    };

    [[nodiscard]] static Strategy choose_strategy(Dice& dice) noexcept;
    void note(Operation operation) noexcept;
    [[nodiscard]] Thread* pick() noexcept;
    void hand_over() noexcept;
    void go_on_with(Thread& next) noexcept;
    void end_thread() noexcept;
    void stop(Outcome::End end) noexcept;
    [[nodiscard]] std::string describe_threads() const;

    static inline thread_local Simulation* current_ = nullptr;  // NOLINT(readability-identifier-naming): a private member

    Settings settings_;
    Dice dice_;
    Strategy strategy_;
    Outcome outcome_;
    Fiber outside_;
    std::vector<std::unique_ptr<Thread>> threads_;
    std::vector<Thread*> candidates_;  // of use to pick() alone
    Thread* running_ = nullptr;
    uint64_t writes_ = 0;
    uint64_t next_change_ = 0;  // the step
    int64_t lowest_priority_ = 0;
};

}  // namespace weft::simulation
