// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/uint256.hpp"

#include <algorithm>

namespace weft {

namespace {

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

constexpr size_t kMaxNumeratorLimbs = 8;

/// Long division (Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D) of `m` >= N significant limbs by N >= 2.
template <size_t N>
uint256 divide_by_limbs(const uint64_t* numerator, size_t m, const uint256& divisor, uint64_t* quotient) noexcept {
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

uint256 divide_by_limb(const uint64_t* numerator, size_t m, uint64_t divisor, uint64_t* quotient) noexcept {
    uint64_t rest = 0;
    for (size_t i = m; i-- > 0;) {
        const auto [q, r] = divide_limb(rest, numerator[i], divisor);
        if (quotient != nullptr) quotient[i] = q;
        rest = r;
    }
    return rest;
}

/// Division of `count` limbs by a divisor of four, which is not zero. The quotient has room for `count` limbs, zeroed by the
/// caller; nullptr when only the remainder is wanted.
[[gnu::always_inline]] inline uint256 divide_long(const uint64_t* numerator, size_t count, const uint256& divisor,
                                                  uint64_t* quotient) noexcept {
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

std::array<uint64_t, 8> multiply_wide(const uint256& a, const uint256& b) noexcept {
    std::array<uint64_t, 8> r{};
    for (size_t i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (size_t j = 0; j < 4; ++j) {
            const u128 t = static_cast<u128>(a.w[i]) * b.w[j] + r[i + j] + carry;
            r[i + j] = static_cast<uint64_t>(t);
            carry = static_cast<uint64_t>(t >> 64);
        }
        r[i + 4] = carry;
    }
    return r;
}

[[gnu::always_inline]] inline bool is_zero_or_power_of_two(const uint256& a) noexcept {
    const size_t n = significant_limbs(a.w.data(), 4);
    if (n == 0) return true;
    uint64_t rest = a.w[n - 1] & (a.w[n - 1] - 1);
    for (size_t i = 0; i + 1 < n; ++i) rest |= a.w[i];
    return rest == 0;
}

/// Without a branch: who is larger is hard to predict.
[[gnu::always_inline]] inline uint256 select(bool first, const uint256& a, const uint256& b) noexcept {
    return {first ? a.w[0] : b.w[0], first ? a.w[1] : b.w[1], first ? a.w[2] : b.w[2], first ? a.w[3] : b.w[3]};
}

/// a - m where that is not below zero, else a.
[[gnu::always_inline]] inline uint256 subtract_once(const uint256& a, const uint256& m) noexcept { return select(a < m, a, a - m); }

/// The square modulo 2^256.
[[gnu::always_inline]] inline uint256 square(const uint256& a) noexcept {
    const u128 cross = static_cast<u128>(a.w[0]) * a.w[1];
    const u128 low = static_cast<u128>(a.w[0]) * a.w[0];
    const u128 middle = static_cast<u128>(a.w[0]) * a.w[2] + (cross >> 64);
    const uint64_t high = a.w[0] * a.w[3] + a.w[1] * a.w[2] + static_cast<uint64_t>(middle >> 64);
    const uint256 crossed{0, static_cast<uint64_t>(cross), static_cast<uint64_t>(middle), high};
    const u128 upper = static_cast<u128>(a.w[1]) * a.w[1];
    return crossed + crossed +
           uint256{static_cast<uint64_t>(low), static_cast<uint64_t>(low >> 64), static_cast<uint64_t>(upper),
                   static_cast<uint64_t>(upper >> 64)};
}

uint256 power_by_bits(const uint256& base, unsigned exponent) noexcept {
    if (exponent == 0) return 1;
    uint256 result = base;
    for (int bit = std::bit_width(exponent) - 2; bit >= 0; --bit) {
        result = square(result);
        if ((exponent >> bit & 1) != 0) result = result * base;
    }
    return result;
}

/// Four bits of the exponent at a time.
uint256 power_by_windows(const uint256& base, const uint256& exponent) noexcept {
    std::array<uint256, 16> powers;
    powers[0] = 1;
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * base;
    const auto window = [&exponent](unsigned bit) { return exponent.w[bit / 64] >> (bit % 64) & 15; };
    unsigned bit = (255 - count_leading_zeros(exponent)) & ~3U;
    uint256 result = powers[window(bit)];
    while (bit != 0) {
        bit -= 4;
        result = square(square(square(square(result))));
        if (window(bit) != 0) result = result * powers[window(bit)];
    }
    return result;
}

/// a or -a. Without a branch: signs are hard to predict.
[[gnu::always_inline]] inline uint256 negate_if(bool condition, const uint256& a) noexcept {
    const uint64_t mask = uint64_t{0} - static_cast<uint64_t>(condition);
    const uint256 ones{mask, mask, mask, mask};
    return (a ^ ones) - ones;
}

[[gnu::always_inline]] inline uint256 magnitude(const uint256& a) noexcept { return negate_if(a.is_negative(), a); }

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

CheckedUint256 checked_mul(const uint256& a, const uint256& b) noexcept {
    const auto wide = multiply_wide(a, b);
    return {{wide[0], wide[1], wide[2], wide[3]}, (wide[4] | wide[5] | wide[6] | wide[7]) != 0};
}

uint256 detail::divide(const uint256& a, const uint256& b) noexcept {
    if (is_zero_or_power_of_two(b)) return b.is_zero() ? b : a >> (255 - count_leading_zeros(b));
    uint256 quotient;
    divide_long(a.w.data(), 4, b, quotient.w.data());
    return quotient;
}

uint256 detail::remainder(const uint256& a, const uint256& b) noexcept {
    if (is_zero_or_power_of_two(b)) return b.is_zero() ? b : a & (b - 1);
    return divide_long(a.w.data(), 4, b, nullptr);
}

uint256 sdiv(const uint256& a, const uint256& b) noexcept {
    return negate_if(a.is_negative() != b.is_negative(), magnitude(a) / magnitude(b));
}

uint256 smod(const uint256& a, const uint256& b) noexcept { return negate_if(a.is_negative(), magnitude(a) % magnitude(b)); }

uint256 addmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (m.w[3] != 0 && a.w[3] <= m.w[3] && b.w[3] <= m.w[3]) {
        // Both are below 2m: subtracting m at most once leaves the remainder.
        const auto [sum, overflow] = checked_add(subtract_once(a, m), subtract_once(b, m));
        return select(overflow, sum - m, subtract_once(sum, m));
    }
    if (m.is_zero()) return m;
    const auto [sum, overflow] = checked_add(a, b);
    if (!overflow) return sum % m;
    const std::array<uint64_t, 5> wide{sum.w[0], sum.w[1], sum.w[2], sum.w[3], 1};
    return divide_long(wide.data(), wide.size(), m, nullptr);
}

uint256 mulmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (is_zero_or_power_of_two(m)) return m.is_zero() ? m : a * b & (m - 1);
    if (a.fits_u64() && b.fits_u64() && m.fits_u64()) {
        const u128 product = static_cast<u128>(a.w[0]) * b.w[0];
        const auto high = static_cast<uint64_t>(product >> 64);
        return divide_limb(high < m.w[0] ? high : high % m.w[0], static_cast<uint64_t>(product), m.w[0]).remainder;
    }
    const auto wide = multiply_wide(a, b);
    if (m == ~uint256{}) {
        // How contracts find the upper half of a product. 2^256 is one more than m.
        const auto [sum, overflow] = checked_add({wide[0], wide[1], wide[2], wide[3]}, {wide[4], wide[5], wide[6], wide[7]});
        const uint256 rest = sum + (overflow ? 1 : 0);
        return rest == m ? uint256{} : rest;
    }
    return divide_long(wide.data(), wide.size(), m, nullptr);
}

uint256 exp(const uint256& base, const uint256& exponent) noexcept {
    const bool has_small_exponent = exponent < uint256{256};
    if ((base.w[0] & 1) == 0) {
        // The factors of two of an even base leave the word after at most 256 multiplications.
        if (!has_small_exponent || base.is_zero()) return exponent.is_zero() ? 1 : 0;
        if (is_zero_or_power_of_two(base)) return uint256{1} << (255 - count_leading_zeros(base)) * exponent.w[0];
    }
    if (has_small_exponent) return power_by_bits(base, static_cast<unsigned>(exponent.w[0]));
    return power_by_windows(base, exponent);
}

std::string to_hex_quantity(const uint256& value) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const unsigned digits = std::max(1U, (256 - count_leading_zeros(value) + 3) / 4);
    std::string text = "0x";
    for (unsigned i = digits; i-- > 0;) text += kDigits[value.w[i / 16] >> (4 * (i % 16)) & 0xf];
    return text;
}

std::optional<uint256> quantity_from_hex(std::string_view text) {
    if (!text.starts_with("0x") || text.size() < 3 || text.size() > 66) return std::nullopt;
    uint256 value;
    for (const char c : text.substr(2)) {
        const int digit = hex_digit(c);
        if (digit < 0) return std::nullopt;
        value = value << 4;
        value.w[0] |= static_cast<uint64_t>(digit);
    }
    return value;
}

}  // namespace weft
