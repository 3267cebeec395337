// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/epoch_index.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"

#include <algorithm>

namespace weft::state {

EpochIndex::EpochIndex() : cells_(256), mask_(cells_.size() - 1) {}

void EpochIndex::clear() noexcept {
    used_ = 0;
    if (++epoch_ != 0 && optimisation::kTableEpochs) return;
    std::ranges::fill(cells_, Cell{});
    epoch_ = 1;
}

void EpochIndex::grow() {
    std::vector<Cell> old(cells_.size() * 2);
    WEFT_ASSERT(old.size() <= UINT32_MAX);
    old.swap(cells_);
    mask_ = cells_.size() - 1;
    for (const Cell& cell : old)
        if (cell.epoch == epoch_) place(cell);
}

}  // namespace weft::state
