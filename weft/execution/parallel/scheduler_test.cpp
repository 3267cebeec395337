// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/scheduler.hpp"

#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

constexpr uint32_t kWorker = 0;
constexpr uint32_t kOther = 1;

constexpr uint64_t kMuchGas = 1'000'000;

/// Transactions of the senders that `senders` names by number.
std::vector<Scheduler::Outline> tasks_of(std::initializer_list<uint64_t> senders, uint64_t gas_limit = kMuchGas) {
    std::vector<Scheduler::Outline> result;
    for (const uint64_t sender : senders) result.push_back({.sender = sender, .gas_limit = gas_limit});
    return result;
}

/// Reads nothing; tells by hand, or when it is asked to.
class TellingView final : public state::StateView {
  public:
    enum class Way { later, at_once, never };
    explicit TellingView(Way way) : way_(way) {}

    state::ReadResult<std::optional<state::Account>> account(const address& /*addr*/) override { return std::nullopt; }
    state::ReadResult<uint256> storage(const address& /*addr*/, const uint256& /*slot*/) override { return uint256{}; }
    state::ReadResult<const state::Code*> code(const hash32& /*hash*/) override { return nullptr; }
    state::ReadResult<hash32> block_hash(uint64_t /*number*/) override { return hash32{}; }
    bool tell_when_ended(uint64_t /*ticket*/, state::ReadListener& listener, uint64_t tag) noexcept override {
        if (way_ == Way::at_once) listener.read_ended(tag);
        return way_ != Way::never;
    }

  private:
    Way way_;
};

/// Commits the transaction that is next.
void commit_one(Scheduler& scheduler, uint32_t expected) {
    ASSERT_TRUE(scheduler.take_commit(kWorker, true));
    ASSERT_EQ(scheduler.next_to_commit(kWorker, false), expected);
    scheduler.advance();
    scheduler.release_commit();
}

TEST(Scheduler, hands_out_in_order_and_within_the_window) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4}), 2, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    scheduler.finished(0);
    commit_one(scheduler, 0);
    EXPECT_EQ(scheduler.next(kWorker), 2);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
}

TEST(Scheduler, is_any_left_until_few_wait_to_be_committed) {
    constexpr uint32_t kTasks = 30;
    Scheduler scheduler;
    const std::vector<Scheduler::Outline> transactions(kTasks, {.sender = std::nullopt, .gas_limit = kMuchGas});
    scheduler.reset(transactions, kTasks, 2);
    for (uint32_t i = 0; i < kTasks; ++i) {
        EXPECT_TRUE(scheduler.is_any_left()) << "some have not begun";
        ASSERT_EQ(scheduler.next(kWorker), i);
        scheduler.finished(i);
    }
    EXPECT_TRUE(scheduler.is_any_left());
    for (uint32_t i = 0; i + 1 < kTasks; ++i) commit_one(scheduler, i);
    EXPECT_FALSE(scheduler.is_any_left());
}

TEST(Scheduler, cheap_neighbours_go_to_one_worker) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 6}, 21'000), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_TRUE(scheduler.has_neighbours_left(kWorker));
    EXPECT_EQ(scheduler.next(kOther), 4);
    for (const uint32_t neighbour : {1U, 2U, 3U}) EXPECT_EQ(scheduler.next(kWorker), neighbour);
    EXPECT_FALSE(scheduler.has_neighbours_left(kWorker));
    // What is left of the other's.
    EXPECT_EQ(scheduler.next(kWorker), 5);
    EXPECT_FALSE(scheduler.has_neighbours_left(kOther));
}

