// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/sync.hpp"
#include "weft/base/uint256.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace weft::execution {

/// What each worker of a ParallelExecutor did during one block, and when: hand it to ParallelExecutor::record().
///
/// Thread safety: while a block executes, each track belongs to the worker of its number; otherwise to one thread at a time.
class Timeline {
  public:
    enum class Kind : uint8_t {
        recover,   ///< Senders, before the block is prepared.
        prepare,   ///< Everything before the first transaction.
        execute,   ///< An incarnation, from its beginning.
        resume,    ///< An incarnation, from where it parked.
        validate,  ///< Does what an execution has read still hold?
        repeat,    ///< It did not: the committer executes the transaction on the committed state.
        repair,    ///< It did, but for slots that had another value and could be put right.
        commit,    ///< All that the committer does for one transaction; encloses its validate, repair and repeat.
        wait,      ///< There is nothing to do.
        close,     ///< There was nothing else to do but some of what comes after the last transaction: filters of receipts.
        end,       ///< Everything after the last transaction, up to the difference of the state.
        help,      ///< The same, as those see it who wait for parts of it to work on.
    };

    enum class Outcome : uint8_t {
        done,
        invalid,   ///< An execution: the transaction breaks a rule, as far as it saw.
        parked,    ///< An execution: it waits for Event::other.
        reading,   ///< An execution: it waits for a slow read.
        failed,    ///< A read failed, or the block was over before.
        conflict,  ///< A validation: something that was read has another value.
    };

    /// Where a value was read that has changed.
    struct Location {
        address account;
        std::optional<uint256> slot;  ///< nullopt: it is the account itself.
        uint8_t aspects = 0;          ///< Of state::Observed: what changed of the account. None: its value is not known at the moment.

        friend bool operator==(const Location&, const Location&) = default;
    };

    static constexpr uint32_t kNone = UINT32_MAX;

    class Span;

    struct Event {
        uint64_t begin = 0;  ///< Nanoseconds of the steady clock.
        uint64_t end = 0;
        Kind kind{};
        Outcome outcome{};
        uint32_t transaction = kNone;
        uint32_t count = 1;  ///< Of transactions, from that one on: payments that are executed as one.
        /// The transaction that is waited for; or the one that wrote the location last, where that is known.
        uint32_t other = kNone;
        /// Number in Track::locations: the first change that was found, of those because of which a transaction was executed again or
        /// repaired; or the slot that is waited for.
        uint32_t location = kNone;
    };

    /// Of one worker. Events stand in the order of their ends; waits that follow each other are one.
    struct alignas(sync::kCacheLine) Track {
        std::vector<Event> events;
        std::vector<Location> locations;
        /// Events that found no room: all that came after kMostEvents, or after memory ran out.
        uint64_t dropped = 0;

        void add(Event event, const std::optional<Location>& location) noexcept;

      private:
        friend class Span;
        struct Open {
            Event event;
            std::optional<Location> location;
        };
        static constexpr size_t kMostOpen = 4;
        /// Of the spans that last, which enclose each other. They are kept here, so that a span costs nothing where there is no track.
        std::array<Open, kMostOpen> open_;
        size_t open_count_ = 0;
    };

    /// A track keeps that many.
    static constexpr size_t kMostEvents = size_t{1} << 16;

    /// For an executor with that many threads.
    explicit Timeline(unsigned threads) : tracks_(threads) {}

    /// Forgets everything.
    void clear() noexcept;
    [[nodiscard]] bool is_empty() const noexcept;

    [[nodiscard]] Track& track(size_t worker) noexcept { return tracks_[worker]; }
    [[nodiscard]] const std::vector<Track>& tracks() const noexcept { return tracks_; }

  private:
    std::vector<Track> tracks_;
};

/// Records an event from construction to destruction; does nothing without a track. Spans of a track enclose each other.
class Timeline::Span {
  public:
    Span(Track* track, Kind kind, uint32_t transaction = kNone) noexcept : track_(track) {
        if (is_recorded()) [[unlikely]]
            begin(kind, transaction);
    }
    ~Span() {
        if (is_recorded()) [[unlikely]]
            end();
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

    [[nodiscard]] bool is_recorded() const noexcept { return track_ != nullptr; }

    // While it is recorded.
    void set_kind(Kind kind) noexcept { open().event.kind = kind; }
    void set_outcome(Outcome outcome) noexcept { open().event.outcome = outcome; }
    void set_count(uint32_t transactions) noexcept { open().event.count = transactions; }
    void set_other(uint32_t transaction) noexcept { open().event.other = transaction; }
    void set_location(const Location& location) noexcept { open().location = location; }
    /// It was nothing.
    void withdraw() noexcept { --std::exchange(track_, nullptr)->open_count_; }

  private:
    /// The innermost, which is this one: setters are called while it is.
    [[nodiscard]] Track::Open& open() noexcept { return track_->open_[track_->open_count_ - 1]; }
    void begin(Kind kind, uint32_t transaction) noexcept;
    void end() noexcept;

    Track* track_;
};

}  // namespace weft::execution
