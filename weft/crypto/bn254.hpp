// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// The curve alt_bn128 over the encodings of its precompiled contracts. A field element is 32 bytes, big-endian and
/// below p; a point of G1 is x, y; a point of G2 is x, y with the coefficient of i first in each; zeros are infinity.
namespace weft::crypto::bn254 {

/// EIP-196, addition: two points of G1. False: an invalid encoding or a point not on the curve.
[[nodiscard]] bool add(std::span<uint8_t, 64> out, std::span<const uint8_t, 128> in) noexcept;

/// EIP-196, scalar multiplication: a point of G1 and any 256-bit scalar. False as for add.
[[nodiscard]] bool mul(std::span<uint8_t, 64> out, std::span<const uint8_t, 96> in) noexcept;

/// EIP-197: whether the product of the pairings of k pairs (G1, G2), 192 bytes each, is one; true for k = 0. nullopt:
/// the length is no multiple of 192, an encoding is invalid, a point is not on its curve or not in the subgroup.
[[nodiscard]] std::optional<bool> pairing_check(bytes_view in);

}  // namespace weft::crypto::bn254
