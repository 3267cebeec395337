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

/// Code that only adds to slots and subtracts from them.
[[nodiscard]] bytes random_adder(Random& random, const Vocabulary& vocabulary);

/// Init code of at most 32 bytes.
inline constexpr size_t kInitCodes = 6;
[[nodiscard]] bytes_view init_code(size_t index);

}  // namespace weft::test