TEST(Scheduler, neighbours_are_more_while_nothing_conflicts) {
    constexpr uint32_t kCommits = 64;
    Scheduler scheduler;
    std::vector<Scheduler::Outline> transactions(100, {.sender = std::nullopt, .gas_limit = 21'000});
    scheduler.reset(transactions, transactions.size(), 2);
    uint32_t begin = 0;
    const auto neighbours = [&] {
        EXPECT_EQ(scheduler.next(kWorker), begin);
        const uint32_t end = scheduler.end_of_neighbours(kWorker, begin);
        for (uint32_t i = begin + 1; i < end; ++i) EXPECT_EQ(scheduler.next(kWorker), i);
        return end - std::exchange(begin, end);
    };
    const uint32_t at_first = neighbours();
    for (uint32_t i = 0; i < kCommits; ++i) scheduler.note_reads(true);
    EXPECT_GT(neighbours(), at_first);
    scheduler.note_reads(false);
    EXPECT_EQ(neighbours(), at_first);
}

/// Payments of the senders that `senders` names by number; of 0: a transaction of sender 7 that is none.
std::vector<Scheduler::Outline> payments_of(std::initializer_list<uint64_t> senders) {
    std::vector<Scheduler::Outline> result;
    for (const uint64_t sender : senders)
        result.push_back({.sender = sender == 0 ? 7 : sender, .gas_limit = kMuchGas, .is_payment = sender != 0});
    return result;
}

std::vector<std::pair<uint32_t, uint32_t>> ranges_of(const Scheduler& scheduler, uint32_t tasks) {
    std::vector<std::pair<uint32_t, uint32_t>> result;
    for (uint32_t i = 0; i < tasks; ++i) result.emplace_back(scheduler.transactions_of(i).begin, scheduler.transactions_of(i).end);
    return result;
}

TEST(Scheduler, payments_in_a_row_are_one_task) {
    Scheduler scheduler;
    scheduler.reset(payments_of({1, 2, 1, 0, 3, 0, 0, 4, 5}), 16, 2);
    using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;
    EXPECT_EQ(ranges_of(scheduler, 6), (Ranges{{0, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 9}}));
    std::vector<bool> are_payments;
    for (uint32_t i = 0; i < 6; ++i) are_payments.push_back(scheduler.is_of_payments(i));
    EXPECT_EQ(are_payments, (std::vector{true, false, true, false, false, true}));
    EXPECT_EQ(scheduler.task_of(2), 0u);
    EXPECT_EQ(scheduler.task_of(8), 5u);
    // After the last of the six the block is over.
    for (uint32_t i = 0; i < 6; ++i) {
        ASSERT_EQ(scheduler.next(kWorker), i);
        scheduler.finished(i);
    }
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    ASSERT_TRUE(scheduler.take_commit(kWorker, true));
    for (uint32_t i = 0; i < 6; ++i) {
        ASSERT_EQ(scheduler.next_to_commit(kWorker, true), i);
        scheduler.advance();
    }
    EXPECT_TRUE(scheduler.is_over());
}

TEST(Scheduler, a_task_has_so_many_payments) {
    Scheduler scheduler;
    const std::vector<Scheduler::Outline> payments(70, {.sender = 1, .gas_limit = 21'000, .is_payment = true});
    scheduler.reset(payments, 16, 2);
    EXPECT_EQ(scheduler.transactions_of(0).end, 32u);
    EXPECT_EQ(scheduler.transactions_of(1).end, 64u);
    EXPECT_EQ(scheduler.transactions_of(2).end, 70u);
    // They do not wait for each other.
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
}

TEST(Scheduler, payments_wait_for_nobody_and_others_for_both) {
    Scheduler scheduler;
    // Tasks: 0 a transaction of 7, 1 payments of 7 and 2, 2 a transaction of 7, 3 payments of 7, 4 a transaction of 2.
    auto transactions = payments_of({0, 7, 2, 0, 7, 0});
    transactions[5].sender = 2;
    scheduler.reset(transactions, 16, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    EXPECT_EQ(scheduler.next(kWorker), 3) << "2 waits for 0";
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt) << "4 waits for 1";
    EXPECT_EQ(scheduler.finished(1, kWorker), 4);
    EXPECT_EQ(scheduler.finished(0, kWorker), 2);
    // Nobody waits for what has been finished.
    scheduler.reset(transactions, 16, 2);
    for (const uint32_t task : {0U, 1U}) {
        ASSERT_EQ(scheduler.next(kWorker), task);
        EXPECT_EQ(scheduler.finished(task, kWorker), std::nullopt);
    }
    for (const uint32_t task : {2U, 3U, 4U}) EXPECT_EQ(scheduler.next(kWorker), task);
}

TEST(Scheduler, a_chain_that_the_block_waits_for_goes_ahead) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 9, 3, 9, 9, 9}), 16, 2);
    EXPECT_EQ(scheduler.next(kWorker), 2);
    EXPECT_EQ(scheduler.next(kOther), 0) << "4 waits for 2";
    EXPECT_EQ(scheduler.finished(2, kWorker), 4);
    EXPECT_EQ(scheduler.finished(0, kOther), std::nullopt);
    EXPECT_EQ(scheduler.next(kOther), 1);
    EXPECT_EQ(scheduler.finished(4, kWorker), 5);
    EXPECT_EQ(scheduler.finished(1, kOther), std::nullopt);
    EXPECT_EQ(scheduler.next(kOther), 3) << "2 has begun";
    EXPECT_EQ(scheduler.next(kOther), std::nullopt);
    EXPECT_EQ(scheduler.finished(3, kOther), std::nullopt);
    // Whoever asks first goes on with it.
    scheduler.finished(5);
    EXPECT_EQ(scheduler.next(kOther), 6);
    EXPECT_EQ(scheduler.finished(6, kOther), std::nullopt);
    ASSERT_TRUE(scheduler.take_commit(kOther, true));
    for (uint32_t i = 0; i < 7; ++i) {
        ASSERT_EQ(scheduler.next_to_commit(kOther, true), i);
        scheduler.advance();
    }
    EXPECT_TRUE(scheduler.is_over());
}

