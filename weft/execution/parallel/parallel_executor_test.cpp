// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/parallel_executor.hpp"

#include "weft/base/io_pool.hpp"
#include "weft/state/asynchronous_view.hpp"
#include "weft/state/faulty_view.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <set>

namespace weft::execution {
namespace {

using types::Revision;

constexpr address kCoinbase = address_of(0xc01);
constexpr address kCounter = address_of(0xc0de);
constexpr uint64_t kTransactions = 60;

/// Each transaction has a sender of its own and increments one counter: every two conflict.
class ParallelExecutorTest : public testing::TestWithParam<unsigned> {
  protected:
    ParallelExecutorTest() {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = kCoinbase;
        constexpr uint8_t kIncrement[] = {0x60, 0, 0x54, 0x60, 1, 0x01, 0x60, 0, 0x55};  // SSTORE(0, SLOAD(0) + 1)
        state_.set_code(kCounter, kIncrement);
        for (uint64_t i = 0; i < kTransactions; ++i) {
            state_.insert(sender(i)).balance = uint256{1} << 100;
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.gas_limit = 100'000;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
            transaction.to = kCounter;
            senders_.emplace_back(sender(i));
        }
    }

    static address sender(uint64_t i) { return address_of(0x5e4d0000 + i); }

    BlockInput block() const {
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = {},
                .rules = {.revision = Revision::Istanbul}};
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

INSTANTIATE_TEST_SUITE_P(Threads, ParallelExecutorTest, testing::Values(1U, 2U, 3U, 8U));

TEST_P(ParallelExecutorTest, a_chain_of_conflicts_gives_the_sequential_result) {
    ParallelExecutor executor(GetParam());
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    ASSERT_TRUE(expected);
    EXPECT_EQ(expected->diff.accounts.at(kCounter).slots.at(0).value, kTransactions);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(executor.execute(block(), state_), expected);
        EXPECT_EQ(executor.statistics().threads, GetParam());
    }
}

TEST_P(ParallelExecutorTest, measures_how_far_apart_its_cores_are) {
    ParallelExecutor executor(GetParam());
    for (int blocks = 1; blocks <= 3; ++blocks) ASSERT_TRUE(executor.execute(block(), state_));
    EXPECT_EQ(executor.statistics().line_ns > 0, GetParam() > 1);
}

TEST_P(ParallelExecutorTest, fees_of_the_beneficiary_are_no_conflict) {
    for (uint64_t i = 0; i < kTransactions; ++i) transactions_[i].to = sender(i);
    ParallelExecutor executor(GetParam());
    EXPECT_EQ(executor.execute(block(), state_), SequentialExecutor{}.execute(block(), state_));
    EXPECT_EQ(executor.statistics().reexecutions, 0);
}

TEST_P(ParallelExecutorTest, the_first_invalid_transaction_in_order_is_the_error) {
    transactions_[40].nonce = 9;
    transactions_[17].value = uint256{1} << 200;
    senders_[50].reset();
    ParallelExecutor executor(GetParam());
    const BlockError expected{.rule = BlockRule::transaction_invalid,
                              .transaction = 17,
                              .transaction_error = TransactionError::insufficient_funds,
                              .read_error = {}};
    EXPECT_EQ(executor.execute(block(), state_), std::unexpected(expected));
    // An error leaves nothing behind.
    transactions_.resize(10);
    senders_.resize(10);
    EXPECT_EQ(executor.execute(block(), state_), SequentialExecutor{}.execute(block(), state_));
}

TEST_P(ParallelExecutorTest, gas_is_exhausted_at_the_same_transaction) {
    header_.gas_limit = 1'000'000;
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    ASSERT_FALSE(expected);
    EXPECT_EQ(expected.error().transaction_error, TransactionError::block_gas_limit_exceeded);
    EXPECT_EQ(ParallelExecutor{GetParam()}.execute(block(), state_), expected);
}

TEST_P(ParallelExecutorTest, a_failing_view_is_an_error_of_the_transaction_that_needs_it) {
    state::FaultyView view(state_, sender(23), state::FaultyView::Fault::failure);
    const BlockError expected{.rule = BlockRule::state_unavailable,
                              .transaction = 23,
                              .transaction_error = {},
                              .read_error = state::ReadError{.kind = state::ReadError::Kind::failed, .detail = 5}};
    EXPECT_EQ(SequentialExecutor{}.execute(block(), view), std::unexpected(expected));
    EXPECT_EQ(ParallelExecutor{GetParam()}.execute(block(), view), std::unexpected(expected));
}

TEST_P(ParallelExecutorTest, a_failing_view_behind_an_invalid_transaction_does_not_matter) {
    transactions_[3].nonce = 1;
    state::FaultyView view(state_, sender(4), state::FaultyView::Fault::failure);
    const auto result = ParallelExecutor{GetParam()}.execute(block(), view);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().transaction, 3);
    EXPECT_EQ(result.error().transaction_error, TransactionError::nonce_too_high);
}

TEST_P(ParallelExecutorTest, exhausted_memory_in_a_worker_is_an_error) {
    state::FaultyView view(state_, sender(23), state::FaultyView::Fault::exhausted_memory);
    ParallelExecutor executor(GetParam());
    const auto result = executor.execute(block(), view);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().rule, BlockRule::out_of_memory);
    EXPECT_EQ(executor.execute(block(), state_), SequentialExecutor{}.execute(block(), state_));
}

