// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/bytes.hpp"

#include <cstdint>
#include <cstring>
#include <limits>

namespace weft::kv {

/// A table of a store, by its position in the schema that the store was opened with.
using TableId = uint8_t;

/// Changes that a store writes all together or not at all. They apply in the order in which they were added. Keys have less than 64 KiB,
/// values less than 4 GiB.
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
        bytes_view encoded;  ///< All of it, as read_changes() reads it.
    };

    void put(TableId table, bytes_view key, bytes_view value) { add(Action::put, table, key, value); }
    void erase(TableId table, bytes_view key) { add(Action::erase, table, key, {}); }
    /// Every key from `from` on and before `to`.
    void erase_range(TableId table, bytes_view from, bytes_view to) { add(Action::erase_range, table, from, to); }
    /// A change of another batch.
    void add(const Change& change) { append(change.encoded); }
    /// Makes the value of the put that was added last longer.
    void extend_value(bytes_view more) {
        Header header = header_at(data_.data() + last_);
        WEFT_ASSERT(header.action == Action::put && more.size() <= std::numeric_limits<uint32_t>::max() - header.second_size);
        header.second_size += static_cast<uint32_t>(more.size());
        std::memcpy(data_.data() + last_, &header, sizeof(header));
        append(more);
    }

    /// Wants a store that gathers to put this, and all that waits, into its places.
    void ask_for_places() noexcept { wants_places_ = true; }
    [[nodiscard]] bool wants_places() const noexcept { return wants_places_; }

    [[nodiscard]] bool empty() const noexcept { return data_.empty(); }
    /// What the changes take in memory.
    [[nodiscard]] size_t size_in_bytes() const noexcept { return data_.size(); }
    void reserve(size_t size_in_bytes) { data_.reserve(size_in_bytes); }
    /// Keeps the memory, unless it is large.
    void clear() noexcept {
        constexpr size_t kLarge = size_t{8} << 20U;
        wants_places_ = false;
        if (data_.capacity() > kLarge)
            data_ = bytes();
        else
            data_.clear();
    }

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        const bool is_whole = read_changes(data_, visit);
        WEFT_ASSERT(is_whole);
    }

    /// Calls `visit` with each change of a sequence of encoded ones. False: it ends within one, or has something that is none.
    template <typename Visitor>
    [[nodiscard]] static bool read_changes(bytes_view encoded, Visitor&& visit) {
        while (!encoded.empty()) {
            if (encoded.size() < sizeof(Header)) return false;
            const Header header = header_at(encoded.data());
            const size_t size = sizeof(header) + header.key_size + header.second_size;
            if (header.action > Action::erase_range || size > encoded.size()) return false;
            visit(Change{.action = header.action,
                         .table = header.table,
                         .key = encoded.subspan(sizeof(header), header.key_size),
                         .second = encoded.subspan(sizeof(header) + header.key_size, header.second_size),
                         .encoded = encoded.first(size)});
            encoded = encoded.subspan(size);
        }
        return true;
    }

  private:
    /// Stands before key and second part. Numbers are as the machine has them, since nobody moves a store.
    struct Header {
        Action action;
        TableId table;
        uint16_t key_size;
        uint32_t second_size;
    };
    static_assert(sizeof(Header) == 8);

    static Header header_at(const uint8_t* at) noexcept {
        Header header;
        std::memcpy(&header, at, sizeof(header));
        return header;
    }
    void append(bytes_view part) { data_.insert(data_.end(), part.begin(), part.end()); }
    void add(Action action, TableId table, bytes_view key, bytes_view second) {
        WEFT_ASSERT(key.size() <= std::numeric_limits<uint16_t>::max() && second.size() <= std::numeric_limits<uint32_t>::max());
        const Header header{.action = action,
                            .table = table,
                            .key_size = static_cast<uint16_t>(key.size()),
                            .second_size = static_cast<uint32_t>(second.size())};
        last_ = data_.size();
        data_.resize(last_ + sizeof(header) + key.size() + second.size());
        uint8_t* const at = data_.data() + last_;
        std::memcpy(at, &header, sizeof(header));
        if (!key.empty()) std::memcpy(at + sizeof(header), key.data(), key.size());
        if (!second.empty()) std::memcpy(at + sizeof(header) + key.size(), second.data(), second.size());
    }

    bytes data_;
    size_t last_ = 0;  ///< Where the change that was added last begins.
    bool wants_places_ = false;
};

}  // namespace weft::kv
