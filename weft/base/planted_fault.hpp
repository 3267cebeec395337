// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace weft {

/// Bugs that a simulation can plant in the code (weft/base/simulation/), to see that it finds them.
enum class Fault : uint8_t {
    lost_wakeup,           ///< A sleeper is woken without the lock that he falls asleep under.
    stale_read,            ///< What was read before lower transactions committed is taken to have been read after.
    two_committers,        ///< The commit role is looked at and taken in two steps.
    boundless_repair,      ///< Slots that were read as relative are repaired whatever their value is now.
    untold_listener,       ///< Whether a read is under way is looked at, and its listener noted, in two steps.
    uncounted_drop,        ///< What a transaction does not write again goes without being counted as a change.
    uncounted_repetition,  ///< A transaction that was executed again is no reason to look whether later ones still hold.
    unchecked_payment,     ///< What payments in a row presume of accounts is taken to hold when they are executed.
    trusted_counter,       ///< What was foretold of a counter is taken to have come true.
    trusted_early_store,   ///< What was stored at last is taken to be what was published early.
    ignored_additions,     ///< What is added to a slot is taken to be tolerated, however much there is.
    missed_wipe,           ///< A slot is taken to be unchanged where the storage of its account was wiped.
};

/// Whether the code is to have that bug. In a build that simulates nothing: never, at no cost.
#if defined(WEFT_SIMULATION)
[[nodiscard]] bool is_planted(Fault fault) noexcept;
#else
[[nodiscard]] constexpr bool is_planted(Fault /*fault*/) noexcept { return false; }
#endif

}  // namespace weft
