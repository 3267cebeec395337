// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

#include <cstdint>
#include <vector>

namespace weft::kv {

/// A table of a store, by its position in the schema that the store was opened with.
using TableId = uint8_t;

/// Changes that a store writes all together or not at all. They apply in the order in which they were added.
///
/// Thread safety: none.
class Batch {
  public:
    enum class Action : uint8_t { put, erase, erase_range };

    /// One change. `second`: the value of a put, the end of a range.
    struct Change {
        Action action;
        TableId table;
        bytes_view key;
        bytes_view second;
    };

    void put(TableId table, bytes_view key, bytes_view value) { add(Action::put, table, key, value); }
    void erase(TableId table, bytes_view key) { add(Action::erase, table, key, {}); }
    /// Every key from `from` on and before `to`.
    void erase_range(TableId table, bytes_view from, bytes_view to) { add(Action::erase_range, table, from, to); }

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// Of all keys and values.
    [[nodiscard]] size_t size_in_bytes() const noexcept { return data_.size(); }

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        const uint8_t* at = data_.data();
        for (const Entry& entry : entries_) {
            visit(Change{.action = entry.action,
                         .table = entry.table,
                         .key = {at, entry.key_size},
                         .second = {at + entry.key_size, entry.second_size}});
            at += entry.key_size + entry.second_size;
        }
    }

  private:
    struct Entry {
        Action action;
        TableId table;
        size_t key_size;
        size_t second_size;
    };

    void add(Action action, TableId table, bytes_view key, bytes_view second) {
        entries_.push_back({.action = action, .table = table, .key_size = key.size(), .second_size = second.size()});
        data_.insert(data_.end(), key.begin(), key.end());
        data_.insert(data_.end(), second.begin(), second.end());
    }

    std::vector<Entry> entries_;
    bytes data_;
};

}  // namespace weft::kv
