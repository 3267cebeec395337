// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/optimisation.hpp"
#include "weft/base/uint256.hpp"

#include <algorithm>

/// Division of numbers longer than a word, for the arithmetic of this folder.
namespace weft::detail {

using u128 = unsigned __int128;

/// Divides high:low by `divisor`, given high < divisor, so that the quotient fits one limb.
struct LimbDivision {
    uint64_t quotient;
    uint64_t remainder;
};
[[gnu::always_inline]] inline LimbDivision divide_limb(uint64_t high, uint64_t low, uint64_t divisor) noexcept {
#if defined(__x86_64__)
    uint64_t quotient = 0;
    uint64_t remainder = 0;
    asm("divq %[divisor]" : "=a"(quotient), "=d"(remainder) : "a"(low), "d"(high), [divisor] "r"(divisor) : "cc");
    return {quotient, remainder};
#else
    const u128 numerator = static_cast<u128>(high) << 64 | low;
    return {static_cast<uint64_t>(numerator / divisor), static_cast<uint64_t>(numerator % divisor)};
#endif
}

[[gnu::always_inline]] inline size_t significant_limbs(const uint64_t* limbs, size_t count) noexcept {
    while (count > 0 && limbs[count - 1] == 0) --count;
    return count;
}

/// Two limbs of a divisor, the top bit set, with the reciprocal that spares a division for each limb of the quotient
/// (Möller and Granlund, "Improved division by invariant integers", IEEE Transactions on Computers, 2011).
struct Reciprocal {
    uint64_t high;
    uint64_t low;
    uint64_t value;  // floor((2^192 - 1) / (high:low)) - 2^64

