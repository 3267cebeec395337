// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/gathered_writes.hpp"

#include "weft/base/hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <new>
#include <tuple>
#include <utility>

namespace weft::kv {

namespace {

void copy(uint8_t* to, bytes_view from) noexcept {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

}  // namespace

bool is_less(bytes_view a, bytes_view b) noexcept {
    const size_t shared = std::min(a.size(), b.size());
    const int order = shared != 0 ? std::memcmp(a.data(), b.data(), shared) : 0;
    return order != 0 ? order < 0 : a.size() < b.size();
}

bool is_before(TableId table, bytes_view key, TableId other_table, bytes_view other_key) noexcept {
    return table != other_table ? table < other_table : is_less(key, other_key);
}

bool GatheredWrites::Equal::operator()(const Wanted& a, const Element& b) const noexcept {
    return a.order == b.order && a.hash == b.entry->hash && a.key.size() == b.entry->key_size &&
           (a.key.empty() || std::memcmp(a.key.data(), b.entry->key().data(), a.key.size()) == 0);
}

GatheredWrites::Order GatheredWrites::order_of(TableId table, bytes_view key) noexcept {
    static_assert(sizeof(TableId) == 1);
    Order order = table;
    for (size_t i = 0; i + 1 < sizeof(Order); ++i) order = order << 8 | (i < key.size() ? key[i] : 0);
    return order;
}

GatheredWrites::Wanted GatheredWrites::wanted(TableId table, bytes_view key) noexcept {
    return {.table = table, .key = key, .hash = keyed_hash(key.data(), key.size(), hash_seed() ^ table), .order = order_of(table, key)};
}

GatheredWrites::Element GatheredWrites::make_element(const Wanted& wanted, const Batch::Change& change) {
    const size_t size = sizeof(Entry) + change.key.size() + change.second.size();
    std::unique_ptr<Entry, Free> entry(new (::operator new(size)) Entry{.hash = wanted.hash,
                                                                        .key_size = static_cast<uint32_t>(change.key.size()),
                                                                        .value_size = static_cast<uint32_t>(change.second.size()),
                                                                        .table = change.table,
                                                                        .is_erased = change.action == Batch::Action::erase,
                                                                        .is_waiting = true});
    copy(reinterpret_cast<uint8_t*>(entry.get() + 1), change.key);
    copy(entry->value_place(), change.second);
    return {.entry = std::move(entry), .order = wanted.order};
}

std::optional<std::optional<bytes>> GatheredWrites::find(TableId table, bytes_view key) const {
    const Wanted what = wanted(table, key);
    const Shard& shard = shard_of(what);
    const sync::LockGuard lock(shard.lock);
    const auto found = shard.elements.find(what);
    if (found == shard.elements.end()) return std::nullopt;
    if (found->entry->is_erased) return std::optional<bytes>();
    const bytes_view value = found->entry->value();
    return std::optional(bytes(value.begin(), value.end()));
}

void GatheredWrites::set(const Batch::Change& change) {
    const Wanted what = wanted(change.table, change.key);
    Shard& shard = shard_of(what);
    const auto found = shard.elements.find(what);
    if (found == shard.elements.end()) {
        Element element = make_element(what, change);
        waiting_bytes_ += element.entry->size_in_bytes();
        const sync::LockGuard lock(shard.lock);
        shard.elements.insert(std::move(element));
        return;
    }
    Entry& entry = *found->entry;
    if (entry.is_waiting) waiting_bytes_ -= entry.size_in_bytes();
    if (entry.value_size == change.second.size()) {
        const sync::LockGuard lock(shard.lock);
        entry.is_erased = change.action == Batch::Action::erase;
        entry.is_waiting = true;
        copy(entry.value_place(), change.second);
        waiting_bytes_ += entry.size_in_bytes();
        return;
    }
    Element element = make_element(what, change);
    waiting_bytes_ += element.entry->size_in_bytes();
    const sync::LockGuard lock(shard.lock);
    shard.elements.erase(found);
    shard.elements.insert(std::move(element));
}

template <typename Condition>
std::vector<const GatheredWrites::Entry*> GatheredWrites::sorted_where(const Condition& holds) const {
    std::vector<std::pair<Order, const Entry*>> found;
    for (const Shard& shard : shards_)
        for (const Element& element : shard.elements)
            if (holds(element)) found.emplace_back(element.order, element.entry.get());
    std::ranges::sort(found, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : is_less(a.second->key(), b.second->key());
    });
    std::vector<const Entry*> entries;
    entries.reserve(found.size());
    for (const auto& [order, entry] : found) entries.push_back(entry);
    return entries;
}

std::vector<const GatheredWrites::Entry*> GatheredWrites::waiting() const {
    return sorted_where([](const Element& element) { return element.entry->is_waiting; });
}

std::vector<const GatheredWrites::Entry*> GatheredWrites::in_ranges(const Batch& batch) const {
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
        const Entry& entry = *element.entry;
        const auto behind = std::ranges::partition_point(
            ranges, [&](const auto& range) { return !is_before(entry.table, entry.key(), range.table, range.key); });
        if (behind == ranges.begin()) return false;
        const Batch::Change& last = *std::prev(behind);
        return last.table == entry.table && is_less(entry.key(), last.second);
    });
}

void GatheredWrites::note_placed() {
    for (Shard& shard : shards_) {
        const sync::LockGuard lock(shard.lock);
        boost::unordered::erase_if(shard.elements, [](const Element& element) { return !std::exchange(element.entry->is_waiting, false); });
    }
    waiting_bytes_ = 0;
}

void GatheredWrites::clear() {
    for (Shard& shard : shards_) {
        const sync::LockGuard lock(shard.lock);
        shard.elements.clear();
    }
    waiting_bytes_ = 0;
}

}  // namespace weft::kv
