// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254_tower.hpp"

namespace weft::crypto::bn254 {
namespace {

Fp6 operator+(const Fp6& a, const Fp6& b) noexcept { return {a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2}; }
Fp6 operator-(const Fp6& a, const Fp6& b) noexcept { return {a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2}; }
Fp6 operator-(const Fp6& a) noexcept { return {-a.c0, -a.c1, -a.c2}; }

/// a * v.
Fp6 times_v(const Fp6& a) noexcept { return {times_xi(a.c2), a.c0, a.c1}; }

/// Karatsuba's method: six products in Fp2.
Fp6 operator*(const Fp6& a, const Fp6& b) noexcept {
    const Fp2 p0 = a.c0 * b.c0;
    const Fp2 p1 = a.c1 * b.c1;
    const Fp2 p2 = a.c2 * b.c2;
    const Fp2 p12 = (a.c1 + a.c2) * (b.c1 + b.c2) - p1 - p2;
    const Fp2 p01 = (a.c0 + a.c1) * (b.c0 + b.c1) - p0 - p1;
    const Fp2 p02 = (a.c0 + a.c2) * (b.c0 + b.c2) - p0 - p2;
    return {p0 + times_xi(p12), p01 + times_xi(p2), p02 + p1};
}

/// a * (b0 + b1 v): five products.
Fp6 times_sparse(const Fp6& a, const Fp2& b0, const Fp2& b1) noexcept {
    const Fp2 p0 = a.c0 * b0;
    const Fp2 p1 = a.c1 * b1;
    const Fp2 p12 = (a.c1 + a.c2) * b1 - p1;
    const Fp2 p01 = (a.c0 + a.c1) * (b0 + b1) - p0 - p1;
    const Fp2 p02 = (a.c0 + a.c2) * b0 - p0;
    return {p0 + times_xi(p12), p01, p02 + p1};
}

Fp6 operator*(const Fp6& a, const Fp2& b) noexcept { return {a.c0 * b, a.c1 * b, a.c2 * b}; }

/// By the adjugate: a * (t0 + t1 v + t2 v^2) is in Fp2.
Fp6 inverse(const Fp6& a) noexcept {
    const Fp2 t0 = square(a.c0) - times_xi(a.c1 * a.c2);
    const Fp2 t1 = times_xi(square(a.c2)) - a.c0 * a.c1;
    const Fp2 t2 = square(a.c1) - a.c0 * a.c2;
    const Fp2 norm = a.c0 * t0 + times_xi(a.c2 * t1 + a.c1 * t2);
    const Fp2 scale = inverse(norm);
    return {t0 * scale, t1 * scale, t2 * scale};
}

/// (a + b s)^2 with s^2 = xi, as the pair (a^2 + xi b^2, 2ab).
struct Fp4 {
    Fp2 c0;
    Fp2 c1;
};
Fp4 square_fp4(const Fp2& a, const Fp2& b) noexcept {
    const Fp2 aa = square(a);
    const Fp2 bb = square(b);
    return {aa + times_xi(bb), square(a + b) - aa - bb};
}

/// 3t - 2z and 3t + 2z.
Fp2 three_minus_two(const Fp2& t, const Fp2& z) noexcept { return doubled(t - z) + t; }
Fp2 three_plus_two(const Fp2& t, const Fp2& z) noexcept { return doubled(t + z) + t; }

consteval FrobeniusTable make_frobenius_table() noexcept {
    FrobeniusTable table;
    const Fp2 gamma = frobenius_of_w();
    // w^(p^(n+1)) = (g w)^p with g = w^(p^n) / w: the factor becomes conjugate(g) * gamma.
    Fp2 factor = gamma;
    for (auto& row : table.rows) {
        row[0] = kOneFp2;
        for (size_t k = 1; k < 6; ++k) row[k] = row[k - 1] * factor;
        factor = conjugate(factor) * gamma;
    }
    return table;
}

}  // namespace

constexpr FrobeniusTable kFrobenius = make_frobenius_table();

Fp2 inverse(const Fp2& a) noexcept {
    const Fp norm = square(a.c0) + square(a.c1);
    const Fp scale = inverse(norm);
    return {a.c0 * scale, -(a.c1 * scale)};
}

Fp12 operator*(const Fp12& a, const Fp12& b) noexcept {
    const Fp6 p0 = a.c0 * b.c0;
    const Fp6 p1 = a.c1 * b.c1;
    return {p0 + times_v(p1), (a.c0 + a.c1) * (b.c0 + b.c1) - p0 - p1};
}

// (c0 + c1 w)^2 = (c0 + c1)(c0 + v c1) - c0 c1 - v c0 c1 + 2 c0 c1 w.
Fp12 square(const Fp12& a) noexcept {
    const Fp6 p = a.c0 * a.c1;
    return {(a.c0 + a.c1) * (a.c0 + times_v(a.c1)) - p - times_v(p), p + p};
}

Fp12 inverse(const Fp12& a) noexcept {
    const Fp6 norm = a.c0 * a.c0 - times_v(a.c1 * a.c1);
    const Fp6 scale = inverse(norm);
    return {a.c0 * scale, -(a.c1 * scale)};
}

Fp12 conjugate(const Fp12& a) noexcept { return {a.c0, -a.c1}; }

Fp12 operator*(const Fp12& a, const LineValue& line) noexcept {
    const Fp6 p0 = a.c0 * line.w0;
    const Fp6 p1 = times_sparse(a.c1, line.w1, line.w3);
    return {p0 + times_v(p1), times_sparse(a.c0 + a.c1, line.w0 + line.w1, line.w3) - p0 - p1};
}

LineProduct operator*(const LineValue& a, const LineValue& b) noexcept {
    const Fp2 p00 = a.w0 * b.w0;
    const Fp2 p11 = a.w1 * b.w1;
    const Fp2 p33 = a.w3 * b.w3;
    const Fp2 p01 = (a.w0 + a.w1) * (b.w0 + b.w1) - p00 - p11;
    const Fp2 p03 = (a.w0 + a.w3) * (b.w0 + b.w3) - p00 - p33;
    const Fp2 p13 = (a.w1 + a.w3) * (b.w1 + b.w3) - p11 - p33;
    return {{p00 + times_xi(p33), p11, p13}, p01, p03};
}

Fp12 operator*(const Fp12& a, const LineProduct& lines) noexcept {
    const Fp6 p0 = a.c0 * lines.c0;
    const Fp6 p1 = times_sparse(a.c1, lines.w1, lines.w3);
    const Fp6 sum = {lines.c0.c0 + lines.w1, lines.c0.c1 + lines.w3, lines.c0.c2};
    return {p0 + times_v(p1), (a.c0 + a.c1) * sum - p0 - p1};
}

// R. Granger and M. Scott, "Faster Squaring in the Cyclotomic Subgroup of Sixth Degree Extensions", 2010: three
// squarings over Fp4 = Fp2[w^3], for the pairs of coefficients (w^0, w^3), (w^1, w^4) and (w^2, w^5).
Fp12 cyclotomic_square(const Fp12& a) noexcept {
    const Fp4 t03 = square_fp4(a.c0.c0, a.c1.c1);
    const Fp4 t14 = square_fp4(a.c1.c0, a.c0.c2);
    const Fp4 t25 = square_fp4(a.c0.c1, a.c1.c2);
    Fp12 r;
    r.c0.c0 = three_minus_two(t03.c0, a.c0.c0);
    r.c1.c1 = three_plus_two(t03.c1, a.c1.c1);
    r.c0.c1 = three_minus_two(t14.c0, a.c0.c1);
    r.c1.c2 = three_plus_two(t14.c1, a.c1.c2);
    r.c0.c2 = three_minus_two(t25.c0, a.c0.c2);
    r.c1.c0 = three_plus_two(times_xi(t25.c1), a.c1.c0);
    return r;
}

Fp12 frobenius(const Fp12& a, unsigned n) noexcept {
    const auto& row = kFrobenius.rows[n - 1];
    const auto power = [n](const Fp2& c) { return n % 2 == 1 ? conjugate(c) : c; };
    return {{power(a.c0.c0), power(a.c0.c1) * row[2], power(a.c0.c2) * row[4]},
            {power(a.c1.c0) * row[1], power(a.c1.c1) * row[3], power(a.c1.c2) * row[5]}};
}

}  // namespace weft::crypto::bn254
