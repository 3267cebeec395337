// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/timeline.hpp"

#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::execution {
namespace {

using types::Revision;
using Event = Timeline::Event;
using Kind = Timeline::Kind;
using Location = Timeline::Location;
using Outcome = Timeline::Outcome;

// ---- Recording ----

TEST(Timeline, a_span_without_a_track_is_not_recorded) {
    const Timeline::Span span(nullptr, Kind::execute, 1);
    EXPECT_FALSE(span.is_recorded());
}

TEST(Timeline, a_span_lasts_from_its_beginning_to_its_end) {
    Timeline timeline(1);
    {
        const Timeline::Span outer(&timeline.track(0), Kind::commit, 3);
        Timeline::Span inner(&timeline.track(0), Kind::repeat, 3);
        inner.set_location({.account = address_of(7), .slot = uint256{8}});
        inner.set_other(2);
        inner.set_outcome(Outcome::invalid);
    }
    const Timeline::Track& track = timeline.tracks()[0];
    ASSERT_EQ(track.events.size(), 2);
    const Event& inner = track.events[0];
    const Event& outer = track.events[1];
    EXPECT_EQ(inner.kind, Kind::repeat);
    EXPECT_EQ(inner.outcome, Outcome::invalid);
    EXPECT_EQ(inner.transaction, 3);
    EXPECT_EQ(inner.other, 2);
    EXPECT_EQ(track.locations.at(inner.location), (Location{.account = address_of(7), .slot = uint256{8}}));
    EXPECT_EQ(outer.kind, Kind::commit);
    EXPECT_EQ(outer.outcome, Outcome::done);
    EXPECT_EQ(outer.location, Timeline::kNone);
    EXPECT_LE(outer.begin, inner.begin);
    EXPECT_LE(inner.begin, inner.end);
    EXPECT_LE(inner.end, outer.end);
}

TEST(Timeline, waits_that_follow_each_other_are_one) {
    Timeline::Track track;
    track.add({.begin = 1, .end = 2, .kind = Kind::wait}, {});
    track.add({.begin = 3, .end = 4, .kind = Kind::wait}, {});
    track.add({.begin = 4, .end = 5, .kind = Kind::execute, .transaction = 0}, {});
    track.add({.begin = 6, .end = 7, .kind = Kind::wait}, {});
    ASSERT_EQ(track.events.size(), 3);
    EXPECT_EQ(track.events[0].begin, 1);
    EXPECT_EQ(track.events[0].end, 4);
    EXPECT_EQ(track.events[2].begin, 6);
}

TEST(Timeline, a_full_track_counts_what_it_drops) {
    Timeline timeline(2);
    for (size_t i = 0; i < Timeline::kMostEvents + 5; ++i)
        timeline.track(1).add({.begin = i, .end = i, .kind = Kind::execute, .transaction = 0}, Location{});
    EXPECT_EQ(timeline.tracks()[1].events.size(), Timeline::kMostEvents);
    EXPECT_EQ(timeline.tracks()[1].locations.size(), Timeline::kMostEvents);
    EXPECT_EQ(timeline.tracks()[1].dropped, 5);
    EXPECT_FALSE(timeline.is_empty());
    timeline.clear();
    EXPECT_TRUE(timeline.is_empty());
    EXPECT_TRUE(timeline.tracks()[1].events.empty());
    EXPECT_TRUE(timeline.tracks()[1].locations.empty());
    EXPECT_EQ(timeline.tracks()[1].dropped, 0);
}

// ---- Conflicts ----

constexpr address kContract = address_of(0xc0de);
constexpr address kPayee = address_of(0xbb);
constexpr address kMarker = address_of(0x3a);
constexpr uint64_t kTransactions = 12;

address sender(uint64_t i) { return address_of(0x5e4d0000 + i); }

/// Keeps the first transaction from beginning until another one has come to where it reads the marker.
class TurnedView final : public state::StateView {
  public:
    explicit TurnedView(state::StateView& base) : base_(base) { marker_is_read_.close(); }

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override {
        if (addr == sender(0)) marker_is_read_.wait();
        if (addr == kMarker) marker_is_read_.open();
        return base_.account(addr);
    }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return base_.storage(addr, slot); }
    state::ReadResult<const state::Code*> code(const hash32& hash) override { return base_.code(hash); }
    state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }

  private:
    state::StateView& base_;
    sync::Gate marker_is_read_;
};

