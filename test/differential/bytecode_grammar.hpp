// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/random.hpp"
#include "weft/types/revision.hpp"

#include <vector>

namespace weft::test {

/// What random contracts speak of: few accounts and few slots, so that transactions meet.
struct Vocabulary {
    types::Revision revision;
    std::vector<address> accounts;
    uint64_t slots = 3;
    /// Which init codes creations use, and how many salts: few, so that CREATE2 meets the same address again.
    std::vector<size_t> init_codes;
    uint64_t salts = 1;
    uint64_t block_number = 0;
};

/// Code made of statements that leave the stack as it was: storage and transient storage, calls of every kind with and
/// without value, creations, self-destructions, logs, reverts, branches on whatever can be read of the state, the block, the
/// transaction and the gas that is left.
[[nodiscard]] bytes random_code(Random& random, const Vocabulary& vocabulary);

/// Code that creates one contract and does nothing else.
[[nodiscard]] bytes random_factory(Random& random, const Vocabulary& vocabulary);

/// Code that loads, compares, changes and stores few slots again and again, and now and then pays when a slot says so.
[[nodiscard]] bytes hot_slots_code(Random& random, const Vocabulary& vocabulary);

/// Code that pays: a little, all that there is, more than there is, or nothing; and that looks at what accounts have, and whether they
/// are there at all.
[[nodiscard]] bytes balances_code(Random& random, const Vocabulary& vocabulary);

/// Code that makes `child` count, or destroy itself, and looks at it.
[[nodiscard]] bytes visitor_code(Random& random, const Vocabulary& vocabulary, const address& child);

/// Code that creates a counter, at `child` if the vocabulary leaves no choice, and destroys it at once when it is called with data.
[[nodiscard]] bytes phoenix_code(Random& random, const Vocabulary& vocabulary, const address& child);

/// Code that only adds to slots and subtracts from them.
[[nodiscard]] bytes random_adder(Random& random, const Vocabulary& vocabulary);

/// Init code of at most 32 bytes.
inline constexpr size_t kInitCodes = 7;
[[nodiscard]] bytes_view init_code(size_t index);

/// The init code that deploys a counter of two slots: called without data, it adds slot 1, and one, to slot 0; with data, it destroys
/// itself.
inline constexpr size_t kCounter = 6;
/// What it deploys.
[[nodiscard]] bytes_view counter_code();

}  // namespace weft::test
