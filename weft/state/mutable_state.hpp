// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"

namespace weft::state {

/// A state that takes the changes of one transaction after the other, in the order of the block.
class MutableState : public StateView {
  public:
    /// Applies the changes of the next transaction, all of them or, when a read has no answer, none. `effect`, if given, receives the
    /// resulting values of everything that was mentioned.
    [[nodiscard]] virtual ReadResult<void> apply(const TransactionChanges& changes, StateDiff* effect) = 0;

    /// All applied changes together, without values that are back where they were before the block.
    [[nodiscard]] virtual ReadResult<StateDiff> diff() = 0;
};

}  // namespace weft::state