TEST_P(ParallelExecutorTest, what_an_invalid_block_left_unfinished_is_given_up_once) {
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    transactions_[2].nonce = 9;
    ParallelExecutor executor(GetParam());
    EXPECT_FALSE(executor.execute(block(), state_));
    // The next one has no memory to begin with.
    state::FaultyView view(state_, kCoinbase, state::FaultyView::Fault::exhausted_memory);
    EXPECT_EQ(executor.execute(block(), view).error().rule, BlockRule::out_of_memory);
    transactions_[2].nonce = 0;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(executor.execute(block(), state_), expected);
}

// ---- Hints ----

/// Every transaction says the same.
class SameHints final : public AccessHints {
  public:
    explicit SameHints(std::vector<Access> accesses) : accesses_(std::move(accesses)) {}
    [[nodiscard]] std::span<const Access> of(size_t /*transaction*/) const noexcept override { return accesses_; }

  private:
    std::vector<Access> accesses_;
};

const SameHints kCounterIsWritten({{.account = kCounter, .slot = 0, .is_write = true}});

TEST_P(ParallelExecutorTest, with_hints_that_are_right_nothing_is_executed_twice) {
    BlockInput hinted = block();
    hinted.hints = &kCounterIsWritten;
    ParallelExecutor executor(GetParam());
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    for (int i = 0; i < 20; ++i) {
        // Who reads a slot that can be repaired does not wait, and has to execute again where that fails.
        EXPECT_EQ(executor.execute(hinted, state_, {.repair_slots = false}), expected);
        EXPECT_EQ(executor.statistics().reexecutions, 0);
    }
    // They are for one block.
    EXPECT_EQ(executor.execute(block(), state_), expected);
}

TEST_P(ParallelExecutorTest, writes_that_are_foretold_and_do_not_happen_leave_no_trace) {
    // Neither does the contract write slot 7, nor is there anything at the other addresses; senders are read by all of their transactions.
    const SameHints hints({{.account = kCounter, .slot = 7, .is_write = true},
                           {.account = kCounter, .slot = 7, .is_write = true},
                           {.account = kCounter, .slot = 0, .is_write = false},
                           {.account = kCounter, .slot = std::nullopt, .is_write = true},
                           {.account = kCoinbase, .slot = std::nullopt, .is_write = true},
                           {.account = sender(30), .slot = std::nullopt, .is_write = true},
                           {.account = sender(30), .slot = std::nullopt, .is_write = true},
                           {.account = address_of(0xabba), .slot = ~uint256{}, .is_write = true},
                           {.account = address{}, .slot = std::nullopt, .is_write = true}});
    BlockInput hinted = block();
    hinted.hints = &hints;
    ParallelExecutor executor(GetParam());
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(executor.execute(hinted, state_), expected);
}

TEST_P(ParallelExecutorTest, hints_may_be_for_fewer_or_more_transactions_than_there_are) {
    ParallelExecutor executor(GetParam());
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    for (const uint64_t size : {uint64_t{0}, uint64_t{1}, kTransactions - 1, kTransactions + 1, 3 * kTransactions}) {
        ListedHints hints;
        for (uint64_t i = 0; i < size; ++i) hints.add({{.account = kCounter, .slot = 0, .is_write = true}});
        BlockInput hinted = block();
        hinted.hints = &hints;
        EXPECT_EQ(executor.execute(hinted, state_), expected) << size;
    }
}

