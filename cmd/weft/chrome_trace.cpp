// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/chrome_trace.hpp"

#include "weft/base/hex.hpp"
#include "weft/state/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace weft::cli {
namespace {

using execution::Timeline;
using json::json_string;
using json::JsonItems;
using Kind = Timeline::Kind;
using Outcome = Timeline::Outcome;

/// One event and what is known of it beside.
struct Entry {
    const Timeline::Event* event;
    const Timeline::Location* location;  ///< Null: none.
    size_t worker;
    size_t incarnation = 0;         ///< Of an execution, from 1 on.
    const Entry* parked = nullptr;  ///< What it goes on after, or begins again.
};

bool is_execution(Kind kind) { return kind == Kind::execute || kind == Kind::resume || kind == Kind::repeat; }

bool is_at_rest(const Timeline::Event& event) { return event.outcome == Outcome::parked || event.outcome == Outcome::reading; }

/// All events, ordered by time, those that enclose others first.
std::vector<Entry> entries_of(const Timeline& timeline) {
    std::vector<Entry> entries;
    for (size_t worker = 0; worker < timeline.tracks().size(); ++worker) {
        const Timeline::Track& track = timeline.tracks()[worker];
        for (const Timeline::Event& event : track.events) {
            const auto* location = event.location == Timeline::kNone ? nullptr : &track.locations[event.location];
            entries.push_back({.event = &event, .location = location, .worker = worker});
        }
    }
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
        if (a.event->begin != b.event->begin) return a.event->begin < b.event->begin;
        if (a.event->end != b.event->end) return a.event->end > b.event->end;
        // What encloses was recorded later.
        return a.worker != b.worker ? a.worker < b.worker : a.event > b.event;
    });
    return entries;
}

/// Numbers the incarnations, and joins what parked with what came after.
void follow_transactions(std::vector<Entry>& entries) {
    struct Last {
        size_t incarnations = 0;
        const Entry* execution = nullptr;
    };
    std::map<uint32_t, Last> transactions;
    for (Entry& entry : entries) {
        if (!is_execution(entry.event->kind)) continue;
        Last& last = transactions[entry.event->transaction];
        if (entry.event->kind != Kind::resume) ++last.incarnations;
        entry.incarnation = last.incarnations;
        if (last.execution != nullptr && is_at_rest(*last.execution->event)) entry.parked = last.execution;
        last.execution = &entry;
    }
}

std::string_view category_of(Kind kind) {
    switch (kind) {
        case Kind::recover:
            return "recover senders";
        case Kind::prepare:
            return "prepare";
        case Kind::execute:
            return "execute";
        case Kind::resume:
            return "resume";
        case Kind::validate:
            return "validate";
        case Kind::repeat:
            return "repeat";
        case Kind::repair:
            return "repair";
        case Kind::commit:
            return "commit";
        case Kind::wait:
            return "wait";
        case Kind::close:
            return "close receipts";
        case Kind::end:
            return "end";
        case Kind::help:
            break;
    }
    return "help at the end";
}

std::string name_of(const Timeline::Event& event) {
    const std::string_view category = category_of(event.kind);
    if (event.transaction == Timeline::kNone) return std::string(category);
    const std::string which = event.count == 1 ? fmt::format("tx {}", event.transaction)
                                               : fmt::format("tx {} to {}", event.transaction, event.transaction + event.count - 1);
    return event.kind == Kind::execute ? which : fmt::format("{} {}", category, which);
}

std::string_view outcome_of(const Timeline::Event& event) {
    switch (event.outcome) {
        case Outcome::done:
            return event.kind == Kind::validate ? "holds" : event.kind == Kind::commit ? "committed" : "finished";
        case Outcome::invalid:
            return "invalid";
        case Outcome::parked:
            return "parked";
        case Outcome::reading:
            return "waits for a read";
        case Outcome::failed:
            return "failed";
        case Outcome::conflict:
            break;
    }
    return "conflict";
}

std::string fields_of(uint8_t aspects) {
    constexpr std::pair<state::Observed, std::string_view> kNames[] = {
        {state::kObservedExistence, "existence"}, {state::kObservedEmptiness, "emptiness"},  {state::kObservedNonce, "nonce"},
        {state::kObservedBalance, "balance"},     {state::kObservedFunds, "enough balance"}, {state::kObservedCode, "code"},
        {state::kObservedHasStorage, "storage"},
    };
    std::string fields;
    for (const auto& [aspect, name] : kNames)
        if ((aspects & aspect) != 0) fields.append(fields.empty() ? "" : ", ").append(name);
    return fields;
}

