// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/optimisation.hpp"
#include "weft/base/uint256.hpp"
#include "weft/crypto/bn254_field_adx.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

/// The prime field of alt_bn128 (EIP-196, EIP-197). Every constant follows from the curve parameter u.
namespace weft::crypto::bn254 {

using uint128 = unsigned __int128;
using int128 = __int128;
using Limbs = std::array<uint64_t, 4>;

/// The parameter of the Barreto-Naehrig family: p, r and the length of the Miller loop are polynomials in it.
inline constexpr uint64_t kU = 4965661367192848881;

/// a * b + c for c < 2^64, modulo 2^256.
[[nodiscard]] constexpr Limbs multiply_add(const Limbs& a, uint64_t b, uint64_t c) noexcept {
    Limbs r{};
    uint128 carry = c;
    for (size_t i = 0; i < 4; ++i) {
        carry += static_cast<uint128>(a[i]) * b;
        r[i] = static_cast<uint64_t>(carry);
        carry >>= 64;
    }
    return r;
}

/// 36u^4 + 36u^3 + c2 u^2 + 6u + 1: p for c2 = 24, r for c2 = 18. Horner's rule from ((36u + 36)u + c2)u + 6.
[[nodiscard]] constexpr Limbs family_polynomial(uint64_t c2) noexcept {
    Limbs r = {36, 0, 0, 0};
    for (const uint64_t coefficient : {uint64_t{36}, c2, uint64_t{6}, uint64_t{1}}) r = multiply_add(r, kU, coefficient);
    return r;
}

/// The field modulus p.
inline constexpr Limbs kP = family_polynomial(24);
/// The order r of the groups G1, G2 and GT.
inline constexpr uint256 kR{family_polynomial(18)[0], family_polynomial(18)[1], family_polynomial(18)[2], family_polynomial(18)[3]};

static_assert(kP == Limbs{0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029}, "EIP-196 field_modulus");

/// -p^-1 modulo 2^64, by Newton's iteration.
inline constexpr uint64_t kMinusInverseP = [] {
    uint64_t inverse = 1;
    for (int i = 0; i < 6; ++i) inverse *= 2 - kP[0] * inverse;
    return -inverse;
}();

/// An element of Fp in Montgomery form: w holds value * 2^256 mod p, always below p, least significant limb first.
struct Fp {
    Limbs w{};