/// Each transaction has a sender of its own. Another one than the first reads before the first writes.
class TimelineOfConflicts : public testing::Test {
  protected:
    TimelineOfConflicts() {
        header_.number = 100;
        header_.gas_limit = 30'000'000;
        header_.beneficiary = address_of(0xc01);
        for (uint64_t i = 0; i < kTransactions; ++i) {
            state_.insert(sender(i)).balance = uint256{1} << 100;
            types::Transaction& transaction = transactions_.emplace_back();
            transaction.gas_limit = 100'000;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1;
            transaction.to = kContract;
            senders_.emplace_back(sender(i));
        }
    }

    struct Repetition {
        Event event;
        std::optional<Location> location;
    };

    /// Of an execution on two threads.
    std::vector<Repetition> repetitions() {
        const BlockInput block{.header = &header_,
                               .transactions = transactions_,
                               .senders = senders_,
                               .ommers = {},
                               .withdrawals = {},
                               .rules = {.revision = Revision::Istanbul}};
        ParallelExecutor executor(2);
        Timeline timeline(2);
        executor.record(&timeline);
        TurnedView view(state_);
        EXPECT_EQ(executor.execute(block, view), SequentialExecutor{}.execute(block, state_));
        std::vector<Repetition> found;
        for (const Timeline::Track& track : timeline.tracks()) {
            for (const Event& event : track.events) {
                if (event.kind != Kind::repeat) continue;
                found.push_back({.event = event, .location = {}});
                if (event.location != Timeline::kNone) found.back().location = track.locations.at(event.location);
            }
        }
        return found;
    }

    state::MemoryState state_;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

TEST_F(TimelineOfConflicts, a_changed_slot_is_named_with_its_writer) {
    // SSTORE(0, SLOAD(0) + 1), and BALANCE(kMarker) in between.
    constexpr uint8_t kIncrement[] = {0x60, 0, 0x54, 0x60, 0x3a, 0x31, 0x50, 0x60, 1, 0x01, 0x60, 0, 0x55};
    state_.set_code(kContract, kIncrement);
    const std::vector<Repetition> found = repetitions();
    ASSERT_FALSE(found.empty());
    for (const auto& [event, location] : found) {
        EXPECT_GT(event.transaction, 0);
        EXPECT_EQ(event.outcome, Outcome::done);
        EXPECT_EQ(event.other, event.transaction - 1);
        EXPECT_EQ(location, (Location{.account = kContract, .slot = uint256{0}}));
    }
}

TEST_F(TimelineOfConflicts, a_changed_balance_is_named_with_its_writer) {
    // BALANCE(kPayee), BALANCE(kMarker)
    constexpr uint8_t kLook[] = {0x60, 0xbb, 0x31, 0x50, 0x60, 0x3a, 0x31, 0x50};
    state_.set_code(kContract, kLook);
    state_.insert(kPayee).balance = 1;
    transactions_[0].to = kPayee;
    transactions_[0].value = 5;
    const std::vector<Repetition> found = repetitions();
    ASSERT_FALSE(found.empty());
    for (const auto& [event, location] : found) {
        EXPECT_GT(event.transaction, 0);
        EXPECT_EQ(event.other, 0);
        EXPECT_EQ(location, (Location{.account = kPayee, .slot = {}, .aspects = state::kObservedBalance}));
    }
}

}  // namespace
}  // namespace weft::execution
