// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

#include <array>
#include <cstdint>
#include <expected>

/// BLS12-381 over the encodings of EIP-2537. A field element is 64 bytes big-endian, the first 16 zero; an element of
/// Fp2 is its real part, then its imaginary part; a point is x, then y, and infinity is all zeros; a scalar is 32 bytes
/// big-endian and need not be below the order.
namespace weft::crypto {

enum class Bls12Error : uint8_t {
    kBadLength,      ///< The input is empty or no whole number of items.
    kNotCanonical,   ///< A padding byte is not zero, or a field element is not below the prime.
    kNotOnCurve,     ///< A point does not satisfy the curve's equation.
    kNotInSubgroup,  ///< A point of a multiplication or a pairing is outside the subgroup of prime order.
};

using Bls12G1 = std::array<uint8_t, 128>;
using Bls12G2 = std::array<uint8_t, 256>;

inline constexpr size_t kBls12FpSize = 64;
inline constexpr size_t kBls12Fp2Size = 128;
inline constexpr size_t kBls12G1MsmItemSize = 160;  ///< point, scalar
inline constexpr size_t kBls12G2MsmItemSize = 288;  ///< point, scalar
inline constexpr size_t kBls12PairSize = 384;       ///< point of G1, point of G2

/// Sum of two points of the curve, which need not lie in the subgroup. Input: 256 bytes (G1) or 512 bytes (G2).
[[nodiscard]] std::expected<Bls12G1, Bls12Error> bls12_g1_add(bytes_view input);
[[nodiscard]] std::expected<Bls12G2, Bls12Error> bls12_g2_add(bytes_view input);

/// Sum of the products of one or more (point, scalar) items; the points lie in the subgroup.
[[nodiscard]] std::expected<Bls12G1, Bls12Error> bls12_g1_msm(bytes_view input);
[[nodiscard]] std::expected<Bls12G2, Bls12Error> bls12_g2_msm(bytes_view input);

/// Whether the product of the pairings of one or more (G1, G2) items is one; the points lie in the subgroups.
[[nodiscard]] std::expected<bool, Bls12Error> bls12_pairing_check(bytes_view input);

/// Maps a field element to a point of the subgroup (RFC 9380, section 6.6.3, and clearing of the cofactor).
/// Input: one element of Fp or of Fp2.
[[nodiscard]] std::expected<Bls12G1, Bls12Error> bls12_map_fp_to_g1(bytes_view input);
[[nodiscard]] std::expected<Bls12G2, Bls12Error> bls12_map_fp2_to_g2(bytes_view input);

}  // namespace weft::crypto