TEST(Scheduler, a_chain_goes_ahead_within_reach_only) {
    Scheduler scheduler;
    // Of a window of three, that is four.
    scheduler.reset(tasks_of({1, 2, 3, 9, 9, 9, 9}), 3, 2);
    EXPECT_EQ(scheduler.next(kWorker), 3);
    EXPECT_EQ(scheduler.finished(3, kWorker), std::nullopt) << "4 is further";
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kOther), 1);
    EXPECT_EQ(scheduler.finished(0, kWorker), std::nullopt);
    EXPECT_EQ(scheduler.next(kWorker), 2);
    commit_one(scheduler, 0);
    EXPECT_EQ(scheduler.finished(2, kWorker), std::nullopt);
    EXPECT_EQ(scheduler.next(kWorker), 4);
    EXPECT_EQ(scheduler.finished(4, kWorker), std::nullopt);
}

/// Forty cheap transactions of one sender each, of which some are dear.
std::vector<Scheduler::Outline> tasks_with_dear_ones(std::initializer_list<std::pair<uint32_t, uint64_t>> dear) {
    std::vector<Scheduler::Outline> tasks;
    for (uint64_t i = 0; i < 40; ++i) tasks.push_back({.sender = i, .gas_limit = 50'000});
    for (const auto& [index, gas] : dear) tasks[index].gas_limit = gas;
    return tasks;
}

TEST(Scheduler, a_dear_transaction_that_the_end_would_wait_for_goes_ahead) {
    Scheduler scheduler;
    scheduler.reset(tasks_with_dear_ones({{30, 2'000'000}, {36, 1'000'000}}), 64, 2);
    EXPECT_EQ(scheduler.next(kWorker), 30) << "the dearest; half of the workers are for the others";
    EXPECT_EQ(scheduler.next(kOther), 0);
    EXPECT_EQ(scheduler.finished(30, kWorker), std::nullopt);
    for (uint32_t i = 1; i < 36; ++i)
        if (i != 30) EXPECT_EQ(scheduler.next(kOther), i);
    EXPECT_EQ(scheduler.next(kOther), 36);
    EXPECT_EQ(scheduler.next(kOther), 37);

    scheduler.reset(tasks_with_dear_ones({{20, 3'000'000}, {30, 2'000'000}, {36, 1'000'000}}), 64, 4);
    EXPECT_EQ(scheduler.next(kWorker), 20);
    EXPECT_EQ(scheduler.next(kOther), 30) << "each for itself";
    EXPECT_EQ(scheduler.next(2), 0);
}

TEST(Scheduler, a_dear_transaction_stays_where_it_is_if_there_is_more_behind_it) {
    Scheduler scheduler;
    scheduler.reset(tasks_with_dear_ones({{20, 900'000}}), 64, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    // Not worth being executed twice.
    scheduler.reset(tasks_with_dear_ones({{0, 30'000'000}, {39, 600'000}}), 64, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kOther), 1);
    // It begins soon anyway.
    scheduler.reset(tasks_with_dear_ones({{15, 30'000'000}}), 64, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
}

TEST(Scheduler, a_dear_transaction_waits_for_its_sender) {
    Scheduler scheduler;
    auto tasks = tasks_with_dear_ones({{30, 5'000'000}});
    tasks[30].sender = 1;
    scheduler.reset(tasks, 64, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    EXPECT_EQ(scheduler.finished(1, kWorker), 30);
}

TEST(Scheduler, what_goes_ahead_waits_for_payments_of_its_sender) {
    Scheduler scheduler;
    // Tasks: 0 a transaction of 1, 1 a payment of 9, 2 to 5 transactions of 9.
    auto transactions = tasks_of({1, 9, 9, 9, 9, 9});
    transactions[1].is_payment = true;
    scheduler.reset(transactions, 16, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0) << "2 waits for 1";
    EXPECT_EQ(scheduler.next(kOther), 1);
    EXPECT_EQ(scheduler.finished(1, kOther), 2);
    EXPECT_EQ(scheduler.finished(2, kOther), 3);
}

TEST(Scheduler, short_or_cheap_chains_do_not_go_ahead) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 9, 9, 9}), 16, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 9, 9, 9, 9}), 16, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    // With three workers the others are done before it.
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 9, 9, 9, 9}), 16, 3);
    EXPECT_EQ(scheduler.next(kWorker), 5);
    // The longer one of two.
    scheduler.reset(tasks_of({1, 8, 8, 8, 8, 9, 9, 9, 9, 9}), 16, 3);
    EXPECT_EQ(scheduler.next(kWorker), 5);
}

TEST(Scheduler, who_takes_one_alone_has_no_neighbours) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 1}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.end_of_neighbours(kWorker, 0), 1u);
}

TEST(Scheduler, others_go_in_pairs) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4}, 200'000), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kOther), 2);
}

