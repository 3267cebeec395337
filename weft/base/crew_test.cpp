// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/crew.hpp"

#include "weft/base/thread_pool.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weft {
namespace {

TEST(Crew, every_part_is_done_once_by_somebody) {
    ThreadPool pool(4);
    Crew crew;
    for (size_t round = 0; round < 50; ++round) {
        crew.assemble();
        pool.run([&](unsigned worker) {
            if (worker != 0) return crew.help();
            for (size_t burst = 0; burst < 20; ++burst) {
                std::vector<unsigned> done(burst * 7);  // Not atomic: each part has its own, and run() makes them visible.
                crew.run(done.size(), [&](size_t i) { ++done[i]; });
                EXPECT_EQ(done, std::vector<unsigned>(burst * 7, 1));
            }
            crew.dismiss();
        });
    }
}

TEST(Crew, the_conductor_needs_no_helpers) {
    Crew crew;
    crew.assemble();
    size_t sum = 0;
    crew.run(10, [&](size_t i) { sum += i; });
    EXPECT_EQ(sum, 45);
}

TEST(CrewDeathTest, more_parts_than_there_is_room_for_are_a_bug) {
    Crew crew;
    crew.assemble();
    EXPECT_DEATH(crew.run(Crew::kMostParts + 1, [](size_t) {}), "kMostParts");
}

TEST(Crew, who_comes_after_the_dismissal_goes_at_once) {
    Crew crew;
    crew.assemble();
    crew.dismiss();
    crew.help();
}

}  // namespace
}  // namespace weft
