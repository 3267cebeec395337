// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/crypto/bn254_tower.hpp"

/// The groups of the pairing: G1 = E(Fp), E: y^2 = x^3 + 3; G2 = the subgroup of order r of the twist
/// E': y^2 = x^3 + 3 / xi over Fp2.
namespace weft::crypto::bn254 {

/// Affine point; the encoding of EIP-196 has (0, 0) for the point at infinity, which is not on the curve.
template <typename Field>
struct AffinePoint {
    Field x;
    Field y;

    [[nodiscard]] constexpr bool is_infinity() const noexcept { return x.is_zero() && y.is_zero(); }
    friend constexpr bool operator==(const AffinePoint&, const AffinePoint&) noexcept = default;
};

using G1Affine = AffinePoint<Fp>;
using G2Affine = AffinePoint<Fp2>;

/// Jacobian point (X / Z^2, Y / Z^3); infinity has Z = 0.
template <typename Field>
struct JacobianPoint {
    Field x;
    Field y;
    Field z;

    [[nodiscard]] constexpr bool is_infinity() const noexcept { return z.is_zero(); }
};

using G1Jacobian = JacobianPoint<Fp>;
using G2Jacobian = JacobianPoint<Fp2>;

/// 3 and 3 / xi.
inline constexpr Fp kCurveB = to_field(3);
extern const Fp2 kTwistB;

[[nodiscard]] bool is_on_curve(const G1Affine& point) noexcept;
[[nodiscard]] bool is_on_curve(const G2Affine& point) noexcept;

[[nodiscard]] G1Jacobian to_jacobian(const G1Affine& point) noexcept;
[[nodiscard]] G2Jacobian to_jacobian(const G2Affine& point) noexcept;
[[nodiscard]] G1Affine to_affine(const G1Jacobian& point) noexcept;
[[nodiscard]] G2Affine to_affine(const G2Jacobian& point) noexcept;

/// Complete: every pair of points, equal, opposite and infinite ones too.
[[nodiscard]] G1Jacobian add(const G1Jacobian& a, const G1Jacobian& b) noexcept;
[[nodiscard]] G2Jacobian add(const G2Jacobian& a, const G2Jacobian& b) noexcept;
[[nodiscard]] G1Jacobian doubled(const G1Jacobian& a) noexcept;
[[nodiscard]] G2Jacobian doubled(const G2Jacobian& a) noexcept;

/// [scalar] point by double-and-add, for any point of the curve.
[[nodiscard]] G1Jacobian multiply_plain(const G1Affine& point, const uint256& scalar) noexcept;
[[nodiscard]] G2Jacobian multiply_plain(const G2Affine& point, const uint256& scalar) noexcept;

/// [scalar] point by the endomorphism of G1; variable time.
[[nodiscard]] G1Jacobian multiply(const G1Affine& point, const uint256& scalar) noexcept;

/// The endomorphism (x, y) -> (beta x, y), which is multiplication by a cube root of unity modulo r.
[[nodiscard]] G1Affine endomorphism(const G1Affine& point) noexcept;

/// psi, the p-th power Frobenius map seen from the twist.
[[nodiscard]] G2Affine frobenius(const G2Affine& point) noexcept;

}  // namespace weft::crypto::bn254
