// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254_pairing.hpp"

#include <vector>

namespace weft::crypto::bn254 {
namespace {

/// Signed binary digits of n, least significant first: non-adjacent for window 2, odd digits below 2^(window - 1) in
/// size for larger windows.
template <size_t Size>
consteval std::array<int8_t, Size> signed_digits(uint128 n, unsigned window) noexcept {
    std::array<int8_t, Size> digits{};
    for (size_t i = 0; n != 0; ++i) {
        if ((n & 1) != 0) {
            int digit = static_cast<int>(n & ((1U << window) - 1));
            if (digit >= 1 << (window - 1)) digit -= 1 << window;
            digits[i] = static_cast<int8_t>(digit);
            n = digit < 0 ? n + static_cast<unsigned>(-digit) : n - static_cast<unsigned>(digit);
        }
        n >>= 1;
    }
    return digits;
}

/// The length of the optimal ate loop, 6u + 2; its leading digit is 1.
constexpr size_t kLoopDigits = 66;
constexpr auto kLoop = signed_digits<kLoopDigits>(static_cast<uint128>(6) * kU + 2, 2);
static_assert(kLoop[kLoopDigits - 1] == 1);

/// A running multiple of q in homogeneous coordinates (X / Z, Y / Z).
struct G2Projective {
    Fp2 x;
    Fp2 y;
    Fp2 z;
};

/// A line through multiples of q up to a factor in Fp2, which the final exponentiation removes. At the point p the
/// line's value is y_coefficient * p.y + x_coefficient * p.x * w + constant * w^3.
struct Line {
    Fp2 y_coefficient;
    Fp2 x_coefficient;
    Fp2 constant;