TEST(Scheduler, dear_transactions_go_alone) {
    Scheduler scheduler;
    auto tasks = tasks_of({1, 2, 3, 4}, 21'000);
    tasks[1].gas_limit = UINT64_MAX;
    scheduler.reset(tasks, 8, 3);
    EXPECT_EQ(scheduler.next(0), 0);
    EXPECT_EQ(scheduler.next(1), 1);
    EXPECT_EQ(scheduler.next(2), 2);
    EXPECT_TRUE(scheduler.is_dear(1));
    EXPECT_FALSE(scheduler.is_dear(2));
}

TEST(Scheduler, commits_in_order_only) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    scheduler.finished(1);
    EXPECT_FALSE(scheduler.take_commit(kWorker, true));
    scheduler.finished(0);
    commit_one(scheduler, 0);
    EXPECT_FALSE(scheduler.is_over());
    commit_one(scheduler, 1);
    EXPECT_TRUE(scheduler.is_over());
}

TEST(Scheduler, one_worker_at_a_time_commits) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    scheduler.finished(0);
    EXPECT_TRUE(scheduler.take_commit(kWorker, true));
    EXPECT_FALSE(scheduler.take_commit(kOther, true));
    scheduler.release_commit();
    EXPECT_TRUE(scheduler.take_commit(kOther, true));
}

TEST(Scheduler, who_executed_a_transaction_commits_it_unless_another_worker_is_idle) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kOther), 1);
    scheduler.finished(1);
    scheduler.finished(0);
    EXPECT_FALSE(scheduler.take_commit(kOther, false));
    ASSERT_TRUE(scheduler.take_commit(kWorker, false));
    EXPECT_EQ(scheduler.next_to_commit(kWorker, false), 0);
    scheduler.advance();
    EXPECT_EQ(scheduler.next_to_commit(kWorker, false), std::nullopt);
    EXPECT_EQ(scheduler.next_to_commit(kWorker, true), 1);
}

TEST(Scheduler, a_worker_gets_neighbours_and_idle_workers_take_from_the_lane_furthest_behind) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 6}, 200'000), 6, 3);
    EXPECT_EQ(scheduler.next(0), 0);
    EXPECT_EQ(scheduler.next(1), 2);
    EXPECT_EQ(scheduler.next(2), 4);
    EXPECT_EQ(scheduler.next(2), 5);
    EXPECT_EQ(scheduler.next(2), 1);
    EXPECT_EQ(scheduler.next(0), 3);
    EXPECT_EQ(scheduler.next(1), std::nullopt);
}

TEST(Scheduler, a_sender_waits_for_its_transaction_before) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 2);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    scheduler.finished(0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
}

TEST(Scheduler, parked_transactions_come_back_lowest_first) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4}), 8, 2);
    for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(scheduler.next(kWorker), i);
    EXPECT_TRUE(scheduler.park(2, 0, nullptr));
    EXPECT_TRUE(scheduler.park(1, 0, nullptr));
    scheduler.finished(0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    EXPECT_EQ(scheduler.next(kWorker), 2);
    EXPECT_EQ(scheduler.next(kWorker), 3);
}

