// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/asynchronous_view.hpp"

#include "weft/state/hesitant_view.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <new>
#include <optional>

namespace weft::state {
namespace {

constexpr address kAlice = address_of(0xa11ce);
constexpr address kBob = address_of(0xb0b);
constexpr address kContract = address_of(0xc0de);
constexpr uint8_t kCode[] = {0x00};

/// Another view's answers, once a gate is open; counts the questions.
class GatedView final : public StateView {
  public:
    enum class Fault { none, failure, exhausted_memory };

    explicit GatedView(StateView& base) : base_(base) {}

    ReadResult<std::optional<Account>> account(const address& addr) override {
        if (const auto error = pass()) return std::unexpected(*error);
        return base_.account(addr);
    }
    ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        if (const auto error = pass()) return std::unexpected(*error);
        return base_.storage(addr, slot);
    }
    ReadResult<const Code*> code(const hash32& hash) override {
        if (const auto error = pass()) return std::unexpected(*error);
        return base_.code(hash);
    }
    ReadResult<hash32> block_hash(uint64_t number) override {
        if (const auto error = pass()) return std::unexpected(*error);
        return base_.block_hash(number);
    }

    void open() { gate_.open(); }
    void close() { gate_.close(); }
    void break_down(Fault fault) { fault_ = fault; }
    [[nodiscard]] unsigned questions() const { return questions_; }
    void await_questions(unsigned count) const {
        for (unsigned seen = questions_; seen < count; seen = questions_) questions_.wait(seen);
    }

  private:
    std::optional<ReadError> pass() {
        ++questions_;
        questions_.notify_all();
        gate_.wait();
        if (fault_ == Fault::exhausted_memory) throw std::bad_alloc();
        if (fault_ == Fault::failure) return ReadError{.kind = ReadError::Kind::failed, .detail = 5};
        return std::nullopt;
    }

    StateView& base_;
    sync::Gate gate_;
    sync::Atomic<unsigned> questions_{0};
    sync::Atomic<Fault> fault_{Fault::none};
};

class Told final : public ReadListener {
  public:
    void read_ended(uint64_t tag) noexcept override {
        tags_.fetch_add(tag);
        tags_.notify_all();
    }
    [[nodiscard]] uint64_t tags() const { return tags_; }
    void await_tags(uint64_t sum) const {
        for (uint64_t seen = tags_; seen < sum; seen = tags_) tags_.wait(seen);
    }

  private:
    sync::Atomic<uint64_t> tags_{0};
};

class AsynchronousViewTest : public testing::Test {
  protected:
    AsynchronousViewTest() {
        memory_.insert(kAlice).balance = 5;
        memory_.set_storage(kAlice, 1, 7);
        memory_.set_code(kContract, kCode);
    }

    template <typename Result>
    static ReadError pending(const Result& result) {
        EXPECT_FALSE(result);
        EXPECT_EQ(result.error().kind, ReadError::Kind::pending);
        return result.error();
    }

    MemoryState memory_;
    GatedView slow_{memory_};
};

TEST_F(AsynchronousViewTest, a_question_is_pending_until_the_other_view_has_answered) {
    IoPool pool(2, 8);
    AsynchronousView view(slow_, pool);
    EXPECT_TRUE(view.is_slow());
    const hash32 code_hash = memory_.account(kContract).value()->code_hash;
    const ReadError account = pending(view.account(kAlice));
    const ReadError nobody = pending(view.account(kBob));
    const ReadError slot = pending(view.storage(kAlice, 1));
    const ReadError code = pending(view.code(code_hash));
    const ReadError hash = pending(view.block_hash(3));
    slow_.open();
    for (const ReadError& error : {account, nobody, slot, code, hash}) view.wait(error);
    EXPECT_EQ(view.account(kAlice), memory_.account(kAlice));
    EXPECT_EQ(view.account(kBob).value(), std::nullopt);
    EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7});
    EXPECT_EQ(view.code(code_hash), memory_.code(code_hash));
    EXPECT_EQ(view.block_hash(3), memory_.block_hash(3));
    EXPECT_EQ(slow_.questions(), 5U);
}

