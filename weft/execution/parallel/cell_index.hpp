// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/sync.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weft::execution::parallel {

/// Index from hashes to cells without locks: open addressing in a table, and where the places that belong to a hash are taken, in a
/// larger one behind it.
///
/// Thread safety: any number of threads may look up and add at once; clear() excludes everything else. Whatever was added before a look-up
/// began is found.
/// Invariants:
///   1. Places are taken in the order in which they are looked at and not given up before clear(): two threads that add the same cell meet
///      at one place.
///   2. A table behind another is looked at only when all places of the hash in the first are taken.
template <typename Cell>
class CellIndex {
  public:
    CellIndex() = default;
    ~CellIndex() = default;
    CellIndex(const CellIndex&) = delete;
    CellIndex& operator=(const CellIndex&) = delete;

    /// The cell under `hash` for which is_it(cell) holds. Where there is none, one that make() returns; if another thread was faster,
    /// unmake() is called and theirs is returned.
    template <typename IsIt, typename Make, typename Unmake>
    [[nodiscard]] Cell& find_or_add(uint64_t hash, const IsIt& is_it, const Make& make, const Unmake& unmake) {
        Cell* made = nullptr;
        for (size_t level = 0;; ++level) {
            const Table& places = table(level);
            for (size_t i = 0; i < kPlaces; ++i) {
                sync::Atomic<uint64_t>& place = places.entries[(hash + i) & places.mask];
                // Acquire here and below: the cell is seen as it was when it was put there.
                uint64_t entry = place.load(sync::kAcquire);
                if (entry >> kEpochShift != epoch_) {
                    if (made == nullptr) made = &make();
                    if (place.compare_exchange_strong(entry, entry_of(hash, *made), sync::kAcquireRelease, sync::kAcquire)) return *made;
                }
                if (((entry ^ tag_of(hash)) & kTagMask) != 0) continue;
                Cell* cell = cell_of(entry);
                if (!is_it(*cell)) continue;
                if (made != nullptr) unmake();
                return *cell;
            }
        }
    }

    /// Forgets all cells, which may then be reused.
    void clear() noexcept {
        if (tables_.size() > 1) {
            const size_t mask = tables_.back()->mask;
            for (auto& level : levels_) level.store(nullptr, sync::kRelaxed);
            tables_.clear();
            smallest_ = std::min(mask + 1, kLargestFirst);
        }
        if (++epoch_ != kEpochs) return;
        for (const auto& places : tables_)
            for (size_t i = 0; i <= places->mask; ++i) places->entries[i].store(0, sync::kRelaxed);
        epoch_ = 1;
    }

  private:
    // An entry is an epoch, a tag from the hash and the address of the cell, of which x86-64 and AArch64 use 48 bits in user
    // space. Entries of another epoch are empty.
    static constexpr unsigned kEpochShift = 56;
    static constexpr unsigned kTagShift = 48;
    static constexpr uint64_t kTagMask = uint64_t{0xff} << kTagShift;
    static constexpr uint64_t kEpochs = 256;
    /// Of a hash in one table: two cache lines or three.
    static constexpr size_t kPlaces = 16;
    static constexpr size_t kLevels = 32;
    /// The first table is as large as the last one of the block before, up to here.
    static constexpr size_t kLargestFirst = size_t{1} << 20;

    struct alignas(sync::kCacheLine) Table {
        size_t mask;
        std::unique_ptr<sync::Atomic<uint64_t>[]> entries;
    };

    [[nodiscard]] static uint64_t tag_of(uint64_t hash) noexcept { return hash >> kEpochShift << kTagShift; }
    [[nodiscard]] static Cell* cell_of(uint64_t entry) noexcept {
        return reinterpret_cast<Cell*>(entry & ((uint64_t{1} << kTagShift) - 1));  // NOLINT(performance-no-int-to-ptr)
    }
    [[nodiscard]] uint64_t entry_of(uint64_t hash, const Cell& cell) const noexcept {
        const auto pointer = reinterpret_cast<uint64_t>(&cell);
        WEFT_ASSERT(pointer >> kTagShift == 0);
        return epoch_ << kEpochShift | tag_of(hash) | pointer;
    }

    [[nodiscard]] const Table& table(size_t level) {
        const Table* known = levels_[level].load(sync::kAcquire);
        return known != nullptr ? *known : add_table(level);
    }

    /// Each is twice as large as the one before it.
    [[gnu::noinline]] const Table& add_table(size_t level) {
        const sync::LockGuard<sync::SpinLock> lock(growing_);
        if (const Table* known = levels_[level].load(sync::kAcquire)) return *known;
        const size_t size = smallest_ << level;
        tables_.push_back(std::make_unique<Table>(Table{.mask = size - 1, .entries = std::make_unique<sync::Atomic<uint64_t>[]>(size)}));
        levels_[level].store(tables_.back().get(), sync::kRelease);
        return *tables_.back();
    }

    // Hardly ever written.
    std::array<sync::Atomic<const Table*>, kLevels> levels_{};
    uint64_t epoch_ = 1;
    size_t smallest_ = 4096;
    sync::SpinLock growing_;
    std::vector<std::unique_ptr<Table>> tables_;  // changed under growing_
};

}  // namespace weft::execution::parallel
