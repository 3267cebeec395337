// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/node/import_command.hpp"
#include "weft/base/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

/// Runs `weft import` and kills it, again and again.
namespace weft::node {
namespace {

using test::Ended;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

class ImportCrash : public test::ImportCommand {
  protected:
    ImportCrash() : ImportCommand(1'200) {}
};

/// Of the head that the database has; empty: none.
std::optional<uint64_t> number_of(const std::optional<db::BlockId>& head) { return head ? std::optional(head->number) : std::nullopt; }

TEST_F(ImportCrash, killed_200_times_at_random_loses_nothing_and_gets_to_the_same_head) {
    constexpr unsigned kKills = 200;
    const auto start = Clock::now();
    ASSERT_EQ(import().exit_code, 0);
    // Follows the machine, which may have been slower then: nobody is killed after the end, and not everybody before the beginning.
    auto longest_delay = std::chrono::duration_cast<microseconds>(Clock::now() - start) / 4;
    std::filesystem::remove_all(datadir);

    Random random(20);
    unsigned kills = 0;
    unsigned completed = 0;
    std::optional<uint64_t> before;
    for (unsigned run = 0; kills < kKills && run < 20 * kKills; ++run) {
        const microseconds delay(random.below(static_cast<uint64_t>(longest_delay.count()) + 1));
        const char* const sync_every[] = {"1", "16", "1024"};
        std::vector<std::string> more{"--sync-every", sync_every[random.below(3)]};
        if (random.chance(25)) more.emplace_back("--no-overlap");
        const Ended ended = import(more, {.kill_after = delay});
        ASSERT_TRUE(ended.signal == SIGKILL || ended.exit_code == 0) << ended.output;
        if (ended.signal == SIGKILL)
            ++kills;
        else
            longest_delay = longest_delay * 3 / 4;

        auto database = open();
        ASSERT_TRUE(database);
        const auto head = database->head();
        ASSERT_GE(number_of(head), before) << "after " << kills << " kills";
        if (number_of(head) == before) longest_delay = longest_delay * 5 / 4;
        before = number_of(head);
        if (!head) continue;
        ASSERT_EQ(head->hash, blocks.at(head->number)->hash);
        expect_state(*database, *blocks[head->number]);
        if (run % 8 == 0) expect_sound(*database);
        ASSERT_FALSE(HasFailure()) << "after " << kills << " kills, seed 20";
        if (head->number + 1 < blocks.size()) continue;
        ++completed;
        expect_sound(*database);
        before.reset();
        database.reset();
        std::filesystem::remove_all(datadir);
    }
    EXPECT_EQ(kills, kKills);
    // What is left after the last kill gets to its end undisturbed.
    const Ended rest = import();
    EXPECT_EQ(rest.exit_code, 0) << rest.output;
    const auto database = open();
    ASSERT_TRUE(database);
    EXPECT_EQ(database->head(), (db::BlockId{.number = blocks.size() - 1, .hash = blocks.back()->hash}));
    expect_state(*database, *blocks.back());
    expect_sound(*database);
    fmt::print("{} kills on {} databases\n", kills, completed + 1);
}

}  // namespace
}  // namespace weft::node