TEST_F(AsynchronousViewTest, equal_questions_share_a_ticket_and_others_do_not) {
    IoPool pool(1, 8);
    AsynchronousView view(slow_, pool);
    const ReadError first = pending(view.storage(kAlice, 1));
    EXPECT_EQ(pending(view.storage(kAlice, 1)), first);
    EXPECT_NE(pending(view.storage(kAlice, 2)), first);
    EXPECT_NE(pending(view.storage(kBob, 1)), first);
    EXPECT_NE(pending(view.account(kAlice)), first);
    slow_.open();
    view.wait(first);
    EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7});
}

TEST_F(AsynchronousViewTest, one_slow_read_does_not_stop_others) {
    IoPool pool(3, 8);
    AsynchronousView view(slow_, pool);
    for (uint64_t slot = 0; slot < 3; ++slot) EXPECT_EQ(view.storage(kAlice, slot).error().kind, ReadError::Kind::pending);
    slow_.await_questions(3);
    slow_.open();
}

TEST_F(AsynchronousViewTest, a_read_that_fails_has_failed_for_everybody) {
    slow_.break_down(GatedView::Fault::failure);
    IoPool pool(1, 8);
    AsynchronousView view(slow_, pool);
    const ReadError error = pending(view.account(kAlice));
    Told told;
    ASSERT_TRUE(view.tell_when_ended(error.detail, told, 1));
    slow_.open();
    told.await_tags(1);
    const ReadError failed{.kind = ReadError::Kind::failed, .detail = 5};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(view.account(kAlice), std::unexpected(failed));
    EXPECT_EQ(slow_.questions(), 1U);
}

TEST_F(AsynchronousViewTest, exhausted_memory_is_who_asks_to_meet) {
    slow_.break_down(GatedView::Fault::exhausted_memory);
    IoPool pool(1, 8);
    AsynchronousView view(slow_, pool);
    const ReadError error = pending(view.account(kAlice));
    slow_.open();
    view.wait(error);
    EXPECT_THROW(static_cast<void>(view.account(kAlice)), std::bad_alloc);
    slow_.break_down(GatedView::Fault::none);
    EXPECT_EQ(view.account(kAlice), memory_.account(kAlice));
}

TEST_F(AsynchronousViewTest, who_finds_no_room_waits_himself) {
    IoPool pool(1, 1);
    AsynchronousView view(slow_, pool);
    static_cast<void>(pending(view.storage(kAlice, 10)));
    slow_.await_questions(1);
    static_cast<void>(pending(view.storage(kAlice, 11)));
    sync::Thread opener([&] {
        slow_.await_questions(2);
        slow_.open();
    });
    EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7});
    opener.join();
}

TEST_F(AsynchronousViewTest, who_joins_a_read_that_found_no_room_is_told) {
    IoPool pool(1, 1);
    AsynchronousView view(slow_, pool);
    static_cast<void>(pending(view.storage(kAlice, 10)));
    slow_.await_questions(1);
    static_cast<void>(pending(view.storage(kAlice, 11)));
    sync::Thread reader([&] { EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7}); });
    slow_.await_questions(2);
    const ReadError error = pending(view.storage(kAlice, 1));
    Told told;
    ASSERT_TRUE(view.tell_when_ended(error.detail, told, 1));
    slow_.open();
    told.await_tags(1);
    reader.join();
    EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7});
}

TEST_F(AsynchronousViewTest, every_listener_is_told_once_and_nobody_after_the_end) {
    IoPool pool(1, 8);
    AsynchronousView view(slow_, pool);
    const ReadError error = pending(view.account(kAlice));
    Told told;
    for (const uint64_t tag : {1, 10, 100}) ASSERT_TRUE(view.tell_when_ended(error.detail, told, tag));
    EXPECT_EQ(told.tags(), 0U);
    slow_.open();
    told.await_tags(111);
    EXPECT_FALSE(view.tell_when_ended(error.detail, told, 1000));
    EXPECT_EQ(view.account(kAlice), memory_.account(kAlice));
    EXPECT_EQ(told.tags(), 111U);
}

TEST_F(AsynchronousViewTest, a_read_that_ends_while_somebody_asks_to_be_told_is_not_missed) {
    slow_.open();
    IoPool pool(2, 64);
    for (uint64_t round = 0; round < 2'000; ++round) {
        AsynchronousView view(slow_, pool);
        const auto answer = view.storage(kAlice, round);
        if (answer) continue;
        Told told;
        if (view.tell_when_ended(answer.error().detail, told, 1)) told.await_tags(1);
        EXPECT_TRUE(view.storage(kAlice, round)) << round;
    }
}