TEST(Scheduler, who_waits_for_a_location_comes_back_when_it_is_written) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 1}), 8, 2);
    for (uint32_t i = 0; i < 5; ++i) EXPECT_EQ(scheduler.next(kWorker), i);
    const char locations[2]{};
    EXPECT_TRUE(scheduler.park(1, 0, &locations[0]));
    EXPECT_TRUE(scheduler.park(2, 0, nullptr));
    EXPECT_TRUE(scheduler.park(3, 0, &locations[1]));
    EXPECT_TRUE(scheduler.park(4, 0, &locations[0]));
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt) << "the transaction of the same sender waits, too";
    scheduler.written(0, &locations[0]);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    EXPECT_EQ(scheduler.next(kWorker), 4);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    EXPECT_TRUE(scheduler.park(4, 0, &locations[1]));
    scheduler.written(0, &locations[0]);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    EXPECT_EQ(scheduler.finished(0, kWorker), 2);
    for (const uint32_t i : {3, 4, 5}) EXPECT_EQ(scheduler.next(kWorker), i);
}

TEST(Scheduler, who_finished_goes_on_with_the_lowest_that_waited) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 1, 1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kOther), 3);
    EXPECT_EQ(scheduler.next(kOther), std::nullopt);
    EXPECT_TRUE(scheduler.park(3, 0, nullptr));
    EXPECT_EQ(scheduler.finished(0, kWorker), 1);
    EXPECT_EQ(scheduler.next(kOther), 3);
    EXPECT_EQ(scheduler.next(kOther), std::nullopt);
    EXPECT_EQ(scheduler.finished(1, kWorker), 2);
    EXPECT_EQ(scheduler.finished(2, kWorker), std::nullopt);
}

TEST(Scheduler, nobody_parks_on_what_has_finished) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3}), 8, 2);
    for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(scheduler.next(kWorker), i);
    scheduler.finished(0);
    EXPECT_FALSE(scheduler.park(1, 0, nullptr));
    commit_one(scheduler, 0);
    EXPECT_FALSE(scheduler.park(2, 0, nullptr));
}

TEST(Scheduler, who_waits_for_a_read_comes_back_when_it_has_ended) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4}), 8, 2);
    TellingView view(TellingView::Way::later);
    for (uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(scheduler.next(kWorker), i);
        EXPECT_TRUE(scheduler.park_on_read(i, view, 77));
    }
    scheduler.read_ended(2);
    scheduler.read_ended(1);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    EXPECT_EQ(scheduler.next(kWorker), 2);
    EXPECT_EQ(scheduler.next(kWorker), 3);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    scheduler.read_ended(0);
    EXPECT_EQ(scheduler.next(kOther), 0);
    scheduler.await_reads();  // Returns at once.
}

TEST(Scheduler, a_read_may_end_before_its_transaction_rests) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    TellingView at_once(TellingView::Way::at_once);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_TRUE(scheduler.park_on_read(0, at_once, 77));
    EXPECT_EQ(scheduler.next(kWorker), 0);
    // Nobody would tell: the caller keeps it.
    TellingView never(TellingView::Way::never);
    EXPECT_FALSE(scheduler.park_on_read(0, never, 77));
    EXPECT_EQ(scheduler.next(kOther), 1);
    EXPECT_EQ(scheduler.next(kOther), std::nullopt);
    scheduler.await_reads();  // Returns at once.
    scheduler.finished(0);
    commit_one(scheduler, 0);
}

TEST(Scheduler, a_block_that_is_stopped_outlasts_its_reads) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    TellingView view(TellingView::Way::later);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    ASSERT_TRUE(scheduler.park_on_read(0, view, 77));
    scheduler.stop();
    sync::Atomic<bool> told{false};
    sync::Thread teller([&] {
        told = true;
        scheduler.read_ended(0);
    });
    scheduler.await_reads();
    EXPECT_TRUE(told);
    teller.join();
    scheduler.reset(tasks_of({1}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
}

TEST(Scheduler, what_the_committer_executes_again_is_waited_for) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
    scheduler.finished(0);
    ASSERT_TRUE(scheduler.take_commit(kWorker, true));
    scheduler.begin_exact(0);
    EXPECT_TRUE(scheduler.park(1, 0, nullptr));
    scheduler.finish_exact(0);
    EXPECT_EQ(scheduler.next(kWorker), 1);
}

