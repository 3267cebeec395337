// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/delay_line.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace weft::workloads {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// When each job was done, in that order.
struct Log {
    struct Entry {
        uint64_t argument;
        Clock::time_point done;
    };
    std::vector<Entry> entries;

    [[nodiscard]] IoQueue::Job job(uint64_t argument) {
        return {
            .target = this,
            .call = [](void* self,
                       uint64_t given) noexcept { static_cast<Log*>(self)->entries.push_back({.argument = given, .done = Clock::now()}); },
            .argument = argument};
    }
};

TEST(DelayLine, every_job_is_done_in_order_and_not_before_its_time) {
    Log log;
    std::vector<Clock::time_point> given;
    {
        DelayLine line(2ms, 100);
        for (uint64_t i = 0; i < 100; ++i) {
            given.push_back(Clock::now());
            ASSERT_TRUE(line.submit(log.job(i)));
        }
    }
    ASSERT_EQ(log.entries.size(), 100U);
    for (uint64_t i = 0; i < 100; ++i) {
        EXPECT_EQ(log.entries[i].argument, i);
        EXPECT_GE(log.entries[i].done - given[i], 2ms);
    }
}

TEST(DelayLine, accepts_no_more_jobs_than_there_is_room_for) {
    struct Device {
        sync::Gate begun;
        sync::Gate may_end;
    } device;
    Log log;
    DelayLine line(0us, 2);
    EXPECT_EQ(line.room(), 2U);
    ASSERT_TRUE(line.submit({.target = &device, .call = [](void* target, uint64_t) noexcept {
                                 auto& self = *static_cast<Device*>(target);
                                 self.begun.open();
                                 self.may_end.wait();
                             }}));
    device.begun.wait();
    EXPECT_TRUE(line.submit(log.job(1), 1));
    EXPECT_FALSE(line.submit(log.job(2), 1));
    EXPECT_TRUE(line.submit(log.job(3)));
    EXPECT_FALSE(line.submit(log.job(4)));
    device.may_end.open();
}

}  // namespace
}  // namespace weft::workloads
