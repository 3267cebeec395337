// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/sync.hpp"
#include "weft/state/code.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <list>
#include <memory>

namespace weft::db {

/// Code by hash, bounded in bytes; what was asked for longest ago goes first. Who got a code keeps it alive.
///
/// Thread safety: any thread may call any member.
/// Invariants: `bytes_` is what the codes of `codes_` take; `places_` names all of them.
class CodeCache {
  public:
    explicit CodeCache(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

    /// Null: not in the cache.
    [[nodiscard]] std::shared_ptr<const state::Code> find(const hash32& hash) {
        const sync::LockGuard lock(mutex_);
        const auto found = places_.find(hash);
        if (found == places_.end()) return nullptr;
        codes_.splice(codes_.begin(), codes_, found->second);
        return found->second->code;
    }

    /// Puts a code in, unless one with that hash is there; returns the one that is.
    std::shared_ptr<const state::Code> put(const hash32& hash, std::shared_ptr<const state::Code> code) {
        const sync::LockGuard lock(mutex_);
        if (const auto found = places_.find(hash); found != places_.end()) return found->second->code;
        codes_.push_front({.hash = hash, .code = code});
        places_.emplace(hash, codes_.begin());
        bytes_ += size_of(*code);
        while (bytes_ > capacity_bytes_ && codes_.size() > 1) {
            bytes_ -= size_of(*codes_.back().code);
            places_.erase(codes_.back().hash);
            codes_.pop_back();
        }
        return code;
    }

  private:
    struct Entry {
        hash32 hash;
        std::shared_ptr<const state::Code> code;
    };

    /// With its bitmap of jump destinations and what the containers add.
    static size_t size_of(const state::Code& code) noexcept { return code.size() + code.size() / 8 + 256; }

    const size_t capacity_bytes_;
    sync::Mutex mutex_;
    size_t bytes_ = 0;        // guarded by mutex_
    std::list<Entry> codes_;  // guarded by mutex_; asked for last comes first
    boost::unordered_flat_map<hash32, std::list<Entry>::iterator, std::hash<hash32>> places_;  // guarded by mutex_
};

}  // namespace weft::db