TEST_P(ParallelExecutorTest, hints_without_end_are_not_read_to_their_end) {
    const SameHints hints(std::vector<Access>(size_t{1} << 20, {.account = kCounter, .slot = 0, .is_write = true}));
    BlockInput hinted = block();
    hinted.hints = &hints;
    EXPECT_EQ(ParallelExecutor{GetParam()}.execute(hinted, state_), SequentialExecutor{}.execute(block(), state_));
}

TEST_P(ParallelExecutorTest, nobody_waits_for_the_foretold_writes_of_a_transaction_without_result) {
    BlockInput hinted = block();
    hinted.hints = &kCounterIsWritten;
    ParallelExecutor executor(GetParam());

    const auto expect_the_sequential_error = [&](state::StateView& view) {
        const auto expected = SequentialExecutor{}.execute(block(), view);
        ASSERT_FALSE(expected);
        EXPECT_EQ(executor.execute(hinted, view), expected);
    };
    transactions_[17].nonce = 9;
    expect_the_sequential_error(state_);
    transactions_[17].nonce = 0;
    state::FaultyView failing(state_, sender(17), state::FaultyView::Fault::failure);
    expect_the_sequential_error(failing);
    state::FaultyView exhausted(state_, sender(17), state::FaultyView::Fault::exhausted_memory);
    EXPECT_EQ(executor.execute(hinted, exhausted).error().rule, BlockRule::out_of_memory);
    senders_[17].reset();
    hinted.senders = senders_;
    expect_the_sequential_error(state_);
    // An error leaves nothing behind.
    senders_[17] = sender(17);
    EXPECT_EQ(executor.execute(hinted, state_), SequentialExecutor{}.execute(block(), state_));
}

// ---- Slow reads ----

/// Another view's answers; the first question about each account is pending, and nobody is told when it may be asked again.
class SilentView final : public state::StateView {
  public:
    explicit SilentView(state::StateView& base) : base_(base) {}

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override {
        const sync::LockGuard lock(mutex_);
        if (known_.insert(addr).second) return std::unexpected(state::ReadError{.kind = state::ReadError::Kind::pending});
        return base_.account(addr);
    }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return base_.storage(addr, slot); }
    state::ReadResult<const state::Code*> code(const hash32& hash) override { return base_.code(hash); }
    state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    void wait(const state::ReadError& /*error*/) override { ++waits_; }

    [[nodiscard]] unsigned waits() const { return waits_; }

  private:
    state::StateView& base_;
    sync::Mutex mutex_;
    std::set<address> known_;  // guarded by mutex_
    sync::Atomic<unsigned> waits_{0};
};

/// Another view's answers, none before the gate is open.
class GatedView final : public state::StateView {
  public:
    GatedView(state::StateView& base, const sync::Gate& gate) : base_(base), gate_(gate) {}

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override {
        gate_.wait();
        return base_.account(addr);
    }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        gate_.wait();
        return base_.storage(addr, slot);
    }
    state::ReadResult<const state::Code*> code(const hash32& hash) override {
        gate_.wait();
        return base_.code(hash);
    }
    state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }

  private:
    state::StateView& base_;
    const sync::Gate& gate_;
};

/// An asynchronous view that opens a gate when so many wait to be told.
class WatchedView final : public state::StateView {
  public:
    WatchedView(state::AsynchronousView& base, unsigned listeners, sync::Gate& gate) : base_(base), missing_(listeners), gate_(gate) {}

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override { return base_.account(addr); }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return base_.storage(addr, slot); }
    state::ReadResult<const state::Code*> code(const hash32& hash) override { return base_.code(hash); }
    state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    void wait(const state::ReadError& error) override { base_.wait(error); }
    bool tell_when_ended(uint64_t ticket, state::ReadListener& listener, uint64_t tag) noexcept override {
        const bool tells = base_.tell_when_ended(ticket, listener, tag);
        if (tells && --missing_ == 0) gate_.open();
        return tells;
    }

  private:
    state::AsynchronousView& base_;
    sync::Atomic<unsigned> missing_;
    sync::Gate& gate_;
};