    [[nodiscard]] constexpr bool is_zero() const noexcept { return (w[0] | w[1] | w[2] | w[3]) == 0; }
    friend constexpr bool operator==(const Fp&, const Fp&) noexcept = default;
};

/// a + b * c + carry; the high half replaces carry.
[[gnu::always_inline, nodiscard]] constexpr uint64_t multiply_accumulate(uint64_t a, uint64_t b, uint64_t c, uint64_t& carry) noexcept {
    const uint128 t = static_cast<uint128>(b) * c + a + carry;
    carry = static_cast<uint64_t>(t >> 64);
    return static_cast<uint64_t>(t);
}

/// a - b without reduction; borrow is 0 or 1.
[[gnu::always_inline]] constexpr Limbs subtract_limbs(const Limbs& a, const Limbs& b, uint64_t& borrow) noexcept {
    Limbs r{};
    borrow = 0;
    for (size_t i = 0; i < 4; ++i) {
        const uint128 t = static_cast<uint128>(a[i]) - b[i] - borrow;
        r[i] = static_cast<uint64_t>(t);
        borrow = static_cast<uint64_t>(t >> 64) & 1;
    }
    return r;
}

/// a + b modulo 2^256.
[[gnu::always_inline]] constexpr Limbs add_limbs(const Limbs& a, const Limbs& b) noexcept {
    Limbs r{};
    uint128 carry = 0;
    for (size_t i = 0; i < 4; ++i) {
        carry += static_cast<uint128>(a[i]) + b[i];
        r[i] = static_cast<uint64_t>(carry);
        carry >>= 64;
    }
    return r;
}

/// Brings a value below 2p to the one below p.
[[gnu::always_inline, nodiscard]] constexpr Fp reduce_once(const Limbs& t) noexcept {
    uint64_t borrow = 0;
    const Limbs d = subtract_limbs(t, kP, borrow);
    Fp r;
    for (size_t i = 0; i < 4; ++i) r.w[i] = borrow != 0 ? t[i] : d[i];
    return r;
}

[[gnu::always_inline]] constexpr Fp operator+(const Fp& a, const Fp& b) noexcept { return reduce_once(add_limbs(a.w, b.w)); }

[[gnu::always_inline]] constexpr Fp operator-(const Fp& a, const Fp& b) noexcept {
    uint64_t borrow = 0;
    const Limbs d = subtract_limbs(a.w, b.w, borrow);
    const uint64_t mask = -borrow;
    return {add_limbs(d, {kP[0] & mask, kP[1] & mask, kP[2] & mask, kP[3] & mask})};
}

[[gnu::always_inline]] constexpr Fp operator-(const Fp& a) noexcept { return Fp{} - a; }
[[gnu::always_inline]] constexpr Fp doubled(const Fp& a) noexcept { return a + a; }

/// a / 2.
[[gnu::always_inline]] constexpr Fp halved(const Fp& a) noexcept {
    const uint64_t mask = -(a.w[0] & 1);
    const Limbs t = add_limbs(a.w, {kP[0] & mask, kP[1] & mask, kP[2] & mask, kP[3] & mask});
    return {{(t[0] >> 1) | (t[1] << 63), (t[1] >> 1) | (t[2] << 63), (t[2] >> 1) | (t[3] << 63), t[3] >> 1}};
}

/// Montgomery's product a * b / 2^256 for factors up to 2p. Operand scanning; p has two spare bits, so that the running
/// sum, at most 3p between two rows, keeps to four limbs, and the last one, at most 4p^2 / 2^256 + p, is below 2p.
[[gnu::always_inline]] constexpr Fp product_portable(const Fp& a, const Fp& b) noexcept {
    uint64_t t0 = 0;
    uint64_t t1 = 0;
    uint64_t t2 = 0;
    uint64_t t3 = 0;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 4; ++i) {
        uint64_t high = 0;
        uint64_t carry = 0;
        t0 = multiply_accumulate(t0, a.w[0], b.w[i], high);
        const uint64_t m = t0 * kMinusInverseP;
        (void)multiply_accumulate(t0, m, kP[0], carry);
        t1 = multiply_accumulate(t1, a.w[1], b.w[i], high);
        t0 = multiply_accumulate(t1, m, kP[1], carry);
        t2 = multiply_accumulate(t2, a.w[2], b.w[i], high);
        t1 = multiply_accumulate(t2, m, kP[2], carry);
        t3 = multiply_accumulate(t3, a.w[3], b.w[i], high);
        t2 = multiply_accumulate(t3, m, kP[3], carry);
        t3 = high + carry;
    }
    return reduce_once({t0, t1, t2, t3});
}

/// a * b + c * d with one Montgomery reduction. Factors at most p: the last sum, at most 2p^2 / 2^256 + p, is below 2p.
[[gnu::always_inline]] constexpr Fp sum_of_products_portable(const Fp& a, const Fp& b, const Fp& c, const Fp& d) noexcept {
    Limbs t{};
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 4; ++i) {
        uint64_t high_ab = 0;
        uint64_t high_cd = 0;
        uint64_t carry = 0;
#pragma clang loop unroll(full)
        for (size_t j = 0; j < 4; ++j) t[j] = multiply_accumulate(t[j], a.w[j], b.w[i], high_ab);
#pragma clang loop unroll(full)
        for (size_t j = 0; j < 4; ++j) t[j] = multiply_accumulate(t[j], c.w[j], d.w[i], high_cd);
        const uint64_t m = t[0] * kMinusInverseP;
        (void)multiply_accumulate(t[0], m, kP[0], carry);
        t[0] = multiply_accumulate(t[1], m, kP[1], carry);
        t[1] = multiply_accumulate(t[2], m, kP[2], carry);
        t[2] = multiply_accumulate(t[3], m, kP[3], carry);
        t[3] = high_ab + high_cd + carry;
    }
    return reduce_once(t);
}

#if defined(WEFT_BN254_ADX)
inline constexpr MontgomeryConstants kMontgomeryConstants{.p = kP, .minus_inverse = kMinusInverseP};

