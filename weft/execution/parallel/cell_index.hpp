// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/sync.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weft::execution::parallel {

/// Open-addressing index from hashes to cells that is looked up without a lock. A Cell has a constant member `hash`.
///
/// Thread safety: any number of threads may find() while one adds; who adds or clears holds a lock of the caller's, and clear()
/// excludes everything else. What a look-up does not find may have been added since: the caller looks again under the lock.
template <typename Cell>
class CellIndex {
  public:
    CellIndex() { table_.store(replace(kSmallest), sync::kRelaxed); }

    /// The cell under `hash` for which is_it(cell) holds; null: there is none, or it was added just now.
    template <typename IsIt>
    [[nodiscard]] Cell* find(uint64_t hash, const IsIt& is_it) const noexcept {
        // Acquire here and below: the table and the cell are seen as they were when they were put there.
        const Table& table = *table_.load(sync::kAcquire);
        for (size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
            const uint64_t entry = table.entries[i].load(sync::kAcquire);
            if (entry >> kEpochShift != epoch_) return nullptr;
            if (((entry ^ tag_of(hash)) & kTagMask) != 0) continue;
            Cell* cell = cell_of(entry);
            if (is_it(*cell)) return cell;
        }
    }

    /// Adds a cell that find() does not know.
    void add(Cell& cell) {
        Table* table = table_.load(sync::kRelaxed);
        if (2 * (used_ + 1) > table->mask + 1) table = grow(*table);
        ++used_;
        place(*table, cell);
    }

    /// Forgets all cells, which may then be reused.
    void clear() {
        used_ = 0;
        if (tables_.size() > 1) tables_.erase(tables_.begin(), tables_.end() - 1);
        if (++epoch_ != kEpochs) return;
        Table& table = *tables_.back();
        for (size_t i = 0; i <= table.mask; ++i) table.entries[i].store(0, sync::kRelaxed);
        epoch_ = 1;
    }

  private:
    // An entry is an epoch, a tag from the hash and the address of the cell, of which x86-64 and AArch64 use 48 bits in user
    // space. Entries of another epoch are empty.
    static constexpr unsigned kEpochShift = 56;
    static constexpr unsigned kTagShift = 48;
    static constexpr uint64_t kTagMask = uint64_t{0xff} << kTagShift;
    static constexpr uint64_t kEpochs = 256;
    static constexpr size_t kSmallest = 64;

    struct Table {
        size_t mask;
        std::unique_ptr<sync::Atomic<uint64_t>[]> entries;
    };

    [[nodiscard]] static uint64_t tag_of(uint64_t hash) noexcept { return hash >> kEpochShift << kTagShift; }
    [[nodiscard]] static Cell* cell_of(uint64_t entry) noexcept {
        return reinterpret_cast<Cell*>(entry & ((uint64_t{1} << kTagShift) - 1));  // NOLINT(performance-no-int-to-ptr)
    }

    Table* replace(size_t size) {
        tables_.push_back(std::make_unique<Table>(Table{.mask = size - 1, .entries = std::make_unique<sync::Atomic<uint64_t>[]>(size)}));
        return tables_.back().get();
    }

    void place(Table& table, Cell& cell) noexcept {
        const auto pointer = reinterpret_cast<uint64_t>(&cell);
        WEFT_ASSERT(pointer >> kTagShift == 0);
        size_t i = cell.hash & table.mask;
        while (table.entries[i].load(sync::kRelaxed) >> kEpochShift == epoch_) i = (i + 1) & table.mask;
        table.entries[i].store(epoch_ << kEpochShift | tag_of(cell.hash) | pointer, sync::kRelease);
    }

    /// Others may still look into the old table: it stays until clear().
    Table* grow(const Table& old) {
        Table* larger = replace(2 * (old.mask + 1));
        for (size_t i = 0; i <= old.mask; ++i)
            if (const uint64_t entry = old.entries[i].load(sync::kRelaxed); entry >> kEpochShift == epoch_) place(*larger, *cell_of(entry));
        table_.store(larger, sync::kRelease);
        return larger;
    }

    // find() looks at these two, which hardly ever change; add() changes what follows.
    alignas(sync::kCacheLine) sync::Atomic<Table*> table_{nullptr};
    uint64_t epoch_ = 1;
    alignas(sync::kCacheLine) size_t used_ = 0;
    std::vector<std::unique_ptr<Table>> tables_;  // the last one is in use
};

}  // namespace weft::execution::parallel