    /// Algorithm 6.
    Reciprocal(uint64_t divisor_high, uint64_t divisor_low) noexcept : high(divisor_high), low(divisor_low) {
        value = divide_limb(~high, ~uint64_t{0}, high).quotient;
        uint64_t p = high * value + low;
        if (p < low) {
            --value;
            if (p >= high) {
                --value;
                p -= high;
            }
            p -= high;
        }
        const u128 t = static_cast<u128>(value) * low;
        p += static_cast<uint64_t>(t >> 64);
        if (p < static_cast<uint64_t>(t >> 64)) {
            --value;
            if (p > high || (p == high && static_cast<uint64_t>(t) >= low)) --value;
        }
    }
};

struct WideDivision {
    uint64_t quotient;
    u128 remainder;
};
/// Divides the three limbs top:middle:bottom, given top:middle < high:low. Algorithm 5.
[[gnu::always_inline]] inline WideDivision divide_three(uint64_t top, uint64_t middle, uint64_t bottom, const Reciprocal& by) noexcept {
    const u128 divisor = static_cast<u128>(by.high) << 64 | by.low;
    const u128 estimate = static_cast<u128>(by.value) * top + (static_cast<u128>(top) << 64 | middle);
    auto quotient = static_cast<uint64_t>(estimate >> 64);
    const u128 rest = static_cast<u128>(middle - quotient * by.high) << 64 | bottom;
    u128 remainder = rest - static_cast<u128>(quotient) * by.low - divisor;
    ++quotient;
    if (static_cast<uint64_t>(remainder >> 64) >= static_cast<uint64_t>(estimate)) {
        --quotient;
        remainder += divisor;
    }
    if (remainder >= divisor) [[unlikely]] {
        ++quotient;
        remainder -= divisor;
    }
    return {quotient, remainder};
}

/// Subtracts quotient * divisor from `window` in its N limbs; what is missing of the limb above is returned.
template <size_t N>
[[gnu::always_inline]] inline uint64_t subtract_product(uint64_t* window, const uint64_t* divisor, uint64_t quotient) noexcept {
    uint64_t carry = 0;
    for (size_t i = 0; i < N; ++i) {
        const u128 product = static_cast<u128>(quotient) * divisor[i] + carry;
        const auto low = static_cast<uint64_t>(product);
        carry = static_cast<uint64_t>(product >> 64) + (window[i] < low ? 1 : 0);
        window[i] -= low;
    }
    return carry;
}

template <size_t N>
[[gnu::always_inline]] inline void add(uint64_t* window, const uint64_t* divisor) noexcept {
    unsigned long long carry = 0;
    for (size_t i = 0; i < N; ++i) window[i] = __builtin_addcll(window[i], divisor[i], carry, &carry);
}

/// The next limb of a quotient: divides the N + 1 limbs at `window` by the N of `divisor`, and leaves the remainder.
template <size_t N>
[[gnu::always_inline]] inline uint64_t divide_window(uint64_t* window, const uint64_t* divisor, const Reciprocal& by) noexcept {
    if (window[N] == by.high && window[N - 1] == by.low) [[unlikely]] {
        // The window is below 2^64 divisors and less than one below that: the limb is the largest there is.
        subtract_product<N>(window, divisor, ~uint64_t{0});
        window[N] = 0;
        return ~uint64_t{0};
    }
    auto [quotient, remainder] = divide_three(window[N], window[N - 1], window[N - 2], by);
    window[N] = 0;
    if constexpr (N > 2) {
        const uint64_t missing = subtract_product<N - 2>(window, divisor, quotient);
        const bool too_large = remainder < missing;
        remainder -= missing;
        window[N - 1] = static_cast<uint64_t>(remainder >> 64);
        window[N - 2] = static_cast<uint64_t>(remainder);
        if (too_large) [[unlikely]] {
            --quotient;
            add<N>(window, divisor);
        }
    } else {
        window[1] = static_cast<uint64_t>(remainder >> 64);
        window[0] = static_cast<uint64_t>(remainder);
    }
    return quotient;
}

inline constexpr size_t kMaxNumeratorLimbs = 8;

/// Long division (Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D) of `m` >= N significant limbs by N >= 2.
template <size_t N>
[[nodiscard]] inline uint256 divide_by_limbs(const uint64_t* numerator, size_t m, const uint256& divisor, uint64_t* quotient) noexcept {
    const auto shift = static_cast<unsigned>(std::countl_zero(divisor.w[N - 1]));
    const uint256 normal = divisor << shift;
    std::array<uint64_t, kMaxNumeratorLimbs + 1> work;
    work[m] = numerator[m - 1] >> 1 >> (63 - shift);
    for (size_t i = m - 1; i > 0; --i) work[i] = numerator[i] << shift | numerator[i - 1] >> 1 >> (63 - shift);
    work[0] = numerator[0] << shift;

    const Reciprocal reciprocal(normal.w[N - 1], normal.w[N - 2]);
    size_t j = m - N + 1;
    // A leading zero, as a product of two numbers below the divisor has it.
    if (m > N && work[m] == 0 && work[m - 1] < normal.w[N - 1]) --j;
    while (j-- > 0) {
        const uint64_t limb = divide_window<N>(work.data() + j, normal.w.data(), reciprocal);
        if (quotient != nullptr) quotient[j] = limb;
    }
    uint256 remainder;
    std::copy_n(work.data(), N, remainder.w.data());
    return remainder >> shift;
}

[[nodiscard]] inline uint256 divide_by_limb(const uint64_t* numerator, size_t m, uint64_t divisor, uint64_t* quotient) noexcept {
    uint64_t rest = 0;
    for (size_t i = m; i-- > 0;) {
        const auto [q, r] = divide_limb(rest, numerator[i], divisor);
        if (quotient != nullptr) quotient[i] = q;
        rest = r;
    }
    return rest;
}

[[nodiscard]] inline uint256 divide_by_bits(const uint64_t* numerator, size_t count, const uint256& divisor, uint64_t* quotient) noexcept {
    uint256 rest;
    for (size_t bit = 64 * count; bit-- > 0;) {
        const bool overflow = rest.is_negative();
        rest = rest << 1 | uint256{numerator[bit / 64] >> (bit % 64) & 1};
        if (!overflow && rest < divisor) continue;
        rest = rest - divisor;
        if (quotient != nullptr) quotient[bit / 64] |= uint64_t{1} << (bit % 64);
    }
    return rest;
}

/// Division of `count` limbs by a divisor of four, which is not zero. The quotient has room for `count` limbs, zeroed by the
/// caller; nullptr when only the remainder is wanted.
[[gnu::always_inline]] inline uint256 divide_long(const uint64_t* numerator, size_t count, const uint256& divisor,
                                                  uint64_t* quotient) noexcept {
    if constexpr (!optimisation::kReciprocals) return divide_by_bits(numerator, count, divisor, quotient);
    const size_t m = significant_limbs(numerator, count);
    const size_t n = significant_limbs(divisor.w.data(), 4);
    if (m < n) {
        uint256 remainder;
        std::copy_n(numerator, m, remainder.w.data());
        return remainder;
    }
    switch (n) {
        case 1:
            return divide_by_limb(numerator, m, divisor.w[0], quotient);
        case 2:
            return divide_by_limbs<2>(numerator, m, divisor, quotient);
        case 3:
            return divide_by_limbs<3>(numerator, m, divisor, quotient);
        default:
            return divide_by_limbs<4>(numerator, m, divisor, quotient);
    }
}

/// The lowest limbs of a product.
template <size_t kLimbs>
[[nodiscard, gnu::always_inline]] inline std::array<uint64_t, kLimbs> multiply(const uint256& a, const uint256& b) noexcept {
    std::array<uint64_t, kLimbs> r{};
    for (size_t i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (size_t j = 0; j < 4 && i + j < kLimbs; ++j) {
            const u128 t = static_cast<u128>(a.w[i]) * b.w[j] + r[i + j] + carry;
            r[i + j] = static_cast<uint64_t>(t);
            carry = static_cast<uint64_t>(t >> 64);
        }
        if (i + 4 < kLimbs) r[i + 4] = carry;
    }
    return r;
}

/// Without a branch: who is larger is hard to predict.
[[gnu::always_inline]] inline uint256 select(bool first, const uint256& a, const uint256& b) noexcept {
    return {first ? a.w[0] : b.w[0], first ? a.w[1] : b.w[1], first ? a.w[2] : b.w[2], first ? a.w[3] : b.w[3]};
}

/// a - m where that is not below zero, else a.
[[gnu::always_inline]] inline uint256 subtract_once(const uint256& a, const uint256& m) noexcept { return select(a < m, a, a - m); }

}  // namespace weft::detail
