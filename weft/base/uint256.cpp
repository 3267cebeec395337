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

size_t significant_limbs(const uint64_t* limbs, size_t count) noexcept {
    while (count > 0 && limbs[count - 1] == 0) --count;
    return count;
}

/// Subtracts quotient_limb * divisor from the `n` + 1 limbs at `window`; true if the result went below zero.
bool subtract_product(uint64_t* window, const uint64_t* divisor, size_t n, uint64_t quotient_limb) noexcept {
    uint64_t carry = 0;
    uint64_t borrow = 0;
    for (size_t i = 0; i < n; ++i) {
        const u128 product = static_cast<u128>(quotient_limb) * divisor[i] + carry;
        carry = static_cast<uint64_t>(product >> 64);
        const u128 difference = static_cast<u128>(window[i]) - static_cast<uint64_t>(product) - borrow;
        window[i] = static_cast<uint64_t>(difference);
        borrow = static_cast<uint64_t>(difference >> 64) & 1;
    }
    const u128 difference = static_cast<u128>(window[n]) - carry - borrow;
    window[n] = static_cast<uint64_t>(difference);
    return (difference >> 64) != 0;
}

void add_back(uint64_t* window, const uint64_t* divisor, size_t n) noexcept {
    uint64_t carry = 0;
    for (size_t i = 0; i < n; ++i) {
        const u128 sum = static_cast<u128>(window[i]) + divisor[i] + carry;
        window[i] = static_cast<uint64_t>(sum);
        carry = static_cast<uint64_t>(sum >> 64);
    }
    window[n] += carry;
}

/// Estimate of one quotient limb from the top three limbs of the window and the top two of the normalised divisor: exact
/// or one too large (Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D, step D3).
uint64_t estimate(const uint64_t* window, const uint64_t* divisor, size_t n) noexcept {
    const uint64_t top = divisor[n - 1];
    u128 quotient = 0;
    u128 remainder = 0;
    if (window[n] >= top) {
        quotient = ~uint64_t{0};
        remainder = static_cast<u128>(window[n - 1]) + top;
    } else {
        const auto [q, r] = divide_limb(window[n], window[n - 1], top);
        quotient = q;
        remainder = r;
    }
    while ((remainder >> 64) == 0 && quotient * divisor[n - 2] > (remainder << 64 | window[n - 2])) {
        --quotient;
        remainder += top;
    }
    return static_cast<uint64_t>(quotient);
}

constexpr size_t kMaxNumeratorLimbs = 8;

/// Long division of `count` limbs by a divisor of four. The quotient has room for `count` limbs, zeroed by the caller;
/// nullptr when only the remainder is wanted. The divisor is not zero.
uint256 divide_long(const uint64_t* numerator, size_t count, const uint256& divisor, uint64_t* quotient) noexcept {
    const size_t m = significant_limbs(numerator, count);
    const size_t n = significant_limbs(divisor.w.data(), 4);
    uint256 remainder;
    if (m < n) {
        std::copy_n(numerator, m, remainder.w.data());
        return remainder;
    }
    if (n == 1) {
        uint64_t rest = 0;
        for (size_t i = m; i-- > 0;) {
            const auto [q, r] = divide_limb(rest, numerator[i], divisor.w[0]);
            if (quotient != nullptr) quotient[i] = q;
            rest = r;
        }
        return rest;
    }

    const auto shift = static_cast<unsigned>(std::countl_zero(divisor.w[n - 1]));
    const uint256 normal = divisor << shift;
    std::array<uint64_t, kMaxNumeratorLimbs + 1> work;
    work[m] = static_cast<uint64_t>(static_cast<u128>(numerator[m - 1]) << shift >> 64);
    for (size_t i = m - 1; i > 0; --i)
        work[i] = static_cast<uint64_t>((static_cast<u128>(numerator[i]) << 64 | numerator[i - 1]) << shift >> 64);
    work[0] = numerator[0] << shift;

    for (size_t j = m - n + 1; j-- > 0;) {
        uint64_t* window = work.data() + j;
        uint64_t limb = estimate(window, normal.w.data(), n);
        if (subtract_product(window, normal.w.data(), n, limb)) {
            --limb;
            add_back(window, normal.w.data(), n);
        }
        if (quotient != nullptr) quotient[j] = limb;
    }
    std::copy_n(work.data(), n, remainder.w.data());
    return remainder >> shift;
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

uint256 magnitude(const uint256& a) noexcept { return a.is_negative() ? -a : a; }

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

uint256 operator/(const uint256& a, const uint256& b) noexcept {
    if (a.fits_u64() && b.fits_u64()) return b.w[0] == 0 ? 0 : a.w[0] / b.w[0];
    if (b.is_zero()) return {};
    uint256 quotient;
    divide_long(a.w.data(), 4, b, quotient.w.data());
    return quotient;
}

uint256 operator%(const uint256& a, const uint256& b) noexcept {
    if (a.fits_u64() && b.fits_u64()) return b.w[0] == 0 ? 0 : a.w[0] % b.w[0];
    if (b.is_zero()) return {};
    return divide_long(a.w.data(), 4, b, nullptr);
}

uint256 sdiv(const uint256& a, const uint256& b) noexcept {
    const uint256 quotient = magnitude(a) / magnitude(b);
    return a.is_negative() != b.is_negative() ? -quotient : quotient;
}

uint256 smod(const uint256& a, const uint256& b) noexcept {
    const uint256 remainder = magnitude(a) % magnitude(b);
    return a.is_negative() ? -remainder : remainder;
}

uint256 addmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (m.is_zero()) return {};
    const auto [sum, overflow] = checked_add(a, b);
    if (a < m && b < m) return overflow || !(sum < m) ? sum - m : sum;
    if (!overflow) return sum % m;
    const std::array<uint64_t, 5> wide{sum.w[0], sum.w[1], sum.w[2], sum.w[3], 1};
    return divide_long(wide.data(), wide.size(), m, nullptr);
}

uint256 mulmod(const uint256& a, const uint256& b, const uint256& m) noexcept {
    if (m.is_zero()) return {};
    const auto wide = multiply_wide(a, b);
    return divide_long(wide.data(), wide.size(), m, nullptr);
}

uint256 exp(const uint256& base, const uint256& exponent) noexcept {
    if (base == uint256{2}) return exponent.fits_u64() ? uint256{1} << exponent.w[0] : uint256{};
    uint256 result{1};
    for (unsigned bit = 256 - count_leading_zeros(exponent); bit-- > 0;) {
        result = result * result;
        if ((exponent.w[bit / 64] >> (bit % 64) & 1) != 0) result = result * base;
    }
    return result;
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
