// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weft::db {

/// A bounded map that forgets what has not been asked for lately: a hand goes round and takes the first entry that nobody has looked
/// at since it last came by.
///
/// Thread safety: any thread may call any member.
/// Invariants: `places` has the number of every entry of `entries`, and nothing else, and finds it by its key.
template <typename Key, typename Value>
class ClockCache {
    struct Entry {
        Key key;
        Value value;
        bool asked_for = false;
    };

  public:
    /// What an entry takes of a cache that is full: with its place, a number and a byte in a table that is half empty at worst.
    static constexpr size_t kEntryBytes = sizeof(Entry) + 12;

    explicit ClockCache(size_t capacity) : shard_capacity_(std::max<size_t>(capacity / kShards, 1)) {}

    [[nodiscard]] std::optional<Value> find(const Key& key) { return look_up(key, true); }
    /// The same for who comes with find() where there is nothing: that is a miss only then.
    [[nodiscard]] std::optional<Value> peek(const Key& key) { return look_up(key, false); }

    /// Sets the value if `may`, called while the place of the key is locked, says so.
    template <typename Condition>
    void put_if(const Key& key, const Value& value, Condition&& may) {
        Shard& shard = shard_of(key);
        const sync::LockGuard lock(shard.lock);
        if (may()) put(shard, key, value);
    }
    void put(const Key& key, const Value& value) {
        put_if(key, value, [] { return true; });
    }

    void clear() {
        for (Shard& shard : shards_) {
            const sync::LockGuard lock(shard.lock);
            shard.places.clear();
            shard.entries.clear();
            shard.hand = 0;
        }
    }

    struct Counts {
        uint64_t entries = 0;
        uint64_t hits = 0;
        uint64_t misses = 0;
    };
    [[nodiscard]] Counts counts() const {
        Counts total;
        for (const Shard& shard : shards_) {
            const sync::LockGuard lock(shard.lock);
            total.entries += shard.entries.size();
            total.hits += shard.hits;
            total.misses += shard.misses;
        }
        return total;
    }

  private:
    static constexpr size_t kShards = 64;
    static constexpr size_t kFewestEntries = 16;

    using Entries = std::vector<Entry>;
    struct Hash {
        using is_transparent = void;
        const Entries* entries;

        size_t operator()(const Key& key) const noexcept { return hash_value(key); }
        size_t operator()(uint32_t place) const noexcept { return hash_value((*entries)[place].key); }
    };
    struct Equal {
        using is_transparent = void;
        const Entries* entries;

        bool operator()(uint32_t left, uint32_t right) const noexcept { return left == right; }
        bool operator()(const Key& key, uint32_t place) const noexcept { return key == (*entries)[place].key; }
        bool operator()(uint32_t place, const Key& key) const noexcept { return key == (*entries)[place].key; }
    };
    struct alignas(sync::kCacheLine) Shard {
        mutable sync::SpinLock lock;
        Entries entries;
        boost::unordered_flat_set<uint32_t, Hash, Equal> places{0, Hash{&entries}, Equal{&entries}};
        size_t hand = 0;
        uint64_t hits = 0;
        uint64_t misses = 0;
    };

    // The map takes its buckets from the low bits.
    Shard& shard_of(const Key& key) noexcept { return shards_[hash_value(key) >> 58]; }

    std::optional<Value> look_up(const Key& key, bool is_absence_miss) {
        Shard& shard = shard_of(key);
        const sync::LockGuard lock(shard.lock);
        const auto found = shard.places.find(key);
        if (found == shard.places.end()) {
            if (is_absence_miss) ++shard.misses;
            return std::nullopt;
        }
        ++shard.hits;
        Entry& entry = shard.entries[*found];
        entry.asked_for = true;
        return entry.value;
    }

    void put(Shard& shard, const Key& key, const Value& value) {
        if (const auto found = shard.places.find(key); found != shard.places.end()) {
            shard.entries[*found].value = value;
            return;
        }
        if (shard.entries.size() < shard_capacity_) return add(shard, {.key = key, .value = value});
        while (shard.entries[shard.hand].asked_for) {
            shard.entries[shard.hand].asked_for = false;
            shard.hand = (shard.hand + 1) % shard.entries.size();
        }
        const auto place = static_cast<uint32_t>(shard.hand);
        if (const auto old = shard.places.find(place); old != shard.places.end()) shard.places.erase(old);
        shard.entries[place] = {.key = key, .value = value};
        shard.places.insert(place);
        shard.hand = (shard.hand + 1) % shard.entries.size();
    }

    /// Grows to the capacity and not beyond; where memory runs out, nothing is added.
    void add(Shard& shard, const Entry& entry) {
        Entries& entries = shard.entries;
        shard.places.reserve(entries.size() + 1);
        if (entries.size() == entries.capacity())
            entries.reserve(std::min(std::max<size_t>(2 * entries.size(), kFewestEntries), shard_capacity_));
        entries.push_back(entry);
        shard.places.insert(static_cast<uint32_t>(entries.size() - 1));
    }

    size_t shard_capacity_;
    std::array<Shard, kShards> shards_;
};

}  // namespace weft::db
