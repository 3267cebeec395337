// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/thread_pool.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(ThreadPool, every_worker_runs_once_per_run) {
    for (unsigned size = 1; size <= 5; ++size) {
        ThreadPool pool(size);
        ASSERT_EQ(pool.size(), size);
        std::vector<int> calls(size);
        for (int run = 0; run < 300; ++run) pool.run([&](unsigned worker) { ++calls[worker]; });
        for (const int count : calls) EXPECT_EQ(count, 300);
    }
}

TEST(ThreadPool, caller_is_worker_zero) {
    ThreadPool pool(3);
    const auto caller = std::this_thread::get_id();
    std::vector<std::thread::id> ids(3);
    pool.run([&](unsigned worker) { ids[worker] = std::this_thread::get_id(); });
    EXPECT_EQ(ids[0], caller);
    EXPECT_NE(ids[1], caller);
    EXPECT_NE(ids[1], ids[2]);
}

TEST(ThreadPool, runs_on_the_first_workers_only) {
    ThreadPool pool(4);
    for (unsigned workers = 1; workers <= 4; ++workers) {
        std::vector<unsigned> runs(4);
        pool.run(workers, [&](unsigned worker) { ++runs[worker]; });
        for (unsigned worker = 0; worker < 4; ++worker) EXPECT_EQ(runs[worker], worker < workers ? 1U : 0U);
    }
}

TEST(ThreadPool, workers_run_at_the_same_time) {
    ThreadPool pool(4);
    sync::Atomic<unsigned> arrived{0};
    // Ends only if all four are inside the function together.
    pool.run([&](unsigned) {
        arrived.fetch_add(1);
        while (arrived.load() < 4) sync::yield();
    });
    EXPECT_EQ(arrived.load(), 4U);
}

TEST(SpinLock, excludes_others) {
    ThreadPool pool(4);
    sync::SpinLock lock;
    uint64_t counter = 0;
    pool.run([&](unsigned) {
        for (int i = 0; i < 20'000; ++i) {
            const sync::LockGuard<sync::SpinLock> guard(lock);
            ++counter;
        }
    });
    EXPECT_EQ(counter, 80'000U);
    EXPECT_TRUE(lock.try_lock());
    EXPECT_FALSE(lock.try_lock());
}

}  // namespace
}  // namespace weft