    [[nodiscard]] LineValue at(const G1Affine& p) const noexcept { return {y_coefficient * p.y, x_coefficient * p.x, constant}; }
};

// Doubling with the tangent (C. Costello, T. Lange, M. Naehrig, "Faster Pairing Computations on Curves with High-Degree
// Twists", 2010). Exact for every point of the twist and for infinity; all zeros stay all zeros.
Line double_step(G2Projective& t) noexcept {
    const Fp2 a = halved(t.x * t.y);
    const Fp2 b = square(t.y);
    const Fp2 c = square(t.z);
    const Fp2 e = (doubled(c) + c) * kTwistB;
    const Fp2 f = doubled(e) + e;
    const Fp2 g = halved(b + f);
    const Fp2 h = square(t.y + t.z) - b - c;
    const Fp2 j = square(t.x);
    const Fp2 ee = square(e);
    t.x = a * (b - f);
    t.y = square(g) - (doubled(ee) + ee);
    t.z = b * h;
    return {-h, doubled(j) + j, e - b};
}

// Mixed addition with the chord, for q not infinity. It is exact unless t is q or infinity: then all coordinates
// become zero and stay so. t = -q gives infinity.
Line add_step(G2Projective& t, const G2Affine& q) noexcept {
    const Fp2 o = t.y - q.y * t.z;
    const Fp2 l = t.x - q.x * t.z;
    const Fp2 d = square(l);
    const Fp2 e = l * d;
    const Fp2 g = t.x * d;
    const Fp2 h = e + t.z * square(o) - doubled(g);
    t.x = l * h;
    t.y = (g - h) * o - t.y * e;
    t.z = t.z * e;
    return {l, -o, o * q.x - l * q.y};
}

G2Affine negated(const G2Affine& q) noexcept { return {q.x, -q.y}; }

// The loop ends at t = [6u + 2] q + psi(q) - psi^2(q), which is -psi^3(q) for q in G2. Conversely the equation puts q
// into G2: psi satisfies psi^2 - (6u^2 + 1) psi + p = 0 on the twist, and the resultant N of that polynomial with
// 6u + 2 + X - X^2 + X^3 annihilates q; gcd(N, order of the twist) = r. The exceptional cases of the steps end in
// z = 0, and points of G2 do not meet them: their multiples in the loop are distinct from +-1 modulo r.
bool closes_in_subgroup(const G2Projective& t, const G2Affine& q3) noexcept {
    return !t.z.is_zero() && t.x == q3.x * t.z && t.y == -(q3.y * t.z);
}

/// One pair of the product, with the multiple of q that the loop has reached.
struct RunningPair {
    G1Affine p;
    G2Affine q;
    G2Projective t;
};

/// Multiplies f by the lines of one step of every pair, two lines at a time. `step` advances a pair and returns its line.
template <typename Step>
void multiply_lines(Fp12& f, std::span<RunningPair> pairs, const Step& step) {
    size_t i = 0;
    for (; i + 1 < pairs.size(); i += 2) {
        const LineValue first = step(pairs[i]).at(pairs[i].p);
        const LineValue second = step(pairs[i + 1]).at(pairs[i + 1].p);
        f = f * (first * second);
    }
    if (i < pairs.size()) f = f * step(pairs[i]).at(pairs[i].p);
}

/// a^u in the cyclotomic subgroup.
Fp12 power_of_u(const Fp12& a) noexcept {
    constexpr unsigned kWindow = 4;
    constexpr auto kDigits = signed_digits<65>(kU, kWindow);
    std::array<Fp12, 4> odd_powers;
    odd_powers[0] = a;
    const Fp12 aa = cyclotomic_square(a);
    for (size_t i = 1; i < odd_powers.size(); ++i) odd_powers[i] = odd_powers[i - 1] * aa;

    size_t top = kDigits.size() - 1;
    while (kDigits[top] == 0) --top;
    Fp12 r = odd_powers[static_cast<size_t>(kDigits[top]) / 2];
    for (size_t i = top; i-- > 0;) {
        r = cyclotomic_square(r);
        if (const int digit = kDigits[i]; digit > 0)
            r = r * odd_powers[static_cast<size_t>(digit) / 2];
        else if (digit < 0)
            r = r * conjugate(odd_powers[static_cast<size_t>(-digit) / 2]);
    }
    return r;
}

}  // namespace

bool is_in_subgroup(const G2Affine& q) noexcept {
    if (q.is_infinity()) return true;
    G2Projective t{q.x, q.y, kOneFp2};
    const G2Affine minus_q = negated(q);
    for (size_t i = kLoopDigits - 1; i-- > 0;) {
        (void)double_step(t);
        if (kLoop[i] != 0) (void)add_step(t, kLoop[i] > 0 ? q : minus_q);
    }
    const G2Affine q1 = frobenius(q);
    const G2Affine q2 = frobenius(q1);
    (void)add_step(t, q1);
    (void)add_step(t, negated(q2));
    return closes_in_subgroup(t, frobenius(q2));
}

// F. Vercauteren, "Optimal Pairings", 2010; one chain of squarings serves all pairs.
std::optional<Fp12> miller_loop(std::span<const PairingInput> inputs) {
    std::vector<RunningPair> pairs;
    pairs.reserve(inputs.size());
    for (const PairingInput& input : inputs) {
        if (input.q.is_infinity()) continue;
        if (!input.p.is_infinity())
            pairs.push_back({input.p, input.q, {input.q.x, input.q.y, kOneFp2}});
        else if (!is_in_subgroup(input.q))
            return std::nullopt;
    }
    Fp12 f = kOneFp12;
    if (pairs.empty()) return f;

    for (size_t i = kLoopDigits - 1; i-- > 0;) {
        if (i + 2 < kLoopDigits) f = square(f);
        multiply_lines(f, pairs, [](RunningPair& pair) { return double_step(pair.t); });
        if (kLoop[i] > 0) multiply_lines(f, pairs, [](RunningPair& pair) { return add_step(pair.t, pair.q); });
        if (kLoop[i] < 0) multiply_lines(f, pairs, [](RunningPair& pair) { return add_step(pair.t, negated(pair.q)); });
    }
    multiply_lines(f, pairs, [](RunningPair& pair) {
        pair.q = frobenius(pair.q);
        return add_step(pair.t, pair.q);
    });
    multiply_lines(f, pairs, [](RunningPair& pair) {
        pair.q = frobenius(pair.q);
        return add_step(pair.t, negated(pair.q));
    });
    for (const RunningPair& pair : pairs)
        if (!closes_in_subgroup(pair.t, frobenius(pair.q))) return std::nullopt;
    return f;
}

// Easy part: f^((p^6 - 1)(p^2 + 1)). Hard part: L. Fuentes-Castaneda, E. Knapp, F. Rodriguez-Henriquez, "Faster Hashing
// to G2", 2011, section 4: m (p^4 - p^2 + 1) / r = l0 + l1 p + l2 p^2 + l3 p^3 with
//   l0 = 1 + 6u + 12u^2 + 12u^3   l1 = 4u + 6u^2 + 12u^3   l2 = 6u + 6u^2 + 12u^3   l3 = l1 - 1.
Fp12 final_exponentiation(const Fp12& f) noexcept {
    const Fp12 to_p6_minus_1 = conjugate(f) * inverse(f);
    const Fp12 g = frobenius(to_p6_minus_1, 2) * to_p6_minus_1;

    const Fp12 g2u = cyclotomic_square(power_of_u(g));
    const Fp12 g6u = cyclotomic_square(g2u) * g2u;
    const Fp12 g6u2 = power_of_u(g6u);
    const Fp12 g12u3 = power_of_u(cyclotomic_square(g6u2));
    const Fp12 l2 = g12u3 * g6u2 * g6u;
    const Fp12 l1 = l2 * conjugate(g2u);
    const Fp12 l0 = l2 * g6u2 * g;
    const Fp12 l3 = l1 * conjugate(g);
    return l0 * frobenius(l1, 1) * frobenius(l2, 2) * frobenius(l3, 3);
}

}  // namespace weft::crypto::bn254
