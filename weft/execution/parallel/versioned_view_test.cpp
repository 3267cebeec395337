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
        for (const Scheduler::Outline& task : tasks) {
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.to = task.recipient;
            transaction.data.assign(task.input.begin(), task.input.end());
        }
        scheduler_.reset(tasks, 8, 1);
        for (uint32_t i = 0; i < tasks.size(); ++i) EXPECT_EQ(scheduler_.next(0), i);
    }

    /// For the transaction of that number.
    void begin(uint32_t index) { begin(view_, index); }
    void begin(VersionedView& view, uint32_t index) {
        view.begin(kFirst + index, memory_, state_, scheduler_.over());
        view.take_cells_from(memory_.pool(0));
        view.look_at_contended_slots({.scheduler = &scheduler_, .transactions = transactions_, .first = kFirst}, execution_,
                                     writes_[index]);
    }
    /// Of a slot, watched or not; nullopt: the reader is blocked.
    std::optional<uint256> read(uint64_t slot) { return read(view_, slot); }
    static std::optional<uint256> read(VersionedView& view, uint64_t slot) {
        const auto answer = view.storage(kRollup, slot);
        if (answer) return *answer;
        if (answer.error().kind == state::ReadError::Kind::watched) return view.watched_value(answer.error().detail);
        EXPECT_EQ(answer.error().kind, state::ReadError::Kind::blocked);
        return std::nullopt;
    }
    MultiVersionMemory::SlotCell& cell_of(uint64_t slot) {
        return memory_.cell_of(memory_.cell_of(kRollup, memory_.pool(0)), slot, memory_.pool(0));
    }
    /// A slot that the transaction of that number, or nobody knows who, wrote after somebody had read it.
    void contend(uint64_t slot, std::optional<uint32_t> writer = {}) {
        MultiVersionMemory::contend(cell_of(slot), writer ? kFirst + *writer : MultiVersionMemory::kSomebody);
    }

    /// A slot that counts by ones, and has been at 100 before the block.
    void count(uint64_t slot) {
        contend(slot);
        auto& cell = cell_of(slot);
        MultiVersionMemory::presume_counter(cell, 1);
        memory_.set_base(cell, 100);
    }
    /// The transaction of that number has read one less in the slot, and written that.
    void write(uint32_t index, uint64_t slot, uint64_t value) {
        auto& account = memory_.cell_of(kRollup, memory_.pool(0));
        MultiVersionMemory::AccountRead of_account{.cell = &account, .changes = MultiVersionMemory::kNotRead};
        MultiVersionMemory::SlotRead of_slot{.cell = &memory_.cell_of(account, slot, memory_.pool(0)),
                                             .changes = MultiVersionMemory::kNotRead,
                                             .wiped_by = kNobody,
                                             .value = value - 1};
        memory_.publish(kFirst + index, writes_[index], {{.addr = kRollup, .slots = {{slot, value}}}}, {{&of_account, 1}, {&of_slot, 1}},
                        memory_.pool(0));
    }

    state::MemoryState state_;
    MultiVersionMemory memory_{1};
    std::array<MultiVersionMemory::WriteSet, 7> writes_;
    Scheduler scheduler_;
    std::vector<types::Transaction> transactions_;
    TransactionExecution execution_;
    VersionedView view_;
    VersionedView writer_;
};

TEST_F(VersionedViewTest, waits_at_contended_slots_for_transactions_to_the_same_recipient) {
    contend(1);
    begin(4);
    EXPECT_TRUE(read(2).has_value());
    EXPECT_EQ(view_.blocker(), kNobody);

    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 3);

    scheduler_.finished(3);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 1);

    scheduler_.finished(1);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst);

    scheduler_.finished(0);
    EXPECT_TRUE(read(1).has_value());
    EXPECT_EQ(view_.reads().slots.size(), 2U);
}

TEST_F(VersionedViewTest, waits_for_the_call_that_has_written_the_slot) {
    contend(1, 0);
    begin(6);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 4);
    contend(1, 4);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 4);

    scheduler_.finished(4);
    scheduler_.finished(0);
    EXPECT_TRUE(read(1).has_value());
}

TEST_F(VersionedViewTest, waits_for_all_calls_of_the_recipient_once_different_ones_have_written_the_slot) {
    contend(1, 0);
    contend(1, 1);
    begin(6);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 5);
}

TEST_F(VersionedViewTest, cheap_transactions_do_not_wait) {
    contend(1);
    begin(3);
    EXPECT_TRUE(read(1).has_value());
}

TEST_F(VersionedViewTest, cheap_transactions_wait_where_it_is_known_when_the_slot_is_stored_last) {
    contend(1);
    MultiVersionMemory::note_stores(cell_of(1), 1);
    begin(3);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 1);
    EXPECT_EQ(view_.blocked_at(), &cell_of(1));
}

TEST_F(VersionedViewTest, who_waits_for_nobody_reads_what_there_is) {
    contend(1);
    begin(4);
    view_.wait_for_nobody();
    EXPECT_EQ(read(1), 0);
}

TEST_F(VersionedViewTest, waits_for_those_who_call_what_the_writers_called) {
    contend(1, 2);
    contend(1, 2);
    begin(6);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst + 2);
}