/// Whether the processor runs bn254_field_adx.hpp: two loads and two branches that are always predicted.
[[gnu::always_inline]] inline bool has_adx() noexcept {
    return optimisation::kProcessorExtensions && __builtin_cpu_supports("adx") && __builtin_cpu_supports("bmi2");
}
#endif

/// a * b for factors up to 2p.
[[gnu::always_inline]] constexpr Fp product(const Fp& a, const Fp& b) noexcept {
#if defined(WEFT_BN254_ADX)
    if !consteval {
        if (has_adx()) [[likely]]
            return reduce_once(product_adx(a.w, b.w, kMontgomeryConstants));
    }
#endif
    return product_portable(a, b);
}

/// a * b + c * d for factors up to p.
[[gnu::always_inline]] constexpr Fp sum_of_products(const Fp& a, const Fp& b, const Fp& c, const Fp& d) noexcept {
#if defined(WEFT_BN254_ADX)
    if !consteval {
        if (has_adx()) [[likely]]
            return reduce_once(sum_of_products_adx(a.w, b.w, c.w, d.w, kMontgomeryConstants));
    }
#endif
    return sum_of_products_portable(a, b, c, d);
}

/// 9a + b, the step of the multiplication by 9 + i. With b <= p the sum is at most 10p < 2^258; its quotient by p is
/// estimated from the bits above 2^250: p / 2^250 is 12.097, 2048 / 169 is 12.118, so the estimate is exact or one low.
[[gnu::always_inline]] constexpr Fp nine_times_plus(const Fp& a, const Fp& b) noexcept {
    Limbs t{};
    uint64_t high = 0;
    for (size_t i = 0; i < 4; ++i) t[i] = multiply_accumulate(b.w[i], a.w[i], 9, high);
    const uint64_t quotient = (((high << 6) | (t[3] >> 58)) * 169) >> 11;
    const Limbs multiple = multiply_add(kP, quotient, 0);
    uint64_t borrow = 0;
    return reduce_once(subtract_limbs(t, multiple, borrow));
}

/// a + b, below 2p for reduced operands: only for factors of product().
[[gnu::always_inline]] constexpr Fp add_unreduced(const Fp& a, const Fp& b) noexcept { return {add_limbs(a.w, b.w)}; }

/// p - a, at most p: cheaper than the reduced negative where the consumer allows p.
[[gnu::always_inline]] constexpr Fp negative_unreduced(const Fp& a) noexcept {
    uint64_t borrow = 0;
    return {subtract_limbs(kP, a.w, borrow)};
}

[[gnu::noinline]] constexpr Fp operator*(const Fp& a, const Fp& b) noexcept { return product(a, b); }
constexpr Fp square(const Fp& a) noexcept { return a * a; }

/// 2^(64 n) mod p, not in Montgomery form.
[[nodiscard]] constexpr Fp power_of_word(size_t n) noexcept {
    Fp r{{1, 0, 0, 0}};
    for (size_t i = 0; i < 64 * n; ++i) r = doubled(r);
    return r;
}

inline constexpr Fp kOne = power_of_word(4);
inline constexpr Fp kRadixSquared = power_of_word(8);
inline constexpr Fp kRadixCubed = power_of_word(12);

/// The element `value` stands for; value < p.
[[nodiscard]] constexpr Fp to_field(const Limbs& value) noexcept { return product(Fp{value}, kRadixSquared); }
[[nodiscard]] constexpr Fp to_field(uint64_t value) noexcept { return to_field(Limbs{value, 0, 0, 0}); }

/// The number below p that `a` stands for.
[[nodiscard]] constexpr Limbs from_field(const Fp& a) noexcept { return product(a, Fp{{1, 0, 0, 0}}).w; }

/// 32 bytes, big-endian. nullopt: not below p (EIP-196, "Encoding").
[[nodiscard]] inline std::optional<Fp> decode_field(const uint8_t* data) noexcept {
    const uint256 value = load_be(data);
    if (!(value < uint256{kP[0], kP[1], kP[2], kP[3]})) return std::nullopt;
    return to_field(value.w);
}

inline void encode_field(uint8_t* out, const Fp& a) noexcept {
    const Limbs value = from_field(a);
    store_be(out, uint256{value[0], value[1], value[2], value[3]});
}

/// a^-1; zero for zero. Variable time.
[[nodiscard]] Fp inverse(const Fp& a) noexcept;

}  // namespace weft::crypto::bn254
