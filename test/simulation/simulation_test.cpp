// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/simulated_execution.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

namespace weft::test {
namespace {

/// Seeds within which a planted bug is to be found.
constexpr uint64_t kMostSeeds = 8'000;

/// Whether parallel execution goes wrong, or crashes, in that run. It is another process's run, because of the crash.
bool goes_wrong(const SimulatedRun& run) {
    const pid_t child = fork();
    if (child == 0) {
        // What the crash says is not of interest; a run of a second that takes minutes has gone wrong too.
        static_cast<void>(!std::freopen("/dev/null", "w", stderr));
        alarm(60);
        _exit(simulate(run).finding ? 1 : 0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return status != 0;
}

/// The planted bug is found, again by the seed alone, and it is what was found: without it the same runs are right.
void expect_found(Fault fault, std::optional<Profile> profile = {}) {
    uint64_t seed = 0;
    while (seed < kMostSeeds && !goes_wrong({.seed = seed, .fault = fault, .profile = profile})) ++seed;
    ASSERT_LT(seed, kMostSeeds) << "not found";
    EXPECT_TRUE(goes_wrong({.seed = seed, .fault = fault, .profile = profile})) << "seed " << seed;
    for (uint64_t same = 0; same <= seed; ++same) {
        const SimulatedOutcome outcome = simulate({.seed = same, .profile = profile});
        EXPECT_FALSE(outcome.finding) << "seed " << same << ", " << *outcome.finding;
    }
}

TEST(SimulatedExecution, lost_wakeup_found) { expect_found(Fault::lost_wakeup, Profile::chains); }

TEST(SimulatedExecution, stale_read_found) { expect_found(Fault::stale_read); }

TEST(SimulatedExecution, two_committers_found) { expect_found(Fault::two_committers); }

TEST(SimulatedExecution, boundless_repair_found) { expect_found(Fault::boundless_repair, Profile::hot_slots); }
TEST(SimulatedExecution, ignored_additions_found) { expect_found(Fault::ignored_additions, Profile::hot_slots); }

TEST(SimulatedExecution, slots_are_repaired) {
    uint64_t repaired = 0;
    for (uint64_t seed = 0; seed < 200; ++seed) repaired += simulate({.seed = seed}).repaired;
    EXPECT_GT(repaired, 20);
}

TEST(SimulatedExecution, uncounted_drop_found) { expect_found(Fault::uncounted_drop, Profile::hot_slots); }

TEST(SimulatedExecution, trusted_counter_found) { expect_found(Fault::trusted_counter, Profile::hot_slots); }

TEST(SimulatedExecution, trusted_early_store_found) { expect_found(Fault::trusted_early_store, Profile::hot_slots); }

TEST(SimulatedExecution, missed_wipe_found) { expect_found(Fault::missed_wipe, Profile::recreations); }

TEST(SimulatedExecution, untold_listener_found) { expect_found(Fault::untold_listener); }

TEST(SimulatedExecution, unchecked_payment_found) { expect_found(Fault::unchecked_payment, Profile::payments); }

TEST(SimulatedExecution, uncounted_repetition_found) { expect_found(Fault::uncounted_repetition); }

TEST(SimulatedExecution, same_seed_same_run) {
    constexpr uint64_t kSeeds = 20;
    std::vector<SimulatedOutcome> outcomes(kSeeds);
    for (uint64_t seed = 0; seed < kSeeds; ++seed) outcomes[seed] = simulate({.seed = seed});
    // In another order, so that nothing is as it was before.
    for (uint64_t seed = kSeeds; seed-- > 0;) EXPECT_EQ(simulate({.seed = seed}), outcomes[seed]) << "seed " << seed;
    for (uint64_t seed = 1; seed < kSeeds; ++seed) EXPECT_NE(outcomes[seed].trace, outcomes[0].trace);
}

TEST(SimulatedExecution, number_of_threads_as_asked) {
    // One thread has nobody to give way to.
    EXPECT_EQ(simulate({.seed = 1, .threads = 1}).switches, 0);
    EXPECT_GT(simulate({.seed = 1, .threads = 5}).switches, 0);
}

}  // namespace
}  // namespace weft::test
