// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254_field.hpp"

#include <algorithm>
#include <bit>

namespace weft::crypto::bn254 {
namespace {

/// Halvings per round: the factors of a round then fit 32 bits, with their sign.
constexpr unsigned kRound = 31;

/// The signed factors that a round of halvings and subtractions applied: a' = (a f0 + b g0) / 2^31, b' alike.
struct Factors {
    int64_t f0 = 1;
    int64_t g0 = 0;
    int64_t f1 = 0;
    int64_t g1 = 1;
};

/// A value below 2^319 in absolute size, two's complement.
struct Signed320 {
    Limbs low{};
    int64_t high = 0;
};

Signed320 combine(const Limbs& a, int64_t f, const Limbs& b, int64_t g) noexcept {
    Signed320 r;
    int128 sum = 0;
    for (size_t i = 0; i < 4; ++i) {
        sum += static_cast<int128>(a[i]) * f + static_cast<int128>(b[i]) * g;
        r.low[i] = static_cast<uint64_t>(sum);
        sum >>= 64;
    }
    r.high = static_cast<int64_t>(sum);
    return r;
}

Limbs shift_round(const Signed320& t) noexcept {
    Limbs r;
    for (size_t i = 0; i < 4; ++i) {
        const uint64_t next = i < 3 ? t.low[i + 1] : static_cast<uint64_t>(t.high);
        r[i] = (t.low[i] >> kRound) | (next << (64 - kRound));
    }
    return r;
}

/// (a f + b g) / 2^31, exact by construction; a negative result changes its sign and that of its factors.
Limbs apply_to_value(const Limbs& a, int64_t& f, const Limbs& b, int64_t& g) noexcept {
    const Signed320 t = combine(a, f, b, g);
    const Limbs r = shift_round(t);
    if (t.high >= 0) return r;
    f = -f;
    g = -g;
    uint64_t borrow = 0;
    return subtract_limbs(Limbs{}, r, borrow);
}

/// (u f + v g) / 2^31 modulo p, for u, v < p.
Limbs apply_to_cofactor(const Limbs& u, int64_t f, const Limbs& v, int64_t g) noexcept {
    Signed320 t = combine(u, f, v, g);
    // Adding the right multiple of p makes the sum divisible by 2^31.
    const uint64_t m = (t.low[0] * kMinusInverseP) & ((uint64_t{1} << kRound) - 1);
    int128 carry = 0;
    for (size_t i = 0; i < 4; ++i) {
        carry += static_cast<int128>(static_cast<uint128>(kP[i]) * m) + t.low[i];
        t.low[i] = static_cast<uint64_t>(carry);
        carry >>= 64;
    }
    t.high += static_cast<int64_t>(carry);
    const Limbs r = shift_round(t);  // in (-p, 2p)
    if (t.high < 0) return add_limbs(r, kP);
    return reduce_once(r).w;
}

/// The low 31 bits and the 33 bits below bit n: enough to take the same decisions as on the whole numbers, but for
/// rare wrong comparisons, which only change a sign.
uint64_t approximate(const Limbs& a, unsigned n) noexcept {
    const unsigned shift = n - 33;
    const unsigned limb = shift / 64;
    uint64_t top = a[limb] >> (shift % 64);
    if (shift % 64 != 0 && limb < 3) top |= a[limb + 1] << (64 - shift % 64);
    return (a[0] & ((uint64_t{1} << kRound) - 1)) | (top << kRound);
}

unsigned bit_length(const Limbs& a) noexcept {
    for (size_t i = 4; i-- > 0;)
        if (a[i] != 0) return static_cast<unsigned>(64 * i) + static_cast<unsigned>(std::bit_width(a[i]));
    return 0;
}

template <typename T>
void conditional_swap(T& a, T& b, T mask) noexcept {
    const T t = (a ^ b) & mask;
    a ^= t;
    b ^= t;
}

/// 31 steps of the binary greatest-common-divisor algorithm on the approximations: while a is odd, the smaller number
/// is taken from the larger; then a is halved. Without branches, which nothing could predict.
Factors run_round(uint64_t a, uint64_t b) noexcept {
    Factors k;
    for (unsigned i = 0; i < kRound; ++i) {
        const uint64_t odd = -(a & 1);
        const uint64_t swap = a < b ? odd : 0;
        conditional_swap(a, b, swap);
        conditional_swap(k.f0, k.f1, static_cast<int64_t>(swap));
        conditional_swap(k.g0, k.g1, static_cast<int64_t>(swap));
        a -= b & odd;
        k.f0 -= k.f1 & static_cast<int64_t>(odd);
        k.g0 -= k.g1 & static_cast<int64_t>(odd);
        a >>= 1;
        k.f1 *= 2;
        k.g1 *= 2;
    }
    return k;
}

}  // namespace

// Binary extended Euclid, with the inner steps on 64-bit approximations (T. Pornin, "Optimized Binary GCD for Modular
// Inversion", 2020). Invariant: a = x u and b = x v modulo p for the input x.
Fp inverse(const Fp& input) noexcept {
    if (input.is_zero()) return {};
    Limbs a = input.w;
    Limbs b = kP;
    Limbs u = {1, 0, 0, 0};
    Limbs v{};
    while ((a[0] | a[1] | a[2] | a[3]) != 0) {
        const unsigned n = std::max({bit_length(a), bit_length(b), 64U});
        Factors k = run_round(approximate(a, n), approximate(b, n));
        const Limbs next_a = apply_to_value(a, k.f0, b, k.g0);
        const Limbs next_b = apply_to_value(a, k.f1, b, k.g1);
        a = next_a;
        b = next_b;
        const Limbs next_u = apply_to_cofactor(u, k.f0, v, k.g0);
        v = apply_to_cofactor(u, k.f1, v, k.g1);
        u = next_u;
    }
    // v = value^-1 * 2^-256; the Montgomery form is value^-1 * 2^256, and the product divides by 2^256 once more.
    return product(Fp{v}, kRadixCubed);
}

}  // namespace weft::crypto::bn254
