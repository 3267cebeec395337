// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/kv/batch.hpp"
#include "weft/kv/change_table.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weft::kv {

/// The order of keys.
[[nodiscard]] bool is_less(bytes_view a, bytes_view b) noexcept;
/// By table, then by key.
[[nodiscard]] bool is_before(TableId table, bytes_view key, TableId other_table, bytes_view other_key) noexcept;

/// What was written last to some tables and waits to be put into them, by key. What has been put there stays until the next time, for those
/// who read it.
///
/// Changes stay where they were put, one behind the other, so that taking them over moves none: what is written again and again takes
/// memory each time until all of it has been put into its place.
///
/// Thread safety: any thread may call find() at any time, all else is for one thread at a time.
class GatheredWrites {
  public:
    /// `chunk_bytes`: memory is asked for in pieces of at least that size.
    explicit GatheredWrites(size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}

    /// The value of a key, nullopt inside: it was erased. nullopt outside: nothing is known of it.
    [[nodiscard]] std::optional<std::optional<bytes>> find(TableId table, bytes_view key) const;

    /// Room for encoded changes, none of them of a range, to be written before add(). Without add() the next call gives the same room.
    [[nodiscard]] std::span<uint8_t> room_for(size_t bytes);
    /// Takes over the changes in the room that was given last; gives how many there are. `kept`: what shared values lie in.
    size_t add(std::span<uint8_t> changes, std::vector<std::shared_ptr<const void>> kept);
    /// Of what has been added since all was in its place, with shared values.
    [[nodiscard]] uint64_t waiting_bytes() const noexcept { return waiting_bytes_; }
    /// What waits, by table and key. Valid until the next add() or note_placed().
    [[nodiscard]] std::vector<Batch::Change> waiting() const;
    /// The last change of every key that is in one of the ranges that a batch erases, by table and key; valid as long. Looks at all there
    /// is.
    [[nodiscard]] std::vector<Batch::Change> in_ranges(const Batch& batch) const;
    /// All that waited is in its table now; what was so the time before is forgotten.
    void note_placed();
    /// Forgets everything.
    void clear();

  private:
    struct Wanted {
        TableId table;
        bytes_view key;
        uint64_t hash;  ///< Of 63 bits.
        KeyOrder order;

        [[nodiscard]] bool operator()(const ChangeTable::Element& element) const noexcept;
    };
    struct alignas(sync::kCacheLine) Shard {
        mutable sync::SpinLock lock;
        ChangeTable table;  // changed by the one thread, which alone reads it without the lock
    };
    static constexpr size_t kShards = 64;

    void set(const Wanted& wanted, const uint8_t* encoded);
    /// `holds` is asked of elements.
    template <typename Condition>
    [[nodiscard]] std::vector<Batch::Change> sorted_where(const Condition& holds) const;
    [[nodiscard]] static KeyOrder order_of(TableId table, bytes_view key) noexcept;
    [[nodiscard]] static Wanted wanted(TableId table, bytes_view key) noexcept;
    [[nodiscard]] const Shard& shard_of(uint64_t hash) const noexcept { return shards_[hash % kShards]; }
    [[nodiscard]] Shard& shard_of(uint64_t hash) noexcept { return shards_[hash % kShards]; }

    /// Chunks of bytes. Only the last one has room.
    struct Memory {
        struct Chunk {
            std::unique_ptr<uint8_t[]> data{};
            size_t size = 0;
            size_t used = 0;
        };
        std::vector<Chunk> chunks{};
        std::vector<std::shared_ptr<const void>> kept{};  ///< What shared values lie in.
    };
    /// Nothing points into it any more: chunks of the usual size stay for what comes next.
    void release(Memory memory);

    const size_t chunk_bytes_;
    std::array<Shard, kShards> shards_;
    /// What elements that wait point into, and what the others do.
    Memory waiting_;
    Memory placed_;
    std::vector<std::unique_ptr<uint8_t[]>> free_chunks_;
    uint64_t waiting_bytes_ = 0;
};

}  // namespace weft::kv