TEST_F(AsynchronousViewTest, what_was_asked_for_ahead_is_there_with_the_code) {
    slow_.open();
    const hash32 code_hash = memory_.account(kContract).value()->code_hash;
    IoPool pool(1, 8);
    AsynchronousView view(slow_, pool);
    view.prefetch_account(kContract);
    view.prefetch_account(kBob);
    view.prefetch_storage(kAlice, 1);
    slow_.await_questions(4);
    // The one thread does jobs in order: behind this one lies everything.
    view.wait(pending(view.block_hash(1)));
    EXPECT_EQ(view.account(kContract), memory_.account(kContract));
    EXPECT_EQ(view.code(code_hash), memory_.code(code_hash));
    EXPECT_EQ(view.account(kBob).value(), std::nullopt);
    EXPECT_EQ(view.storage(kAlice, 1).value(), uint256{7});
    EXPECT_EQ(slow_.questions(), 5U);
}

TEST_F(AsynchronousViewTest, the_code_of_an_account_that_is_known_or_under_way_is_asked_for_too) {
    const hash32 code_hash = memory_.account(kContract).value()->code_hash;
    IoPool pool(1, 8);
    AsynchronousView under_way(slow_, pool);
    static_cast<void>(pending(under_way.account(kContract)));
    under_way.prefetch_account(kContract);
    slow_.open();
    slow_.await_questions(2);
    AsynchronousView known(slow_, pool);
    known.wait(pending(known.account(kContract)));
    known.prefetch_account(kContract);
    slow_.await_questions(4);
    for (AsynchronousView* view : {&under_way, &known}) {
        view->wait(pending(view->block_hash(1)));
        EXPECT_EQ(view->code(code_hash), memory_.code(code_hash));
    }
    EXPECT_EQ(slow_.questions(), 6U);
}

TEST_F(AsynchronousViewTest, asking_ahead_leaves_room) {
    IoPool pool(1, 4);
    AsynchronousView view(slow_, pool);
    static_cast<void>(pending(view.storage(kAlice, 10)));
    slow_.await_questions(1);
    for (uint64_t slot = 20; slot < 30; ++slot) view.prefetch_storage(kAlice, slot);
    // Two were accepted, so there is room for two.
    static_cast<void>(pending(view.storage(kAlice, 40)));
    const ReadError last = pending(view.storage(kAlice, 41));
    slow_.open();
    view.wait(last);
    EXPECT_EQ(slow_.questions(), 5U);
    // What found no room is asked for when it is needed.
    view.wait(pending(view.storage(kAlice, 29)));
    EXPECT_TRUE(view.storage(kAlice, 29));
}

TEST_F(AsynchronousViewTest, a_view_may_go_while_reads_are_under_way) {
    IoPool pool(2, 8);
    {
        AsynchronousView view(slow_, pool);
        for (uint64_t slot = 0; slot < 6; ++slot) static_cast<void>(pending(view.storage(kAlice, slot)));
        slow_.await_questions(2);
        sync::Thread opener([&] { slow_.open(); });
        opener.join();
    }
    const unsigned questions = slow_.questions();
    EXPECT_LE(questions, 6U);
    AsynchronousView next(slow_, pool);
    next.wait(pending(next.storage(kAlice, 1)));
    EXPECT_EQ(next.storage(kAlice, 1).value(), uint256{7});
    EXPECT_EQ(slow_.questions(), questions + 1);
}

TEST_F(AsynchronousViewTest, the_other_view_may_be_late_itself) {
    HesitantView hesitant(memory_);
    IoPool pool(1, 8);
    AsynchronousView view(hesitant, pool);
    view.wait(pending(view.account(kAlice)));
    EXPECT_EQ(view.account(kAlice), memory_.account(kAlice));
    EXPECT_EQ(hesitant.hesitations(), 1U);
}

TEST(StateView, one_that_answers_at_once_needs_no_more_than_answers) {
    MemoryState memory;
    Told told;
    EXPECT_FALSE(memory.is_slow());
    EXPECT_FALSE(memory.tell_when_ended(1, told, 1));
    memory.prefetch_account(kAlice);
    memory.prefetch_storage(kAlice, 1);
    EXPECT_EQ(told.tags(), 0U);
}

}  // namespace
}  // namespace weft::state
