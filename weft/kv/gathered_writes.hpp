// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/kv/batch.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace weft::kv {

/// The order of keys.
[[nodiscard]] bool is_less(bytes_view a, bytes_view b) noexcept;
/// By table, then by key.
[[nodiscard]] bool is_before(TableId table, bytes_view key, TableId other_table, bytes_view other_key) noexcept;

/// What was written last to some tables and waits to be put into them, by key. What has been put there stays until the next time, for those
/// who read it.
///
/// Thread safety: any thread may call find() at any time, all else is for one thread at a time.
class GatheredWrites {
  public:
    /// A key and what it has become. Its memory goes on behind it: key, then value.
    struct Entry {
        uint64_t hash;
        uint32_t key_size;
        uint32_t value_size;
        TableId table;
        bool is_erased;
        bool is_waiting;

        [[nodiscard]] bytes_view key() const noexcept { return {reinterpret_cast<const uint8_t*>(this + 1), key_size}; }
        [[nodiscard]] uint8_t* value_place() noexcept { return reinterpret_cast<uint8_t*>(this + 1) + key_size; }
        [[nodiscard]] bytes_view value() const noexcept { return {key().data() + key_size, value_size}; }
        [[nodiscard]] size_t size_in_bytes() const noexcept { return sizeof(Entry) + key_size + value_size; }
    };

    /// The value of a key, nullopt inside: it was erased. nullopt outside: nothing is known of it.
    [[nodiscard]] std::optional<std::optional<bytes>> find(TableId table, bytes_view key) const;

    /// Takes over a put or an erasure.
    void set(const Batch::Change& change);
    /// Of what waits.
    [[nodiscard]] uint64_t waiting_bytes() const noexcept { return waiting_bytes_; }
    /// What waits, by table and key. Valid until the next set() or note_placed().
    [[nodiscard]] std::vector<const Entry*> waiting() const;
    /// Everything in one of the ranges that a batch erases, by table and key; valid as long. Looks at all there is.
    [[nodiscard]] std::vector<const Entry*> in_ranges(const Batch& batch) const;
    /// All that waited is in its table now; what was so the time before is forgotten.
    void note_placed();
    /// Forgets everything.
    void clear();

  private:
    struct Free {
        void operator()(Entry* entry) const noexcept { ::operator delete(entry); }
    };
    /// Table and first bytes of a key as a number, so that most questions about the order of keys need no look at the keys.
    using Order = uint64_t;
    struct Element {
        std::unique_ptr<Entry, Free> entry;
        Order order;
    };
    struct Wanted {
        TableId table;
        bytes_view key;
        uint64_t hash;
        Order order;
    };
    struct Hash {
        using is_transparent = void;
        using is_avalanching = void;
        size_t operator()(const Element& element) const noexcept { return element.entry->hash; }
        size_t operator()(const Wanted& wanted) const noexcept { return wanted.hash; }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Element& a, const Element& b) const noexcept { return a.entry == b.entry; }
        bool operator()(const Wanted& a, const Element& b) const noexcept;
        bool operator()(const Element& a, const Wanted& b) const noexcept { return (*this)(b, a); }
    };
    struct alignas(sync::kCacheLine) Shard {
        mutable sync::SpinLock lock;
        boost::unordered_flat_set<Element, Hash, Equal> elements;  // changed by the one thread, which alone reads it without the lock
    };
    static constexpr size_t kShards = 64;

    template <typename Condition>
    /// `holds` is asked of elements.
    [[nodiscard]] std::vector<const Entry*> sorted_where(const Condition& holds) const;
    [[nodiscard]] static Order order_of(TableId table, bytes_view key) noexcept;
    [[nodiscard]] static Wanted wanted(TableId table, bytes_view key) noexcept;
    [[nodiscard]] static Element make_element(const Wanted& wanted, const Batch::Change& change);
    // The sets take their places from the high bits.
    [[nodiscard]] const Shard& shard_of(const Wanted& wanted) const noexcept { return shards_[wanted.hash % kShards]; }
    [[nodiscard]] Shard& shard_of(const Wanted& wanted) noexcept { return shards_[wanted.hash % kShards]; }

    std::array<Shard, kShards> shards_;
    uint64_t waiting_bytes_ = 0;
};

}  // namespace weft::kv
