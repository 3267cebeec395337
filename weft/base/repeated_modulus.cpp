// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/repeated_modulus.hpp"

#include "weft/base/long_division.hpp"

namespace weft {

namespace {

using detail::multiply;
using detail::select;
using detail::subtract_once;

/// Shifts by fewer than 64 bits.
[[gnu::always_inline]] inline uint256 shift_left(const uint256& a, unsigned bits) noexcept {
    const unsigned rest = 63 - bits;
    return {a.w[0] << bits, a.w[1] << bits | a.w[0] >> 1 >> rest, a.w[2] << bits | a.w[1] >> 1 >> rest,
            a.w[3] << bits | a.w[2] >> 1 >> rest};
}
[[gnu::always_inline]] inline uint256 shift_right(const uint256& a, unsigned bits) noexcept {
    const unsigned rest = 63 - bits;
    return {a.w[0] >> bits | a.w[1] << 1 << rest, a.w[1] >> bits | a.w[2] << 1 << rest, a.w[2] >> bits | a.w[3] << 1 << rest,
            a.w[3] >> bits};
}

/// a * b modulo `divisor`, whose top bit is set, given a < divisor. The division is algorithm 4 of Möller and Granlund ("Improved
/// division by invariant integers", IEEE Transactions on Computers, 2011) with 2^256 as the word: `reciprocal` is
/// floor((2^512 - 1) / divisor) - 2^256.
[[gnu::always_inline]] inline uint256 multiply_by_reciprocal(const uint256& a, const uint256& b, const uint256& divisor,
                                                             const uint256& reciprocal) noexcept {
    const auto product = multiply<8>(a, b);
    const uint256 low{product[0], product[1], product[2], product[3]};
    const uint256 high{product[4], product[5], product[6], product[7]};
    const auto estimate = multiply<8>(reciprocal, high);
    const auto [fraction, carry] = checked_add({estimate[0], estimate[1], estimate[2], estimate[3]}, low);
    const uint256 quotient = uint256{estimate[4], estimate[5], estimate[6], estimate[7]} + high + (uint64_t{1} + (carry ? 1 : 0));
    const auto taken = multiply<4>(quotient, divisor);
    uint256 rest = low - uint256{taken[0], taken[1], taken[2], taken[3]};
    rest = select(fraction < rest, rest + divisor, rest);
    return subtract_once(rest, divisor);
}

using Multiply = uint256 (*)(const uint256& a, const uint256& b, const uint256& divisor, const uint256& reciprocal) noexcept;

uint256 multiply_baseline(const uint256& a, const uint256& b, const uint256& divisor, const uint256& reciprocal) noexcept {
    return multiply_by_reciprocal(a, b, divisor, reciprocal);
}

#ifdef __x86_64__
// MULX leaves the choice of registers, and the carry, alone.
[[gnu::target("bmi2")]] uint256 multiply_bmi2(const uint256& a, const uint256& b, const uint256& divisor,
                                              const uint256& reciprocal) noexcept {
    return multiply_by_reciprocal(a, b, divisor, reciprocal);
}

Multiply choose_multiply() noexcept {
    return optimisation::kProcessorExtensions && __builtin_cpu_supports("bmi2") ? multiply_bmi2 : multiply_baseline;
}
#else
Multiply choose_multiply() noexcept { return multiply_baseline; }
#endif

}  // namespace

uint256 RepeatedModulus::mulmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (m != modulus_) {
        // Below 2^192 long division is short, and all ones need none.
        if (m.w[3] != 0 && m != ~uint256{}) {
            modulus_ = m;
            is_prepared_ = false;
        }
        return weft::mulmod(a, b, m);
    }
    if (!(a < m)) [[unlikely]]
        return weft::mulmod(a, b, m);
    if (!is_prepared_) prepare();
    static const Multiply multiply_modulo = choose_multiply();
    return shift_right(multiply_modulo(shift_left(a, shift_), b, normal_, reciprocal_), shift_);
}

void RepeatedModulus::prepare() noexcept {
    shift_ = count_leading_zeros(modulus_);
    normal_ = shift_left(modulus_, shift_);
    const uint256 rest = ~normal_;
    constexpr uint64_t kOnes = ~uint64_t{0};
    const std::array<uint64_t, 8> numerator{kOnes, kOnes, kOnes, kOnes, rest.w[0], rest.w[1], rest.w[2], rest.w[3]};
    std::array<uint64_t, 8> quotient{};
    detail::divide_long(numerator.data(), numerator.size(), normal_, quotient.data());
    reciprocal_ = {quotient[0], quotient[1], quotient[2], quotient[3]};
    is_prepared_ = true;
}

}  // namespace weft
