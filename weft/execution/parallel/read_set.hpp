// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/versioned_view.hpp"
#include "weft/state/state.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <span>
#include <vector>

namespace weft::execution::parallel {

/// Whose wipe each account's storage went through last, as far as the block is committed.
using CommittedWipes = boost::unordered_flat_map<address, Position, std::hash<address>>;

/// What an incarnation learnt from its view. It outlives the execution, so that the buffers of the execution, warm in the
/// caches, serve the next transaction at once.
///
/// Thread safety: none.
class ReadSet {
  public:
    /// Takes over what `execution` has read so far; `wiped_reads`: see VersionedView.
    void assign(const state::State& execution, std::span<const VersionedView::WipedRead> wiped_reads);

    /// Whether everything is still so in `now`: of an account the aspects that were observed, of a slot the value. A read
    /// without an answer counts as no.
    [[nodiscard]] bool holds(state::StateView& now) const;

    /// Whether each storage read took place under the wipe that committed order has there. Values alone would do; but a
    /// destroyed account that is created again has the same slots with another meaning, and there an accidental match is not
    /// trusted.
    [[nodiscard]] bool wipes_hold(const CommittedWipes& committed) const;

  private:
    struct AccountRead {
        address addr;
        uint8_t observed;
        bool existed;
        state::Account value;

        [[nodiscard]] bool holds(const std::optional<state::Account>& now) const noexcept;
    };
    struct SlotRead {
        address addr;
        uint256 slot;
        uint256 value;
    };

    std::vector<AccountRead> accounts_;
    std::vector<SlotRead> slots_;
    std::vector<VersionedView::WipedRead> wiped_reads_;
};

}  // namespace weft::execution::parallel
