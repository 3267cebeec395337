// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/access_hints.hpp"

#include <cstddef>
#include <cstdint>

namespace weft::execution::prediction {

/// How much of what was foretold happened, and how much of what happened was foretold.
struct Accuracy {
    uint64_t foretold = 0;
    uint64_t happened = 0;
    uint64_t right = 0;  ///< Both.

    /// Between 0 and 1; 1 where nothing was foretold, or nothing happened.
    [[nodiscard]] double precision() const noexcept { return share_of(foretold); }
    [[nodiscard]] double recall() const noexcept { return share_of(happened); }

    Accuracy& operator+=(const Accuracy& other) noexcept;
    friend bool operator==(const Accuracy&, const Accuracy&) noexcept = default;

  private:
    [[nodiscard]] double share_of(uint64_t all) const noexcept {
        return all == 0 ? 1 : static_cast<double>(right) / static_cast<double>(all);
    }
};

/// Of hints for one block, or several.
struct HintAccuracy {
    /// Slots that a transaction accesses, each counted once for each transaction.
    Accuracy slots;
    /// Those that one transaction writes and a later one accesses: where transactions conflict, and where the executor makes one wait.
    Accuracy conflicts;

    HintAccuracy& operator+=(const HintAccuracy& other) noexcept;
};

/// Compares what was foretold of a block with what its transactions accessed.
[[nodiscard]] HintAccuracy accuracy_of(const AccessHints& foretold, const AccessHints& happened, size_t transactions);

}  // namespace weft::execution::prediction
