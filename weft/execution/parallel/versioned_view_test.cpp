// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/versioned_view.hpp"

#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weft::execution::parallel {
namespace {

constexpr address kRollup = address_of(0xab);
constexpr address kOther = address_of(0xcd);
constexpr Position kFirst = 5;
constexpr uint64_t kMuchGas = 5'000'000;

class VersionedViewTest : public testing::Test {
  protected:
    VersionedViewTest() {
        const std::array<Scheduler::Task, 5> tasks{{
            {.sender = {}, .recipient = kRollup, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kRollup, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kOther, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kRollup, .gas_limit = 100'000},
            {.sender = {}, .recipient = kRollup, .gas_limit = kMuchGas},
        }};
        scheduler_.reset(tasks, 8, 1);
        for (uint32_t i = 0; i < tasks.size(); ++i) EXPECT_EQ(scheduler_.next(0), i);
    }

    /// For the transaction of that number.
    void begin(uint32_t index) {
        view_.begin(kFirst + index, memory_, state_, scheduler_.over());
        view_.take_cells_from(memory_.pool(0));
        view_.wait_at_contended_slots(scheduler_, kFirst);
    }
    void contend(uint64_t slot) {
        MultiVersionMemory::contend(memory_.cell_of(memory_.cell_of(kRollup, memory_.pool(0)), slot, memory_.pool(0)));
    }

    state::MemoryState state_;
    MultiVersionMemory memory_{1};
    Scheduler scheduler_;
    VersionedView view_;
};

TEST_F(VersionedViewTest, waits_at_contended_slots_for_dear_transactions_to_the_same_recipient) {
    contend(1);
    begin(4);
    EXPECT_TRUE(view_.storage(kRollup, 2).has_value());
    EXPECT_EQ(view_.blocker(), kNobody);

    const auto answer = view_.storage(kRollup, 1);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, state::ReadError::Kind::blocked);
    EXPECT_EQ(view_.blocker(), kFirst + 1);

    scheduler_.finished(1);
    EXPECT_FALSE(view_.storage(kRollup, 1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst);

    scheduler_.finished(0);
    EXPECT_TRUE(view_.storage(kRollup, 1).has_value());
    EXPECT_EQ(view_.reads().slots.size(), 2U);
}

TEST_F(VersionedViewTest, cheap_transactions_do_not_wait) {
    contend(1);
    begin(3);
    EXPECT_TRUE(view_.storage(kRollup, 1).has_value());
}

TEST_F(VersionedViewTest, the_first_transaction_does_not_wait) {
    contend(1);
    begin(0);
    EXPECT_TRUE(view_.storage(kRollup, 1).has_value());
}

}  // namespace
}  // namespace weft::execution::parallel
