// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/crypto/bn254_curve.hpp"

#include <span>

namespace weft::crypto::bn254 {

/// One factor e(p, q) of a product of pairings. Both points are on their curves.
struct PairingInput {
    G1Affine p;
    G2Affine q;
};

/// Whether a point of the twist lies in G2, that is [r] q = infinity. Any point on the twist.
[[nodiscard]] bool is_in_subgroup(const G2Affine& q) noexcept;

/// The value of the Miller loop of all inputs together; nullopt when a q is not in G2.
[[nodiscard]] std::optional<Fp12> miller_loop(std::span<const PairingInput> inputs);

/// f^(m (p^12 - 1) / r) with m = 2u (6u^2 + 3u + 1), which is prime to r: a bilinear, non-degenerate pairing follows.
[[nodiscard]] Fp12 final_exponentiation(const Fp12& f) noexcept;

}  // namespace weft::crypto::bn254
