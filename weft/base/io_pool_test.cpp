// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/io_pool.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

/// Jobs wait until it is opened, and are counted.
struct Turnstile {
    sync::Gate gate;
    sync::Atomic<unsigned> begun{0};
    sync::Atomic<uint64_t> sum{0};

    [[nodiscard]] IoPool::Job job(uint64_t argument) {
        return {.target = this,
                .call =
                    [](void* target, uint64_t amount) noexcept {
                        auto& self = *static_cast<Turnstile*>(target);
                        ++self.begun;
                        self.begun.notify_all();
                        self.gate.wait();
                        self.sum.fetch_add(amount);
                    },
                .argument = argument};
    }
    void await_begun(unsigned count) const {
        for (unsigned seen = begun; seen < count; seen = begun) begun.wait(seen);
    }
};

TEST(IoPool, every_job_is_done_once_before_the_pool_is_gone) {
    Turnstile turnstile;
    turnstile.gate.open();
    {
        IoPool pool(3, 1000);
        for (uint64_t i = 1; i <= 1000; ++i) ASSERT_TRUE(pool.submit(turnstile.job(i)));
    }
    EXPECT_EQ(turnstile.sum, 500'500U);
}

TEST(IoPool, jobs_are_under_way_at_the_same_time) {
    Turnstile turnstile;
    IoPool pool(4, 4);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(pool.submit(turnstile.job(1)));
    turnstile.await_begun(4);
    turnstile.gate.open();
}

TEST(IoPool, accepts_no_more_jobs_than_there_is_room_for) {
    Turnstile turnstile;
    IoPool pool(1, 2);
    EXPECT_EQ(pool.room(), 2U);
    ASSERT_TRUE(pool.submit(turnstile.job(1)));
    turnstile.await_begun(1);
    EXPECT_TRUE(pool.submit(turnstile.job(2), 1));
    EXPECT_FALSE(pool.submit(turnstile.job(4), 1));
    EXPECT_TRUE(pool.submit(turnstile.job(8)));
    EXPECT_FALSE(pool.submit(turnstile.job(16)));
    turnstile.gate.open();
    // The one thread does them in order; the last is begun when the first two are done.
    turnstile.await_begun(3);
    EXPECT_GE(turnstile.sum, 3U);
    EXPECT_TRUE(pool.submit(turnstile.job(32)));
}

}  // namespace
}  // namespace weft
