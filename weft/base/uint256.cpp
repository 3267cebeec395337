// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/uint256.hpp"

#include "weft/base/long_division.hpp"

#include <algorithm>

namespace weft {

namespace {

using detail::divide_limb;
using detail::divide_long;
using detail::select;
using detail::significant_limbs;
using detail::subtract_once;
using detail::u128;

[[gnu::always_inline]] inline bool is_zero_or_power_of_two(const uint256& a) noexcept {
    const size_t n = significant_limbs(a.w.data(), 4);
    if (n == 0) return true;
    uint64_t rest = a.w[n - 1] & (a.w[n - 1] - 1);
    for (size_t i = 0; i + 1 < n; ++i) rest |= a.w[i];
    return rest == 0;
}

/// Divisors that take no long division.
[[gnu::always_inline]] inline bool is_simple_divisor(const uint256& a) noexcept {
    return optimisation::kSpecialOperands ? is_zero_or_power_of_two(a) : a.is_zero();
}

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

/// All bits of the exponent, one at a time.
[[maybe_unused]] uint256 power_by_squares(const uint256& base, const uint256& exponent) noexcept {
    uint256 result = 1;
    for (size_t bit = 256; bit-- > 0;) {
        result = result * result;
        if ((exponent.w[bit / 64] >> (bit % 64) & 1) != 0) result = result * base;
    }
    return result;
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
    const auto wide = detail::multiply<8>(a, b);
    return {{wide[0], wide[1], wide[2], wide[3]}, (wide[4] | wide[5] | wide[6] | wide[7]) != 0};
}

uint256 detail::divide(const uint256& a, const uint256& b) noexcept {
    if (is_simple_divisor(b)) return b.is_zero() ? b : a >> (255 - count_leading_zeros(b));
    uint256 quotient;
    divide_long(a.w.data(), 4, b, quotient.w.data());
    return quotient;
}

uint256 detail::remainder(const uint256& a, const uint256& b) noexcept {
    if (is_simple_divisor(b)) return b.is_zero() ? b : a & (b - 1);
    return divide_long(a.w.data(), 4, b, nullptr);
}

uint256 sdiv(const uint256& a, const uint256& b) noexcept {
    const uint256 n = magnitude(a);
    const uint256 d = magnitude(b);
    return negate_if(a.is_negative() != b.is_negative(), optimisation::kSpecialOperands ? n / d : detail::divide(n, d));
}

uint256 smod(const uint256& a, const uint256& b) noexcept {
    const uint256 n = magnitude(a);
    const uint256 d = magnitude(b);
    return negate_if(a.is_negative(), optimisation::kSpecialOperands ? n % d : detail::remainder(n, d));
}

uint256 addmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (optimisation::kSpecialOperands && m.w[3] != 0 && a.w[3] <= m.w[3] && b.w[3] <= m.w[3]) {
        // Both are below 2m: subtracting m at most once leaves the remainder.
        const auto [sum, overflow] = checked_add(subtract_once(a, m), subtract_once(b, m));
        return select(overflow, sum - m, subtract_once(sum, m));
    }
    if (m.is_zero()) return m;
    const auto [sum, overflow] = checked_add(a, b);
    if (optimisation::kSpecialOperands && !overflow) return sum % m;
    const std::array<uint64_t, 5> wide{sum.w[0], sum.w[1], sum.w[2], sum.w[3], overflow ? uint64_t{1} : 0};
    return divide_long(wide.data(), wide.size(), m, nullptr);
}

uint256 mulmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (is_simple_divisor(m)) return m.is_zero() ? m : a * b & (m - 1);
    if (optimisation::kSpecialOperands && a.fits_u64() && b.fits_u64() && m.fits_u64()) {
        const u128 product = static_cast<u128>(a.w[0]) * b.w[0];
        const auto high = static_cast<uint64_t>(product >> 64);
        return divide_limb(high < m.w[0] ? high : high % m.w[0], static_cast<uint64_t>(product), m.w[0]).remainder;
    }
    const auto wide = detail::multiply<8>(a, b);
    if (optimisation::kSpecialOperands && m == ~uint256{}) {
        // How contracts find the upper half of a product. 2^256 is one more than m.
        const auto [sum, overflow] = checked_add({wide[0], wide[1], wide[2], wide[3]}, {wide[4], wide[5], wide[6], wide[7]});
        const uint256 rest = sum + (overflow ? 1 : 0);
        return rest == m ? uint256{} : rest;
    }
    return divide_long(wide.data(), wide.size(), m, nullptr);
}

uint256 exp(const uint256& base, const uint256& exponent) noexcept {
    if constexpr (!optimisation::kSpecialOperands) return power_by_squares(base, exponent);
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
