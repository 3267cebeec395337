// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/gathered_writes.hpp"

#include "weft/base/hash.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace weft::kv {

bool is_less(bytes_view a, bytes_view b) noexcept {
    const size_t shared = std::min(a.size(), b.size());
    const int order = shared != 0 ? std::memcmp(a.data(), b.data(), shared) : 0;
    return order != 0 ? order < 0 : a.size() < b.size();
}

bool is_before(TableId table, bytes_view key, TableId other_table, bytes_view other_key) noexcept {
    return table != other_table ? table < other_table : is_less(key, other_key);
}

bool GatheredWrites::Wanted::operator()(const ChangeTable::Element& element) const noexcept {
    if (order != element.order) return false;
    const bytes_view other = element.change().key;
    return key.size() == other.size() && (key.empty() || std::memcmp(key.data(), other.data(), key.size()) == 0);
}

KeyOrder GatheredWrites::order_of(TableId table, bytes_view key) noexcept {
    static_assert(sizeof(TableId) == 1);
    KeyOrder order = table;
    for (size_t i = 0; i + 1 < sizeof(KeyOrder); ++i) order = order << 8 | (i < key.size() ? key[i] : 0);
    return order;
}

GatheredWrites::Wanted GatheredWrites::wanted(TableId table, bytes_view key) noexcept {
    const uint64_t hash = keyed_hash(key.data(), key.size(), hash_seed() ^ table) >> 1;
    return {.table = table, .key = key, .hash = hash, .order = order_of(table, key)};
}

std::optional<std::optional<bytes>> GatheredWrites::find(TableId table, bytes_view key) const {
    const Wanted what = wanted(table, key);
    const Shard& shard = shard_of(what.hash);
    const sync::LockGuard lock(shard.lock);
    const auto* const found = shard.table.find(what.hash, what);
    if (found == nullptr) return std::nullopt;
    const Batch::Change change = found->change();
    if (change.action == Batch::Action::erase) return std::optional<bytes>();
    return std::optional(bytes(change.second.begin(), change.second.end()));
}

std::span<uint8_t> GatheredWrites::room_for(size_t bytes) {
    auto& chunks = waiting_.chunks;
    if (chunks.empty() || chunks.back().size - chunks.back().used < bytes) {
        Memory::Chunk chunk{.size = std::max(bytes, chunk_bytes_)};
        if (chunk.size == chunk_bytes_ && !free_chunks_.empty()) {
            chunk.data = std::move(free_chunks_.back());
            free_chunks_.pop_back();
        } else {
            chunk.data = std::make_unique_for_overwrite<uint8_t[]>(chunk.size);
        }
        if (!chunks.empty() && chunks.back().used == 0) chunks.pop_back();
        chunks.push_back(std::move(chunk));
    }
    return {chunks.back().data.get() + chunks.back().used, bytes};
}