TEST_F(VersionedViewTest, what_is_stored_last_is_read_before_the_writer_has_finished) {
    contend(1, 0);
    MultiVersionMemory::note_stores(cell_of(1), 2);
    begin(writer_, 0);
    EXPECT_EQ(read(writer_, 1), 0);
    EXPECT_EQ(writer_.gas_at_early_store(), std::nullopt);
    begin(4);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst);
    EXPECT_TRUE(scheduler_.park(4, 0, view_.blocked_at()));
    EXPECT_EQ(scheduler_.next(0), std::nullopt);

    writer_.stored(0, 7);
    EXPECT_EQ(scheduler_.next(0), std::nullopt) << "it stores once more";
    writer_.stored(0, 8);
    EXPECT_TRUE(writer_.gas_at_early_store().has_value());
    EXPECT_EQ(scheduler_.next(0), 4);
    EXPECT_EQ(read(1), 8);
    memory_.publish(kFirst, writes_[0], {{.addr = kRollup, .slots = {{1, 8}}}}, writer_.own_reads(), memory_.pool(0));
    EXPECT_TRUE(memory_.is_unchanged(view_.reads().slots.back()));
}

TEST_F(VersionedViewTest, how_often_a_slot_is_stored_is_learnt_from_those_who_did) {
    contend(1, 0);
    begin(writer_, 0);
    EXPECT_EQ(read(writer_, 1), 0);
    EXPECT_FALSE(MultiVersionMemory::knows_last_store(cell_of(1)));
    for (const uint64_t value : {1, 2, 3}) writer_.stored(0, value);
    writer_.note_stores();
    EXPECT_FALSE(MultiVersionMemory::is_last_store(cell_of(1), 2));
    EXPECT_TRUE(MultiVersionMemory::is_last_store(cell_of(1), 3));
    // Once is not always.
    const auto once = [&] {
        begin(writer_, 0);
        EXPECT_EQ(read(writer_, 1), 0);
        writer_.stored(0, 1);
        writer_.note_stores();
    };
    for (int i = 0; i < 20; ++i) once();
    MultiVersionMemory::note_stores(cell_of(1), 3);
    for (int i = 0; i < 20; ++i) once();
    EXPECT_FALSE(MultiVersionMemory::is_last_store(cell_of(1), 1));
    for (int i = 0; i < 20; ++i) once();
    EXPECT_TRUE(MultiVersionMemory::is_last_store(cell_of(1), 1));
}

TEST_F(VersionedViewTest, who_stores_again_and_again_publishes_a_few_times) {
    contend(1, 0);
    MultiVersionMemory::note_stores(cell_of(1), 1);
    begin(writer_, 0);
    EXPECT_EQ(read(writer_, 1), 0);
    for (uint64_t value = 1; value <= 100; ++value) writer_.stored(0, value);
    begin(1);
    EXPECT_EQ(read(1), 4);
}

TEST_F(VersionedViewTest, an_estimate_is_waited_for_until_it_is_stored) {
    contend(1, 0);
    MultiVersionMemory::note_stores(cell_of(1), 1);
    memory_.expect_write(kFirst, writes_[0], cell_of(1), memory_.pool(0));
    begin(4);
    EXPECT_FALSE(read(1).has_value());
    EXPECT_EQ(view_.blocker(), kFirst);
    EXPECT_EQ(view_.blocked_at(), &cell_of(1));
    begin(writer_, 0);
    EXPECT_EQ(read(writer_, 1), 0);
    EXPECT_FALSE(view_.await_store());
    writer_.stored(0, 5);
    EXPECT_TRUE(view_.await_store());
    EXPECT_EQ(read(1), 5);
}

TEST_F(VersionedViewTest, the_first_transaction_does_not_wait) {
    contend(1);
    begin(0);
    EXPECT_TRUE(read(1).has_value());
}

TEST_F(VersionedViewTest, counter_is_foretold_for_those_who_call_the_same_function) {
    count(1);
    begin(6);
    // 0, 1, 3, 4 and 5 are unfinished.
    EXPECT_EQ(read(1), 105);
    EXPECT_TRUE(view_.has_foretold());
    EXPECT_TRUE(view_.reads().slots.back().is_foretold());

    scheduler_.finished(0);
    EXPECT_EQ(read(1), 104) << "it has not written";
    write(1, 1, 101);
    scheduler_.finished(1);
    EXPECT_EQ(read(1), 104);
    write(5, 1, 104);
    scheduler_.finished(5);
    begin(6);
    EXPECT_EQ(read(1), 104);
    EXPECT_FALSE(view_.has_foretold()) << "nobody comes in between";
}

TEST_F(VersionedViewTest, counter_is_not_foretold_for_those_who_call_something_else) {
    count(1);
    begin(2);
    EXPECT_EQ(read(1), 100);
    EXPECT_FALSE(view_.has_foretold());
    write(2, 1, 101);
    begin(4);
    EXPECT_EQ(read(1), 101) << "who calls something else has written it";
    EXPECT_FALSE(view_.has_foretold());
}

TEST_F(VersionedViewTest, counter_goes_on_from_what_is_no_estimate) {
    count(1);
    write(3, 1, 101);
    write(4, 1, 102);
    memory_.mark_estimates(kFirst + 4, writes_[4]);
    begin(6);
    // From 3 on, those of 4 and 5.
    EXPECT_EQ(read(1), 103);
}

}  // namespace
}  // namespace weft::execution::parallel
