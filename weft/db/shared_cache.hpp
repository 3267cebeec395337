// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/sync.hpp"
#include "weft/db/records.hpp"
#include "weft/state/code.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <iterator>
#include <list>
#include <memory>

namespace weft::db {

/// What never changes, by hash, bounded in bytes; what was asked for longest ago goes first. Who got a value keeps it alive.
/// `SizeOf` says how many bytes a value takes.
///
/// Thread safety: any thread may call any member.
/// Invariants: `bytes_` is what the values of `entries_` take; `places_` names all of them.
template <typename Value, typename SizeOf>
class SharedCache {
  public:
    explicit SharedCache(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

    /// Null: not in the cache.
    [[nodiscard]] std::shared_ptr<const Value> find(const hash32& hash) {
        const sync::LockGuard lock(mutex_);
        const auto found = places_.find(hash);
        if (found == places_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->value;
    }

    /// Puts a value in, unless one with that hash is there; returns the one that is.
    std::shared_ptr<const Value> put(const hash32& hash, std::shared_ptr<const Value> value) {
        std::list<Entry> dropped;  // freed after the lock is
        const sync::LockGuard lock(mutex_);
        if (const auto found = places_.find(hash); found != places_.end()) return found->second->value;
        const size_t size = SizeOf{}(*value);
        entries_.push_front({.hash = hash, .value = value, .size = size});
        places_.emplace(hash, entries_.begin());
        bytes_ += size;
        while (bytes_ > capacity_bytes_ && entries_.size() > 1) {
            bytes_ -= entries_.back().size;
            places_.erase(entries_.back().hash);
            dropped.splice(dropped.begin(), entries_, std::prev(entries_.end()));
        }
        return value;
    }

  private:
    struct Entry {
        hash32 hash;
        std::shared_ptr<const Value> value;
        size_t size;
    };

    const size_t capacity_bytes_;
    sync::Mutex mutex_;
    size_t bytes_ = 0;          // guarded by mutex_
    std::list<Entry> entries_;  // guarded by mutex_; asked for last comes first
    boost::unordered_flat_map<hash32, typename std::list<Entry>::iterator, std::hash<hash32>> places_;  // guarded by mutex_
};

/// With its bitmap of jump destinations and what the containers add.
struct SizeOfCode {
    size_t operator()(const state::Code& code) const noexcept { return code.size() + code.size() / 8 + 256; }
};

struct SizeOfUndo {
    size_t operator()(const UndoRecord& record) const noexcept {
        size_t bytes = 256 + record.accounts.capacity() * sizeof(UndoRecord::AccountBefore);
        for (const auto& account : record.accounts) bytes += account.slots.capacity() * sizeof(account.slots[0]);
        return bytes + record.dead.capacity() * sizeof(UndoRecord::DeadStorage);
    }
};

using CodeCache = SharedCache<state::Code, SizeOfCode>;
/// By the hash of the block.
using UndoCache = SharedCache<UndoRecord, SizeOfUndo>;

}  // namespace weft::db
