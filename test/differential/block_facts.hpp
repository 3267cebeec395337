// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/differential/block_generator.hpp"

namespace weft::test {

/// How much there is in blocks of what lets transactions meet, counted while they are executed in order. Each counts transactions, and
/// none twice.
struct BlockFacts {
    size_t transactions = 0;   ///< That were executed.
    size_t slot_readers = 0;   ///< Read a slot that one before has changed.
    size_t slot_writers = 0;   ///< Change a slot that one before has changed.
    size_t bare_credits = 0;   ///< Pay an account that one before has paid, without looking at it: credits that can be deferred.
    size_t lookers = 0;        ///< Look at the balance of an account, or whether it is empty, that one before has changed.
    size_t failed_funds = 0;   ///< Find that somebody has less than was to be paid.
    size_t emptied = 0;        ///< Leave an account without anything of a balance that it had.
    size_t wipes = 0;          ///< Destroy an account, or its storage.
    size_t recreations = 0;    ///< Give code to an account that one before has destroyed.
    size_t wiped_readers = 0;  ///< Read a slot of an account that one before has destroyed.
    size_t followers = 0;      ///< Come from a sender who has sent one before.
    size_t invalid_blocks = 0;

    BlockFacts& operator+=(const BlockFacts& other) noexcept;
};

[[nodiscard]] BlockFacts facts_of(GeneratedBlock& block);

}  // namespace weft::test
