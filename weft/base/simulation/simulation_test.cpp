// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/simulation/simulation.hpp"

#include "weft/base/crew.hpp"
#include "weft/base/sync.hpp"
#include "weft/base/thread_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace weft::simulation {
namespace {

using End = Outcome::End;
constexpr uint64_t kSeeds = 2'000;

/// Runs both on simulated threads.
template <typename First, typename Second>
void run_both(const First& first, const Second& second) {
    sync::Thread other(first);
    second();
    other.join();
}

/// The seeds, of the first so many, for which a run does not finish or `is_wrong` afterwards.
template <typename Body, typename IsWrong>
uint64_t count_wrong(const Body& body, const IsWrong& is_wrong) {
    uint64_t wrong = 0;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const Outcome outcome = run({.seed = seed, .most_steps = 10'000}, body);
        if (outcome.end != End::finished || is_wrong()) ++wrong;
    }
    return wrong;
}

template <typename Body>
uint64_t count_wrong(const Body& body) {
    return count_wrong(body, [] { return false; });
}

TEST(Simulation, same_seed_same_run) {
    const auto body = [] {
        ThreadPool pool(3);
        sync::Atomic<unsigned> sum{0};
        const auto add = [&](unsigned worker) {
            for (unsigned i = 0; i < 100; ++i) sum.fetch_add(worker);
        };
        for (unsigned i = 0; i < 20; ++i) pool.run(add);
    };
    std::array<uint64_t, 50> traces{};
    for (uint64_t seed = 0; seed < traces.size(); ++seed) {
        const Outcome outcome = run({.seed = seed}, body);
        EXPECT_EQ(outcome.end, End::finished);
        EXPECT_EQ(outcome, run({.seed = seed}, body));
        traces[seed] = outcome.trace;
    }
    std::ranges::sort(traces);
    EXPECT_EQ(std::ranges::adjacent_find(traces), traces.end()) << "seeds make different runs";
}

TEST(Simulation, lost_update_found) {
    unsigned value = 0;
    const auto body = [&] {
        sync::Atomic<unsigned> counter{0};
        const auto count = [&] { counter = counter + 1; };
        run_both(count, count);
        value = counter;
    };
    const uint64_t wrong = count_wrong(body, [&] { return value != 2; });
    EXPECT_GT(wrong, 0);
    EXPECT_LT(wrong, kSeeds);
}

TEST(Simulation, both_orders_are_met) {
    unsigned first = 0;
    const auto body = [&] {
        sync::Atomic<unsigned> winner{0};
        const auto claim = [&](unsigned who) {
            unsigned nobody = 0;
            static_cast<void>(winner.compare_exchange_strong(nobody, who));
        };
        run_both([&] { claim(1); }, [&] { claim(2); });
        first = winner;
    };
    const uint64_t won_by_one = count_wrong(body, [&] { return first == 1; });
    EXPECT_GT(won_by_one, kSeeds / 10);
    EXPECT_LT(won_by_one, kSeeds - kSeeds / 10);
}

TEST(Simulation, locks_exclude) {
    unsigned value = 0;
    const auto count_under = [&](auto& lock, sync::Atomic<unsigned>& counter) {
        const auto count = [&] {
            const sync::LockGuard guard(lock);
            counter = counter + 1;
        };
        run_both(count, count);
        value = counter;
    };
    const auto is_wrong = [&] { return value != 2; };
    const auto with_mutex = [&] {
        sync::Mutex mutex;
        sync::Atomic<unsigned> counter{0};
        count_under(mutex, counter);
    };
    const auto with_spin_lock = [&] {
        sync::SpinLock lock;
        sync::Atomic<unsigned> counter{0};
        count_under(lock, counter);
    };
    EXPECT_EQ(count_wrong(with_mutex, is_wrong), 0);
    EXPECT_EQ(count_wrong(with_spin_lock, is_wrong), 0);
}

TEST(Simulation, locks_taken_in_two_orders_found) {
    const auto body = [] {
        sync::Mutex a;
        sync::Mutex b;
        const auto take = [](sync::Mutex& first, sync::Mutex& second) {
            const sync::LockGuard one(first);
            const sync::LockGuard two(second);
        };
        run_both([&] { take(a, b); }, [&] { take(b, a); });
    };
    EXPECT_GT(count_wrong(body), 0);
}

TEST(Simulation, wakeup_without_lock_found) {
    const auto body_with = [](bool locks) {
        return [locks] {
            sync::Mutex mutex;
            sync::ConditionVariable changed;
            sync::Atomic<bool> ready{false};
            const auto sleeper = [&] {
                sync::UniqueLock lock(mutex);
                changed.wait(lock, [&] { return ready.load(); });
            };
            const auto waker = [&] {
                ready = true;
                if (locks) {
                    const sync::LockGuard lock(mutex);
                    changed.notify_one();
                } else {
                    changed.notify_one();
                }
            };
            run_both(sleeper, waker);
        };
    };
    EXPECT_EQ(count_wrong(body_with(true)), 0);
    EXPECT_GT(count_wrong(body_with(false)), 0);
}

TEST(Simulation, forgotten_notification_is_a_deadlock) {
    const auto body = [] {
        sync::Atomic<uint32_t> value{0};
        run_both([&] { value.wait(0); }, [&] { value = 1; });
    };
    uint64_t deadlocks = 0;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
        const Outcome outcome = run({.seed = seed}, body);
        if (outcome.end != End::deadlock) continue;
        ++deadlocks;
        EXPECT_NE(outcome.threads.find("thread 1: sleeps in wait"), std::string::npos) << outcome.threads;
    }
    EXPECT_GT(deadlocks, 0);
    EXPECT_LT(deadlocks, kSeeds);
}

TEST(Simulation, waiting_in_circles_is_endless) {
    const auto body = [] {
        sync::Atomic<bool> never{false};
        const auto wait = [&] {
            while (!never) sync::pause();
        };
        run_both(wait, wait);
    };
    EXPECT_EQ(run({.most_steps = 1'000}, body).end, End::endless);
}

TEST(Simulation, spinning_ends) {
    const auto body = [] {
        sync::Gate gate;
        sync::Atomic<unsigned> turn{0};
        const auto take_turns = [&](unsigned me) {
            gate.wait();
            for (unsigned i = me; i < 20; i += 2) {
                sync::Backoff backoff;
                while (turn != i) backoff.wait();
                turn = i + 1;
            }
        };
        run_both([&] { take_turns(0); },
                 [&] {
                     gate.open();
                     take_turns(1);
                 });
    };
    EXPECT_EQ(count_wrong(body), 0);
}

TEST(Simulation, crew_does_every_part_once) {
    std::array<unsigned, 20> done{};
    const auto body = [&] {
        done = {};
        Crew crew;
        crew.assemble();
        run_both([&] { crew.help(); },
                 [&] {
                     crew.run(10, [&](size_t part) { ++done[part]; });
                     crew.run(10, [&](size_t part) { ++done[10 + part]; });
                     crew.dismiss();
                 });
    };
    EXPECT_EQ(count_wrong(body, [&] { return std::ranges::any_of(done, [](unsigned times) { return times != 1; }); }), 0);
}

TEST(Simulation, is_planted_inside_only) {
    bool inside = false;
    const Outcome outcome = run({.fault = Fault::stale_read}, [&] { inside = is_planted(Fault::stale_read); });
    EXPECT_EQ(outcome.end, End::finished);
    EXPECT_TRUE(inside);
    EXPECT_FALSE(is_planted(Fault::stale_read));
}

TEST(Simulation, things_are_real_outside) {
    EXPECT_EQ(Simulation::current(), nullptr);
    sync::Mutex mutex;
    unsigned counter = 0;  // guarded by mutex
    const auto count = [&] {
        for (unsigned i = 0; i < 10'000; ++i) {
            const sync::LockGuard lock(mutex);
            ++counter;
        }
    };
    run_both(count, count);
    EXPECT_EQ(counter, 20'000);
}

}  // namespace
}  // namespace weft::simulation
