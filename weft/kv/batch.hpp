// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/buffer.hpp"
#include "weft/base/bytes.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

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
        bytes_view encoded;      ///< All of it, or all but the value.
        bool is_shared = false;  ///< The value lies elsewhere.
    };

    void put(TableId table, bytes_view key, bytes_view value) { add(Action::put, table, key, value); }
    /// The same with a value of so many bytes that the caller writes there before anything else is added.
    [[nodiscard]] uint8_t* put_room(TableId table, bytes_view key, size_t value_size) {
        return add(Action::put, table, key, value_size, value_size);
    }
    /// The same without a copy of the value, which stays where it is for as long as something lives that keep() is given. Not for tables
    /// that are gathered by way of a journal.
    void put_shared(TableId table, bytes_view key, bytes_view value) {
        const Place place = value.data();
        std::memcpy(add(kShared, table, key, value.size(), sizeof(Place)), &place, sizeof(Place));
        shared_bytes_ += value.size();
    }
    void keep(std::shared_ptr<const void> memory) { kept_.push_back(std::move(memory)); }
    /// What shared values lie in.
    [[nodiscard]] const std::vector<std::shared_ptr<const void>>& kept() const noexcept { return kept_; }
    void erase(TableId table, bytes_view key) { add(Action::erase, table, key, {}); }
    /// Every key from `from` on and before `to`.
    void erase_range(TableId table, bytes_view from, bytes_view to) { add(Action::erase_range, table, from, to); }
    /// A change of another batch, which keeps the value if it is shared.
    void add(const Change& change) {
        data_.append(change.encoded);
        if (change.is_shared) shared_bytes_ += change.second.size();
    }
    /// Encoded changes of another batch, which keeps shared values.
    void add(bytes_view changes) { data_.append(changes); }
    /// Wants a store that gathers to put this, and all that waits, into its places.
    void ask_for_places() noexcept { wants_places_ = true; }
    [[nodiscard]] bool wants_places() const noexcept { return wants_places_; }

    [[nodiscard]] bool empty() const noexcept { return data_.empty(); }
    /// All changes, without shared values.
    [[nodiscard]] bytes_view encoded() const noexcept { return data_.view(); }
    /// What the changes take in memory.
    [[nodiscard]] size_t size_in_bytes() const noexcept { return data_.size() + shared_bytes_; }
    /// Keeps the memory, unless it is large.
    void clear() noexcept {
        wants_places_ = false;
        shared_bytes_ = 0;
        kept_.clear();
        data_.clear();
    }

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        for_each(encoded(), visit);
    }
    /// The same for what encoded() of some batch gave.
    template <typename Visitor>
    static void for_each(bytes_view encoded, Visitor&& visit) {
        while (!encoded.empty()) {
            const Change change = change_at(encoded.data());
            visit(change);
            encoded = encoded.subspan(change.encoded.size());
        }
    }

    /// The same for a sequence that anybody may have damaged. False: it ends within a change, or has something that is none, as shared
    /// values are there.
    template <typename Visitor>
    [[nodiscard]] static bool read_changes(bytes_view encoded, Visitor&& visit) {
        while (!encoded.empty()) {
            if (encoded.size() < sizeof(Header)) return false;
            const Header header = header_at(encoded.data());
            const size_t size = sizeof(header) + header.key_size + header.second_size;
            if (header.action > Action::erase_range || size > encoded.size()) return false;
            visit(change_at(encoded.data()));
            encoded = encoded.subspan(size);
        }
        return true;
    }
    /// The change that begins there, as for_each() or read_changes() has found it.
    [[nodiscard]] static Change change_at(const uint8_t* encoded) noexcept {
        const Header header = header_at(encoded);
        const uint8_t* const key = encoded + sizeof(header);
        const uint8_t* second = key + header.key_size;
        const bool is_shared = header.action == kShared;
        const uint8_t* const end = second + (is_shared ? sizeof(Place) : header.second_size);
        if (is_shared) std::memcpy(&second, second, sizeof(Place));
        return {.action = is_shared ? Action::put : header.action,
                .table = header.table,
                .key = {key, header.key_size},
                .second = {second, header.second_size},
                .encoded = {encoded, end},
                .is_shared = is_shared};
    }

  private:
    /// A put of a value that lies elsewhere: where, stands in its place.
    static constexpr auto kShared = static_cast<Action>(3);
    using Place = const uint8_t*;

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
    void add(Action action, TableId table, bytes_view key, bytes_view second) {
        uint8_t* const at = add(action, table, key, second.size(), second.size());
        if (!second.empty()) std::memcpy(at, second.data(), second.size());
    }
    /// Gives the place of the second part, which takes `room`.
    uint8_t* add(Action action, TableId table, bytes_view key, size_t second_size, size_t room) {
        WEFT_ASSERT(key.size() <= std::numeric_limits<uint16_t>::max() && second_size <= std::numeric_limits<uint32_t>::max());
        const Header header{.action = action,
                            .table = table,
                            .key_size = static_cast<uint16_t>(key.size()),
                            .second_size = static_cast<uint32_t>(second_size)};
        uint8_t* const at = data_.grow(sizeof(header) + key.size() + room);
        std::memcpy(at, &header, sizeof(header));
        if (!key.empty()) std::memcpy(at + sizeof(header), key.data(), key.size());
        return at + sizeof(header) + key.size();
    }

    Buffer data_;
    size_t shared_bytes_ = 0;
    std::vector<std::shared_ptr<const void>> kept_;
    bool wants_places_ = false;
};

}  // namespace weft::kv