size_t GatheredWrites::add(std::span<uint8_t> changes, std::vector<std::shared_ptr<const void>> kept) {
    // What elements point to is kept whatever happens.
    waiting_.kept.insert(waiting_.kept.end(), std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
    waiting_.chunks.back().used += changes.size();
    // Nearly every change is a miss of the caches in its table and one at the key that it replaces. So each goes through three steps, and
    // so many others take one in between.
    constexpr size_t kBetween = 8;
    struct Upcoming {
        Wanted wanted;
        const uint8_t* encoded;
    };
    std::array<Upcoming, 2 * kBetween> upcoming;
    size_t count = 0;
    const auto go_on = [&](size_t now) {
        if (now >= kBetween && now - kBetween < count) {
            const uint64_t hash = upcoming[(now - kBetween) % upcoming.size()].wanted.hash;
            shard_of(hash).table.prefetch_key(hash);
        }
        if (now >= upcoming.size() && now - upcoming.size() < count) {
            const Upcoming& next = upcoming[now % upcoming.size()];
            set(next.wanted, next.encoded);
        }
    };
    Batch::for_each(changes, [&](const Batch::Change& change) {
        waiting_bytes_ += change.encoded.size() + (change.is_shared ? change.second.size() : 0);
        go_on(count);
        Upcoming& last = upcoming[count % upcoming.size()];
        last = {.wanted = wanted(change.table, change.key), .encoded = change.encoded.data()};
        shard_of(last.wanted.hash).table.prefetch_place(last.wanted.hash);
        ++count;
    });
    for (size_t now = count; now < count + upcoming.size(); ++now) go_on(now);
    return count;
}

void GatheredWrites::set(const Wanted& wanted, const uint8_t* encoded) {
    Shard& shard = shard_of(wanted.hash);
    auto* const found = shard.table.find(wanted.hash, wanted);
    const sync::LockGuard lock(shard.lock);
    if (found == nullptr) {
        shard.table.insert({.encoded = encoded, .hash = wanted.hash, .is_waiting = 1, .order = wanted.order});
    } else {
        found->encoded = encoded;
        found->is_waiting = 1;
    }
}

template <typename Condition>
std::vector<Batch::Change> GatheredWrites::sorted_where(const Condition& holds) const {
    std::vector<std::pair<KeyOrder, const uint8_t*>> found;
    for (const Shard& shard : shards_) {
        shard.table.for_each([&](const ChangeTable::Element& element) {
            if (holds(element)) found.emplace_back(element.order, element.encoded);
        });
    }
    std::ranges::sort(found, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : is_less(Batch::change_at(a.second).key, Batch::change_at(b.second).key);
    });
    std::vector<Batch::Change> changes;
    changes.reserve(found.size());
    for (const auto& [order, encoded] : found) changes.push_back(Batch::change_at(encoded));
    return changes;
}

std::vector<Batch::Change> GatheredWrites::waiting() const {
    return sorted_where([](const ChangeTable::Element& element) { return element.is_waiting != 0; });
}

std::vector<Batch::Change> GatheredWrites::in_ranges(const Batch& batch) const {
    std::vector<Batch::Change> ranges;
    batch.for_each([&](const Batch::Change& change) {
        if (change.action == Batch::Action::erase_range) ranges.push_back(change);
    });
    std::ranges::sort(ranges, [](const auto& a, const auto& b) { return is_before(a.table, a.key, b.table, b.key); });
    // Each now reaches as far as those that begin before it, so that the last one that begins before a key says it all.
    for (size_t i = 1; i < ranges.size(); ++i)
        if (ranges[i].table == ranges[i - 1].table && is_less(ranges[i].second, ranges[i - 1].second))
            ranges[i].second = ranges[i - 1].second;
    std::vector<std::pair<KeyOrder, KeyOrder>> orders;
    for (const Batch::Change& range : ranges) orders.emplace_back(order_of(range.table, range.key), order_of(range.table, range.second));
    return sorted_where([&](const ChangeTable::Element& element) {
        const auto may_hold = std::ranges::partition_point(orders, [&](const auto& range) { return range.first <= element.order; });
        if (may_hold == orders.begin() || element.order > std::prev(may_hold)->second) return false;
        const Batch::Change change = element.change();
        const auto behind = std::ranges::partition_point(
            ranges, [&](const auto& range) { return !is_before(change.table, change.key, range.table, range.key); });
        if (behind == ranges.begin()) return false;
        const Batch::Change& last = *std::prev(behind);
        return last.table == change.table && is_less(change.key, last.second);
    });
}

void GatheredWrites::note_placed() {
    for (Shard& shard : shards_) {
        const sync::LockGuard lock(shard.lock);
        shard.table.keep_waiting();
    }
    release(std::exchange(placed_, std::exchange(waiting_, {})));
    waiting_bytes_ = 0;
}

void GatheredWrites::release(Memory memory) {
    for (Memory::Chunk& chunk : memory.chunks)
        if (chunk.size == chunk_bytes_) free_chunks_.push_back(std::move(chunk.data));
}

void GatheredWrites::clear() {
    for (Shard& shard : shards_) {
        const sync::LockGuard lock(shard.lock);
        shard.table.clear();
    }
    release(std::exchange(waiting_, {}));
    release(std::exchange(placed_, {}));
    waiting_bytes_ = 0;
}

}  // namespace weft::kv
