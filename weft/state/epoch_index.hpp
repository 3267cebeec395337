// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::state {

/// Open-addressing index from a hash to dense numbers; clear() costs O(1), because an entry counts only while it carries
/// the current epoch.
class EpochIndex {
  public:
    static constexpr uint32_t kAbsent = UINT32_MAX;

    EpochIndex();
    void clear() noexcept;

    /// The number stored under `hash` for which equal(number) holds, else kAbsent.
    template <typename Equal>
    [[nodiscard]] uint32_t find(uint64_t hash, const Equal& equal) const noexcept {
        const auto tag = static_cast<uint32_t>(hash >> 32);
        for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
            const Cell& cell = cells_[i];
            if (cell.epoch != epoch_) return kAbsent;
            if (cell.tag == tag && equal(cell.number)) return cell.number;
        }
    }

    /// find() or insert() with that hash will probably follow.
    void prefetch(uint64_t hash) const noexcept { __builtin_prefetch(&cells_[hash & mask_]); }

    /// Adds a number that find() does not know under `hash`.
    void insert(uint64_t hash, uint32_t number) {
        if (2 * (used_ + 1) > cells_.size()) [[unlikely]]
            grow();
        ++used_;
        place({.epoch = epoch_, .tag = static_cast<uint32_t>(hash >> 32), .number = number, .home = static_cast<uint32_t>(hash)});
    }

  private:
    struct Cell {
        uint32_t epoch = 0;
        uint32_t tag = 0;
        uint32_t number = 0;
        uint32_t home = 0;  ///< Low half of the hash, to grow without asking for it again.
    };

    void place(const Cell& cell) noexcept {
        size_t i = cell.home & mask_;
        while (cells_[i].epoch == epoch_) i = (i + 1) & mask_;
        cells_[i] = cell;
    }
    void grow();

    std::vector<Cell> cells_;
    size_t mask_;
    size_t used_ = 0;
    uint32_t epoch_ = 1;
};

}  // namespace weft::state
