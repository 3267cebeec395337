// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

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
/// Invariants: `places` names every entry of `entries` by its key, and nothing else.
template <typename Key, typename Value>
class ClockCache {
  public:
    explicit ClockCache(size_t capacity) : shard_capacity_(std::max<size_t>(capacity / kShards, 1)) {}

    [[nodiscard]] std::optional<Value> find(const Key& key) {
        Shard& shard = shard_of(key);
        const sync::LockGuard lock(shard.lock);
        const auto found = shard.places.find(key);
        if (found == shard.places.end()) {
            ++shard.misses;
            return std::nullopt;
        }
        ++shard.hits;
        Entry& entry = shard.entries[found->second];
        entry.asked_for = true;
        return entry.value;
    }

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

    /// Roughly what an entry takes.
    static constexpr size_t kEntryBytes = 2 * sizeof(Key) + sizeof(Value) + 32;

  private:
    static constexpr size_t kShards = 64;

    struct Hash {
        size_t operator()(const Key& key) const noexcept { return hash_value(key); }
    };
    struct Entry {
        Key key;
        Value value;
        bool asked_for = false;
    };
    struct alignas(sync::kCacheLine) Shard {
        mutable sync::SpinLock lock;
        boost::unordered_flat_map<Key, uint32_t, Hash> places;
        std::vector<Entry> entries;
        size_t hand = 0;
        uint64_t hits = 0;
        uint64_t misses = 0;
    };

    // The map takes its buckets from the low bits.
    Shard& shard_of(const Key& key) noexcept { return shards_[hash_value(key) >> 58]; }

    void put(Shard& shard, const Key& key, const Value& value) {
        if (const auto found = shard.places.find(key); found != shard.places.end()) {
            shard.entries[found->second].value = value;
            return;
        }
        if (shard.entries.size() < shard_capacity_) {
            shard.places.emplace(key, static_cast<uint32_t>(shard.entries.size()));
            shard.entries.push_back({.key = key, .value = value});
            return;
        }
        while (shard.entries[shard.hand].asked_for) {
            shard.entries[shard.hand].asked_for = false;
            shard.hand = (shard.hand + 1) % shard.entries.size();
        }
        Entry& entry = shard.entries[shard.hand];
        shard.places.erase(entry.key);
        shard.places.emplace(key, static_cast<uint32_t>(shard.hand));
        entry = {.key = key, .value = value};
        shard.hand = (shard.hand + 1) % shard.entries.size();
    }

    size_t shard_capacity_;
    std::array<Shard, kShards> shards_;
};

}  // namespace weft::db