TEST(Scheduler, knows_up_to_where_all_have_been_executed) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4}), 8, 4);
    ASSERT_TRUE(scheduler.checks_ahead());
    for (uint32_t i = 0; i < 4; ++i) ASSERT_EQ(scheduler.next(kWorker), i);
    scheduler.finished(1);
    scheduler.finished(2);
    EXPECT_EQ(scheduler.executed(), 0u);
    scheduler.finished(0);
    EXPECT_EQ(scheduler.executed(), 3u);
    // What is executed again has been executed before.
    ASSERT_TRUE(scheduler.take_commit(kWorker, true));
    ASSERT_EQ(scheduler.next_to_commit(kWorker, true), 0);
    scheduler.begin_exact(0);
    scheduler.finished(3);
    EXPECT_EQ(scheduler.executed(), 4u);
}

TEST(Scheduler, a_claimed_transaction_is_one_that_executes) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}), 16, 4);
    for (uint32_t i = 0; i < 11; ++i) ASSERT_EQ(scheduler.next(kWorker), i);
    EXPECT_FALSE(scheduler.claim(9)) << "it executes";
    scheduler.finished(9);
    EXPECT_TRUE(scheduler.claim(9));
    EXPECT_FALSE(scheduler.claim(9)) << "it is claimed";
    EXPECT_TRUE(scheduler.park(10, 9, nullptr));
    EXPECT_EQ(scheduler.finished(9, kWorker), 10);
    EXPECT_FALSE(scheduler.park(10, 9, nullptr));
}

TEST(Scheduler, the_committer_takes_what_it_reaches_soon) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 16, 4);
    for (uint32_t i = 0; i < 12; ++i) ASSERT_EQ(scheduler.next(kWorker), i);
    for (uint32_t i = 0; i < 12; ++i) scheduler.finished(i);
    EXPECT_FALSE(scheduler.claim(7));
    ASSERT_TRUE(scheduler.claim(8));
    ASSERT_TRUE(scheduler.take_commit(kWorker, true));
    for (uint32_t i = 0; i < 8; ++i) {
        ASSERT_EQ(scheduler.next_to_commit(kWorker, true), i);
        scheduler.advance();
    }
    EXPECT_EQ(scheduler.next_to_commit(kWorker, true), std::nullopt) << "it is claimed";
    scheduler.finished(8);
    EXPECT_EQ(scheduler.next_to_commit(kWorker, true), 8);
    EXPECT_EQ(scheduler.committed(), 8u);
}

TEST(Scheduler, nothing_begins_while_too_many_rest) {
    constexpr uint32_t kMostResting = 12;
    std::vector<Scheduler::Outline> tasks;
    for (uint64_t i = 0; i < 40; ++i) tasks.push_back({.sender = i, .gas_limit = kMuchGas});
    // Held back before it begins, for its sender's first one, it holds nothing.
    tasks[5].sender = 0;
    Scheduler scheduler;
    scheduler.reset(tasks, 40, 1);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    uint32_t resting = 0;
    for (uint32_t last = 0; resting < kMostResting; ++resting) {
        const auto task = scheduler.next(kWorker);
        ASSERT_TRUE(task && *task > last && *task != 5);
        last = *task;
        ASSERT_TRUE(scheduler.park(last, last < 4 ? 0 : last - 1 == 5 ? 4 : last - 1, nullptr));
    }
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    // All that waited for the first: 1 is the worker's, 2, 3 and 5 are ready, and nine rest.
    EXPECT_EQ(scheduler.finished(0, kWorker), 1);
    for (const uint32_t ready : {2U, 3U, 5U}) EXPECT_EQ(scheduler.next(kWorker), ready);
    for (const uint32_t task : {14U, 15U, 16U}) {
        ASSERT_EQ(scheduler.next(kWorker), task);
        ASSERT_TRUE(scheduler.park(task, task - 1, nullptr));
    }
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
}

TEST(Scheduler, stopping_ends_the_handing_out) {
    Scheduler scheduler;
    scheduler.reset(tasks_of({1, 2}), 8, 2);
    EXPECT_EQ(scheduler.next(kWorker), 0);
    scheduler.stop();
    EXPECT_EQ(scheduler.next(kWorker), std::nullopt);
    EXPECT_FALSE(scheduler.take_commit(kWorker, true));
    scheduler.wait_for_work();  // Returns at once.
}

TEST(Scheduler, a_block_without_transactions_is_over_at_once) {
    Scheduler scheduler;
    scheduler.reset({}, 8, 2);
    EXPECT_TRUE(scheduler.is_over());
}

}  // namespace
}  // namespace weft::execution::parallel
