// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/timeline.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>
#include <chrono>
#include <new>

namespace weft::execution {

namespace {

uint64_t now() noexcept {
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
}

}  // namespace

void Timeline::Track::add(Event event, const std::optional<Location>& location) noexcept {
    if (event.kind == Kind::wait && !events.empty() && events.back().kind == Kind::wait) {
        events.back().end = event.end;
        return;
    }
    if (events.size() >= kMostEvents) {
        ++dropped;
        return;
    }
    try {
        if (location) {
            event.location = static_cast<uint32_t>(locations.size());
            locations.push_back(*location);
        }
        events.push_back(event);
    } catch (const std::bad_alloc&) {
        ++dropped;
    }
}

void Timeline::clear() noexcept {
    for (Track& track : tracks_) {
        track.events.clear();
        track.locations.clear();
        track.dropped = 0;
    }
}

bool Timeline::is_empty() const noexcept {
    return std::ranges::all_of(tracks_, [](const Track& track) { return track.events.empty(); });
}

void Timeline::Span::begin(Kind kind, uint32_t transaction) noexcept {
    WEFT_ASSERT(track_->open_count_ < Track::kMostOpen);
    track_->open_[track_->open_count_++] = {.event = {.begin = now(), .kind = kind, .transaction = transaction}, .location = {}};
}

void Timeline::Span::end() noexcept {
    open().event.end = now();
    track_->add(open().event, open().location);
    --track_->open_count_;
}

}  // namespace weft::execution
