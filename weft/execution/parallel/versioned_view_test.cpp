// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/versioned_view.hpp"

#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace weft::execution::parallel {
namespace {

constexpr address kRollup = address_of(0xab);
constexpr address kOther = address_of(0xcd);
constexpr Position kFirst = 5;
constexpr uint64_t kMuchGas = 5'000'000;
constexpr std::array<uint8_t, 36> kThisAsset{1, 2, 3, 4, 5};
constexpr std::array<uint8_t, 36> kOtherAsset{1, 2, 3, 4, 6};

class VersionedViewTest : public testing::Test {
  protected:
    VersionedViewTest() {
        const std::array<Scheduler::Outline, 7> tasks{{
            {.sender = {}, .recipient = kRollup, .input = kThisAsset, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kRollup, .input = kOtherAsset, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kOther, .input = kThisAsset, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kRollup, .input = kThisAsset, .gas_limit = 100'000},
            {.sender = {}, .recipient = kRollup, .input = kThisAsset, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kRollup, .input = kOtherAsset, .gas_limit = kMuchGas},
            {.sender = {}, .recipient = kRollup, .input = kOtherAsset, .gas_limit = kMuchGas},
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
    /// A slot that the transaction of that number, or nobody knows who, wrote after somebody had read it.
    void contend(uint64_t slot, std::optional<uint32_t> writer = {}) {
        MultiVersionMemory::contend(memory_.cell_of(memory_.cell_of(kRollup, memory_.pool(0)), slot, memory_.pool(0)),
                                    writer ? kFirst + *writer : MultiVersionMemory::kSomebody);
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

TEST_F(VersionedViewTest, waits_for_the_call_that_has_written_the_slot) {
    contend(1, 0);
    begin(6);
    EXPECT_FALSE(view_.storage(kRollup, 1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 4);
    contend(1, 4);
    EXPECT_FALSE(view_.storage(kRollup, 1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 4);

    scheduler_.finished(4);
    scheduler_.finished(0);
    EXPECT_TRUE(view_.storage(kRollup, 1).has_value());
}

TEST_F(VersionedViewTest, waits_for_all_calls_of_the_recipient_once_different_ones_have_written_the_slot) {
    contend(1, 0);
    contend(1, 1);
    begin(6);
    EXPECT_FALSE(view_.storage(kRollup, 1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 5);
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