TEST_P(ParallelExecutorTest, a_view_whose_reads_are_pending_gives_the_sequential_result) {
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    ParallelExecutor executor(GetParam());
    for (const unsigned io_threads : {1U, 3U}) {
        IoPool pool(io_threads, 4);
        for (int i = 0; i < 10; ++i) {
            state::AsynchronousView view(state_, pool);
            EXPECT_EQ(executor.execute(block(), view), expected);
        }
    }
    IoPool pool(1, 4);
    state::AsynchronousView view(state_, pool);
    EXPECT_EQ(SequentialExecutor{}.execute(block(), view), expected);
}

TEST_P(ParallelExecutorTest, transactions_wait_for_their_reads_at_the_same_time) {
    constexpr unsigned kAtOnce = 40;
    sync::Gate gate;
    GatedView gated(state_, gate);
    IoPool pool(1, 4 * kTransactions);
    state::AsynchronousView asynchronous(gated, pool);
    WatchedView view(asynchronous, kAtOnce, gate);
    ParallelExecutor executor(GetParam());
    EXPECT_EQ(executor.execute(block(), view), SequentialExecutor{}.execute(block(), state_));
    EXPECT_GE(executor.statistics().parked_on_reads, kAtOnce);
}

TEST_P(ParallelExecutorTest, a_view_that_tells_nobody_is_waited_for) {
    SilentView view(state_);
    ParallelExecutor executor(GetParam());
    EXPECT_EQ(executor.execute(block(), view), SequentialExecutor{}.execute(block(), state_));
    // The first of some neighbours has been asked for before.
    EXPECT_GE(view.waits(), kTransactions / 2);
    EXPECT_EQ(executor.statistics().parked_on_reads, 0U);
}

TEST_P(ParallelExecutorTest, a_pending_read_that_fails_is_the_error_that_it_is_in_order) {
    IoPool pool(2, 16);
    ParallelExecutor executor(GetParam());
    const auto expect_the_sequential_error = [&](state::StateView& faulty) {
        const auto expected = SequentialExecutor{}.execute(block(), faulty);
        ASSERT_FALSE(expected);
        for (int i = 0; i < 10; ++i) {
            state::AsynchronousView view(faulty, pool);
            EXPECT_EQ(executor.execute(block(), view), expected);
        }
    };
    for (const uint64_t broken : {uint64_t{0}, uint64_t{23}, kTransactions - 1}) {
        state::FaultyView failing(state_, sender(broken), state::FaultyView::Fault::failure);
        expect_the_sequential_error(failing);
    }
    state::FaultyView beneficiary_failing(state_, kCoinbase, state::FaultyView::Fault::failure);
    expect_the_sequential_error(beneficiary_failing);
    transactions_[3].nonce = 1;
    state::FaultyView failing_too_late(state_, sender(4), state::FaultyView::Fault::failure);
    expect_the_sequential_error(failing_too_late);
    state::FaultyView exhausted(state_, sender(2), state::FaultyView::Fault::exhausted_memory);
    state::AsynchronousView view(exhausted, pool);
    EXPECT_EQ(executor.execute(block(), view).error().rule, BlockRule::out_of_memory);
    // An error leaves nothing behind.
    transactions_[3].nonce = 0;
    state::AsynchronousView sound(state_, pool);
    EXPECT_EQ(executor.execute(block(), sound), SequentialExecutor{}.execute(block(), state_));
}

TEST_P(ParallelExecutorTest, what_is_foretold_is_asked_for_ahead_and_changes_nothing) {
    const SameHints hints({{.account = kCounter, .slot = 0, .is_write = true},
                           {.account = kCoinbase, .slot = 9},
                           {.account = address_of(0xabba), .slot = std::nullopt}});
    BlockInput hinted = block();
    hinted.hints = &hints;
    const auto expected = SequentialExecutor{}.execute(block(), state_);
    ParallelExecutor executor(GetParam());
    IoPool pool(2, 64);
    for (int i = 0; i < 10; ++i) {
        state::AsynchronousView view(state_, pool);
        EXPECT_EQ(executor.execute(hinted, view), expected);
    }
}

}  // namespace
}  // namespace weft::execution
