// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/state/state_view.hpp"

#include <vector>

namespace weft::execution::parallel {

/// Asks a slow view for what a block will surely or probably read, before it does: system contracts, the senders and recipients of
/// transactions, their access lists and what hints say.
///
/// Thread safety: any thread may call advance(); begin() excludes everything else.
class ReadAhead {
  public:
    /// Begins a block, which outlives its execution like the view. `distance`: how far to be ahead of the frontier, in transactions.
    void begin(const BlockInput& block, state::StateView& view, size_t distance);

    /// Whether the view gains from it.
    [[nodiscard]] bool is_active() const noexcept { return view_ != nullptr; }

    /// If it is active: asks for the next transactions, at most so many.
    void advance(uint32_t frontier, size_t most);

  private:
    /// Of one transaction, whatever it lists: lists may be of any size.
    static constexpr size_t kMostLocations = 256;

    void ask_for_the_edges();
    void ask_for(uint32_t index);

    const BlockInput* block_ = nullptr;
    state::StateView* view_ = nullptr;  // null: it is not slow
    size_t distance_ = 0;
    std::vector<std::span<const Access>> hints_;  // of each transaction; none without hints
    sync::Atomic<uint32_t> next_{0};
};

}  // namespace weft::execution::parallel
