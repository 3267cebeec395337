// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/crypto/bn254_field.hpp"

/// The extension tower under the pairing: Fp2 = Fp[i]/(i^2 + 1), Fp6 = Fp2[v]/(v^3 - xi), Fp12 = Fp6[w]/(w^2 - v) with
/// xi = 9 + i, so that w^6 = xi and Fp12 = Fp2[w]/(w^6 - xi).
namespace weft::crypto::bn254 {

/// c0 + c1 i.
struct Fp2 {
    Fp c0;
    Fp c1;

    [[nodiscard]] constexpr bool is_zero() const noexcept { return c0.is_zero() && c1.is_zero(); }
    friend constexpr bool operator==(const Fp2&, const Fp2&) noexcept = default;
};

inline constexpr Fp2 kOneFp2{kOne, {}};
inline constexpr Fp2 kXi{to_field(9), kOne};

[[gnu::always_inline]] constexpr Fp2 operator+(const Fp2& a, const Fp2& b) noexcept { return {a.c0 + b.c0, a.c1 + b.c1}; }
[[gnu::always_inline]] constexpr Fp2 operator-(const Fp2& a, const Fp2& b) noexcept { return {a.c0 - b.c0, a.c1 - b.c1}; }
[[gnu::always_inline]] constexpr Fp2 operator-(const Fp2& a) noexcept { return {-a.c0, -a.c1}; }
[[gnu::always_inline]] constexpr Fp2 doubled(const Fp2& a) noexcept { return a + a; }
[[gnu::always_inline]] constexpr Fp2 halved(const Fp2& a) noexcept { return {halved(a.c0), halved(a.c1)}; }
[[gnu::always_inline]] constexpr Fp2 conjugate(const Fp2& a) noexcept { return {a.c0, -a.c1}; }

[[gnu::noinline]] constexpr Fp2 operator*(const Fp2& a, const Fp2& b) noexcept {
    return {sum_of_products(a.c0, b.c0, a.c1, negative_unreduced(b.c1)), sum_of_products(a.c0, b.c1, a.c1, b.c0)};
}

constexpr Fp2 operator*(const Fp2& a, const Fp& b) noexcept { return {a.c0 * b, a.c1 * b}; }

[[gnu::noinline]] constexpr Fp2 square(const Fp2& a) noexcept { return {product(a.c0 + a.c1, a.c0 - a.c1), product(doubled(a.c0), a.c1)}; }

/// a * (9 + i).
[[gnu::always_inline]] constexpr Fp2 times_xi(const Fp2& a) noexcept {
    return {nine_times_plus(a.c0, negative_unreduced(a.c1)), nine_times_plus(a.c1, a.c0)};
}

/// a^-1; zero for zero.
[[nodiscard]] Fp2 inverse(const Fp2& a) noexcept;

/// c0 + c1 v + c2 v^2.
struct Fp6 {
    Fp2 c0;
    Fp2 c1;
    Fp2 c2;

    friend constexpr bool operator==(const Fp6&, const Fp6&) noexcept = default;
};

/// c0 + c1 w.
struct Fp12 {
    Fp6 c0;
    Fp6 c1;

    friend constexpr bool operator==(const Fp12&, const Fp12&) noexcept = default;
};

inline constexpr Fp12 kOneFp12{{kOneFp2, {}, {}}, {}};

/// The value of a line of the Miller loop: w0 + w1 w + w3 w^3, the only powers of w that occur.
struct LineValue {
    Fp2 w0;
    Fp2 w1;
    Fp2 w3;
};

/// The product of two line values: every power of w but the fifth.
struct LineProduct {
    Fp6 c0;
    Fp2 w1;
    Fp2 w3;
};

[[nodiscard]] Fp12 operator*(const Fp12& a, const Fp12& b) noexcept;
[[nodiscard]] Fp12 square(const Fp12& a) noexcept;
[[nodiscard]] Fp12 inverse(const Fp12& a) noexcept;
/// a^(p^6); the inverse of an element of the cyclotomic subgroup.
[[nodiscard]] Fp12 conjugate(const Fp12& a) noexcept;
[[nodiscard]] Fp12 operator*(const Fp12& a, const LineValue& line) noexcept;
[[nodiscard]] Fp12 operator*(const Fp12& a, const LineProduct& lines) noexcept;
[[nodiscard]] LineProduct operator*(const LineValue& a, const LineValue& b) noexcept;

/// a^2 for a in the cyclotomic subgroup, the elements with a^(p^4 - p^2 + 1) = 1.
[[nodiscard]] Fp12 cyclotomic_square(const Fp12& a) noexcept;

/// xi^((p - 1) / 6): w^p = w * kFrobeniusOfW.
[[nodiscard]] consteval Fp2 frobenius_of_w() noexcept {
    Limbs exponent = kP;  // p - 1 is even, and division by 6 of the limbs from the top is exact
    exponent[0] -= 1;
    uint64_t remainder = 0;
    for (size_t i = 4; i-- > 0;) {
        const uint128 t = (static_cast<uint128>(remainder) << 64) | exponent[i];
        exponent[i] = static_cast<uint64_t>(t / 6);
        remainder = static_cast<uint64_t>(t % 6);
    }
    Fp2 power = kOneFp2;
    for (size_t bit = 256; bit-- > 0;) {
        power = square(power);
        if (((exponent[bit / 64] >> (bit % 64)) & 1) != 0) power = power * kXi;
    }
    return power;
}

/// Row n - 1 holds (w^(p^n) / w)^k for k = 0..5, n = 1..3: by what a coefficient of w^k is multiplied under a^(p^n).
struct FrobeniusTable {
    std::array<std::array<Fp2, 6>, 3> rows{};
};

extern const FrobeniusTable kFrobenius;

/// a^(p^n), n = 1, 2 or 3.
[[nodiscard]] Fp12 frobenius(const Fp12& a, unsigned n) noexcept;

}  // namespace weft::crypto::bn254
