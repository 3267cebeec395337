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

bool GatheredWrites::Equal::operator()(const Wanted& a, const Element& b) const noexcept {
    if (a.order != b.order || a.hash != b.hash) return false;
    const bytes_view key = b.change().key;
    return a.key.size() == key.size() && (key.empty() || std::memcmp(a.key.data(), key.data(), key.size()) == 0);
}

GatheredWrites::Order GatheredWrites::order_of(TableId table, bytes_view key) noexcept {
    static_assert(sizeof(TableId) == 1);
    Order order = table;
    for (size_t i = 0; i + 1 < sizeof(Order); ++i) order = order << 8 | (i < key.size() ? key[i] : 0);
    return order;
}

GatheredWrites::Wanted GatheredWrites::wanted(TableId table, bytes_view key) noexcept {
    const uint64_t hash = keyed_hash(key.data(), key.size(), hash_seed() ^ table) >> 1;
    return {.table = table, .key = key, .hash = hash, .order = order_of(table, key)};
}

std::optional<std::optional<bytes>> GatheredWrites::find(TableId table, bytes_view key) const {
    const Wanted what = wanted(table, key);
    const Shard& shard = shard_of(what);
    const sync::LockGuard lock(shard.lock);
    const auto found = shard.elements.find(what);
    if (found == shard.elements.end()) return std::nullopt;
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
    size_t count = 0;
    Batch::for_each(changes, [&](const Batch::Change& change) {
        set(change);
        waiting_bytes_ += change.encoded.size() + (change.is_shared ? change.second.size() : 0);
        ++count;
    });
    return count;
}

void GatheredWrites::set(const Batch::Change& change) {
    const Wanted what = wanted(change.table, change.key);
    Shard& shard = shard_of(what);
    const auto found = shard.elements.find(what);
    const sync::LockGuard lock(shard.lock);
    if (found == shard.elements.end()) {
        shard.elements.insert({.encoded = change.encoded.data(), .hash = what.hash, .is_waiting = 1, .order = what.order});
    } else {
        found->encoded = change.encoded.data();
        found->is_waiting = 1;
    }
}

template <typename Condition>
std::vector<Batch::Change> GatheredWrites::sorted_where(const Condition& holds) const {
    std::vector<std::pair<Order, const uint8_t*>> found;
    for (const Shard& shard : shards_)
        for (const Element& element : shard.elements)
            if (holds(element)) found.emplace_back(element.order, element.encoded);
    std::ranges::sort(found, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : is_less(Batch::change_at(a.second).key, Batch::change_at(b.second).key);
    });
    std::vector<Batch::Change> changes;
    changes.reserve(found.size());
    for (const auto& [order, encoded] : found) changes.push_back(Batch::change_at(encoded));
    return changes;
}

std::vector<Batch::Change> GatheredWrites::waiting() const {
    return sorted_where([](const Element& element) { return element.is_waiting != 0; });
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
    std::vector<std::pair<Order, Order>> orders;
    for (const Batch::Change& range : ranges) orders.emplace_back(order_of(range.table, range.key), order_of(range.table, range.second));
    return sorted_where([&](const Element& element) {
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
        boost::unordered::erase_if(shard.elements, [](const Element& element) { return element.is_waiting == 0; });
        for (const Element& element : shard.elements) element.is_waiting = 0;
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
        shard.elements.clear();
    }
    release(std::exchange(waiting_, {}));
    release(std::exchange(placed_, {}));
    waiting_bytes_ = 0;
}

}  // namespace weft::kv
