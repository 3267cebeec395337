// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/sync.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace weft {

/// Work that comes in short bursts of independent parts, each burst shared among a conductor and the helpers that happen to be there.
/// Unlike a ThreadPool's run, a burst does not wait for helpers that have not come yet: the conductor can do all of it alone.
///
/// Thread safety: any number of threads may help(); one thread at a time, the conductor, calls the other members.
/// Invariants:
///   1. A part is done once, by who took its number from `ticket_`.
///   2. `job_` changes only while no part is open or under way, so whoever has taken a part may read it.
class Crew {
  public:
    /// `awake`: how long a helper looks for the next burst, on its core, before it sleeps.
    explicit Crew(std::chrono::microseconds awake = std::chrono::microseconds(50)) : awake_(awake) {}

    /// Lets helpers come. None is there yet, or they have all returned since dismiss().
    void assemble() noexcept {
        // Relaxed: helpers come later, through something that orders them after this.
        ticket_.store(kNoParts, sync::kRelaxed);
    }

    /// Calls part(i) for every i below `count` (at most kMostParts) and returns when all have returned; what they wrote is visible. `part`
    /// may run on several threads at once and does not throw.
    template <typename Part>
    void run(size_t count, Part&& part) {
        WEFT_ASSERT(count <= kMostParts);
        using Target = std::remove_reference_t<Part>;
        job_ = {.target = const_cast<std::remove_const_t<Target>*>(std::addressof(part)),
                .call = [](void* object, size_t i) { (*static_cast<Target*>(object))(i); }};
        // Relaxed: published by the ticket.
        unfinished_.store(static_cast<uint32_t>(count), sync::kRelaxed);
        ticket_.store(ticket_of(count, 0), sync::kRelease);
        ticket_.notify_all();
        while (work_on_one()) {
        }
        sync::Backoff backoff;
        while (unfinished_.load(sync::kAcquire) != 0) backoff.wait();
    }

    /// Sends the helpers home.
    void dismiss() noexcept {
        ticket_.store(kDismissed, sync::kRelease);
        ticket_.notify_all();
    }

    /// Does parts until dismiss().
    void help() {
        while (true) {
            while (work_on_one()) {
            }
            const uint64_t seen = ticket_.load(sync::kAcquire);
            if (seen == kDismissed) return;
            if (!has_parts(seen)) await_change(seen);
        }
    }

    /// The ticket has room for them.
    static constexpr size_t kMostParts = size_t{1} << 31;

  private:
    struct Job {
        void* target = nullptr;
        void (*call)(void*, size_t) = nullptr;
    };

    // The number of parts in the upper half, the next part in the lower.
    static constexpr uint64_t kNoParts = 0;
    static constexpr uint64_t kDismissed = UINT32_MAX;
    [[nodiscard]] static constexpr uint64_t ticket_of(size_t count, size_t next) noexcept { return uint64_t{count} << 32 | next; }
    [[nodiscard]] static constexpr bool has_parts(uint64_t ticket) noexcept { return static_cast<uint32_t>(ticket) < ticket >> 32; }

    /// false: no part is open.
    bool work_on_one() {
        uint64_t ticket = ticket_.load(sync::kAcquire);
        do {
            if (!has_parts(ticket)) return false;
        } while (!ticket_.compare_exchange_weak(ticket, ticket + 1, sync::kAcquireRelease, sync::kAcquire));
        job_.call(job_.target, static_cast<uint32_t>(ticket));
        unfinished_.fetch_sub(1, sync::kRelease);
        return true;
    }

    /// On the core first: bursts follow each other within microseconds.
    void await_change(uint64_t seen) const noexcept {
        const unsigned spins = sync::pauses_in(awake_);
        for (unsigned i = 0; i < spins; ++i) {
            if (ticket_.load(sync::kAcquire) != seen) return;
            sync::pause();
        }
        ticket_.wait(seen, sync::kAcquire);
    }

    alignas(sync::kCacheLine) sync::Atomic<uint64_t> ticket_{kDismissed};
    sync::Atomic<uint32_t> unfinished_{0};
    Job job_;
    std::chrono::microseconds awake_;
};

}  // namespace weft