std::string json_of(const Timeline::Location& location) {
    JsonItems json;
    json.add("account", json_string(to_hex(location.account)));
    if (location.slot) json.add("slot", json_string(to_hex_quantity(*location.slot)));
    if (location.aspects != 0) json.add("fields", json_string(fields_of(location.aspects)));
    return json.object();
}

std::string arguments_of(const Entry& entry, std::span<const types::Transaction> transactions) {
    const Timeline::Event& event = *entry.event;
    JsonItems json;
    if (event.transaction == Timeline::kNone) return json.object();
    json.add("transaction", fmt::format("{}", event.transaction));
    if (event.count != 1) json.add("payments", fmt::format("{}", event.count));
    json.add("outcome", json_string(outcome_of(event)));
    if (is_execution(event.kind)) {
        const auto& to = transactions[event.transaction].to;
        if (event.count == 1) json.add("to", to ? json_string(to_hex(*to)) : "null");
        json.add("incarnation", fmt::format("{}", entry.incarnation));
    }
    if (event.outcome == Outcome::parked) json.add("waits_for", fmt::format("{}", event.other));
    if (entry.location == nullptr) return json.object();
    json.add(event.outcome == Outcome::parked ? "waits_at" : "conflict", json_of(*entry.location));
    if (event.outcome != Outcome::parked && event.other != Timeline::kNone) json.add("last_writer", fmt::format("{}", event.other));
    return json.object();
}

/// The unit of the format.
std::string microseconds(uint64_t nanoseconds) { return fmt::format("{}.{:03}", nanoseconds / 1000, nanoseconds % 1000); }

/// What every event has: its type, where and when.
JsonItems event_of(std::string_view type, size_t process, size_t worker, uint64_t nanoseconds) {
    JsonItems json;
    json.add("ph", json_string(type));
    json.add("pid", fmt::format("{}", process));
    json.add("tid", fmt::format("{}", worker + 1));
    json.add("ts", microseconds(nanoseconds));
    return json;
}

std::string slice_of(const Entry& entry, size_t process, uint64_t zero, std::span<const types::Transaction> transactions) {
    const Timeline::Event& event = *entry.event;
    JsonItems json = event_of("X", process, entry.worker, event.begin - zero);
    json.add("dur", microseconds(event.end - event.begin));
    json.add("name", json_string(name_of(event)));
    json.add("cat", json_string(category_of(event.kind)));
    json.add("args", arguments_of(entry, transactions));
    return json.object();
}

std::string arrow_end(std::string_view type, size_t process, size_t worker, uint64_t nanoseconds, size_t number) {
    JsonItems json = event_of(type, process, worker, nanoseconds);
    json.add("name", json_string("parked"));
    json.add("cat", json_string("park"));
    json.add("id", fmt::format("{}", number));
    // It ends at the slice that it points into, not at the next one.
    json.add("bp", json_string("e"));
    return json.object();
}

}  // namespace

void ChromeTrace::name(std::string_view what, std::string_view thread, std::string_view name) {
    JsonItems arguments;
    arguments.add("name", json_string(name));
    JsonItems json;
    json.add("ph", json_string("M"));
    json.add("pid", fmt::format("{}", processes_));
    json.add("tid", thread);
    json.add("name", json_string(what));
    json.add("args", arguments.object());
    events_.add(json.object());
}

void ChromeTrace::add(std::string_view block, std::span<const types::Transaction> transactions, const Timeline& timeline) {
    ++processes_;
    name("process_name", "1", block);
    for (size_t worker = 0; worker < timeline.tracks().size(); ++worker) {
        const uint64_t dropped = timeline.tracks()[worker].dropped;
        name("thread_name", fmt::format("{}", worker + 1),
             fmt::format("worker {}{}", worker, dropped == 0 ? "" : fmt::format(", without its last {} events", dropped)));
    }
    std::vector<Entry> entries = entries_of(timeline);
    follow_transactions(entries);
    for (const Entry& entry : entries) {
        const uint64_t zero = entries.front().event->begin;
        events_.add(slice_of(entry, processes_, zero, transactions));
        if (entry.parked == nullptr) continue;
        ++arrows_;
        // It leaves at the last moment that is surely within what parked, and before what comes after.
        const Timeline::Event& parked = *entry.parked->event;
        const uint64_t leaves = std::max(parked.begin, std::min(parked.end - 1, entry.event->begin));
        events_.add(arrow_end("s", processes_, entry.parked->worker, leaves - zero, arrows_));
        events_.add(arrow_end("f", processes_, entry.worker, entry.event->begin - zero, arrows_));
    }
}

std::string ChromeTrace::json() const {
    JsonItems json;
    json.add("displayTimeUnit", json_string("ns"));
    json.add("traceEvents", events_.array());
    return json.object() + '\n';
}

}  // namespace weft::cli
