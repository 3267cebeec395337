// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/versioned_view.hpp"
#include "weft/state/state.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace weft::execution::parallel {

/// Whose wipe each account's storage went through last, as far as the block is committed.
using CommittedWipes = boost::unordered_flat_map<address, Position, std::hash<address>>;

/// Whether everything that an execution learnt from its view is still so in `now`: of an account the aspects that it
/// observed, of a slot the value. A read without an answer counts as no.
[[nodiscard]] bool reads_hold(const state::State& execution, state::StateView& now);

/// Whether each storage read took place under the wipe that committed order has there. Values alone would do; but a
/// destroyed account that is created again has the same slots with another meaning, and there an accidental match is not
/// trusted.
[[nodiscard]] bool wipes_hold(const state::State& execution, const VersionedView& view, const CommittedWipes& committed);

}  // namespace weft::execution::parallel
