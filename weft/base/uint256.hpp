// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <array>
#include <bit>
#include <compare>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace weft {

/// 256-bit unsigned integer: four 64-bit limbs, least significant first. Arithmetic is modulo 2^256, as in the EVM.
struct uint256 {
    std::array<uint64_t, 4> w{};

    constexpr uint256() noexcept = default;
    constexpr uint256(uint64_t low) noexcept : w{low, 0, 0, 0} {}  // NOLINT(google-explicit-constructor)
    constexpr uint256(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3) noexcept : w{w0, w1, w2, w3} {}

    [[nodiscard]] constexpr bool is_zero() const noexcept { return (w[0] | w[1] | w[2] | w[3]) == 0; }
    [[nodiscard]] constexpr bool fits_u64() const noexcept { return (w[1] | w[2] | w[3]) == 0; }
    /// The low 64 bits.
    [[nodiscard]] constexpr uint64_t low64() const noexcept { return w[0]; }
    /// The sign bit of the two's-complement reading.
    [[nodiscard]] constexpr bool is_negative() const noexcept { return (w[3] >> 63) != 0; }

    friend constexpr bool operator==(const uint256& a, const uint256& b) noexcept {
        return ((a.w[0] ^ b.w[0]) | (a.w[1] ^ b.w[1]) | (a.w[2] ^ b.w[2]) | (a.w[3] ^ b.w[3])) == 0;
    }
    friend constexpr std::strong_ordering operator<=>(const uint256& a, const uint256& b) noexcept {
        for (size_t i = 4; i-- > 0;)
            if (a.w[i] != b.w[i]) return a.w[i] <=> b.w[i];
        return std::strong_ordering::equal;
    }
    friend constexpr bool operator<(const uint256& a, const uint256& b) noexcept {
        using u128 = unsigned __int128;
        const u128 a_low = static_cast<u128>(a.w[1]) << 64 | a.w[0];
        const u128 b_low = static_cast<u128>(b.w[1]) << 64 | b.w[0];
        const u128 a_high = static_cast<u128>(a.w[3]) << 64 | a.w[2];
        const u128 b_high = static_cast<u128>(b.w[3]) << 64 | b.w[2];
        // Without branches: comparisons in contracts are hard to predict.
        return (a_high < b_high) | ((a_high == b_high) & (a_low < b_low));
    }
};

[[nodiscard]] constexpr uint256 operator+(const uint256& a, const uint256& b) noexcept {
    uint256 r;
    unsigned __int128 carry = 0;
    for (size_t i = 0; i < 4; ++i) {
        carry += static_cast<unsigned __int128>(a.w[i]) + b.w[i];
        r.w[i] = static_cast<uint64_t>(carry);
        carry >>= 64;
    }
    return r;
}

[[nodiscard]] constexpr uint256 operator~(const uint256& a) noexcept { return {~a.w[0], ~a.w[1], ~a.w[2], ~a.w[3]}; }

[[nodiscard]] constexpr uint256 operator-(const uint256& a, const uint256& b) noexcept {
    uint256 r;
    unsigned long long borrow = 0;
    for (size_t i = 0; i < 4; ++i) r.w[i] = __builtin_subcll(a.w[i], b.w[i], borrow, &borrow);
    return r;
}

[[nodiscard]] constexpr uint256 operator-(const uint256& a) noexcept { return uint256{} - a; }
[[nodiscard]] constexpr uint256 operator&(const uint256& a, const uint256& b) noexcept {
    return {a.w[0] & b.w[0], a.w[1] & b.w[1], a.w[2] & b.w[2], a.w[3] & b.w[3]};
}
[[nodiscard]] constexpr uint256 operator|(const uint256& a, const uint256& b) noexcept {
    return {a.w[0] | b.w[0], a.w[1] | b.w[1], a.w[2] | b.w[2], a.w[3] | b.w[3]};
}
[[nodiscard]] constexpr uint256 operator^(const uint256& a, const uint256& b) noexcept {
    return {a.w[0] ^ b.w[0], a.w[1] ^ b.w[1], a.w[2] ^ b.w[2], a.w[3] ^ b.w[3]};
}

/// Sum and whether it exceeded 2^256 - 1.
struct CheckedUint256 {
    uint256 value;
    bool overflow;
};
[[nodiscard]] constexpr CheckedUint256 checked_add(const uint256& a, const uint256& b) noexcept {
    const uint256 sum = a + b;
    return {sum, sum < a};
}
/// Product and whether it exceeded 2^256 - 1.
[[nodiscard]] CheckedUint256 checked_mul(const uint256& a, const uint256& b) noexcept;

/// Product modulo 2^256: the limb products of weight below 2^256, column by column.
[[nodiscard]] constexpr uint256 operator*(const uint256& a, const uint256& b) noexcept {
    uint256 r;
    for (size_t i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (size_t j = 0; i + j < 4; ++j) {
            const auto t = static_cast<unsigned __int128>(a.w[i]) * b.w[j] + r.w[i + j] + carry;
            r.w[i + j] = static_cast<uint64_t>(t);
            carry = static_cast<uint64_t>(t >> 64);
        }
    }
    return r;
}
/// The same with one factor of a single limb.
[[nodiscard]] constexpr CheckedUint256 checked_mul(const uint256& a, uint64_t b) noexcept {
    CheckedUint256 product{};
    uint64_t carry = 0;
    for (size_t i = 0; i < 4; ++i) {
        const auto t = static_cast<unsigned __int128>(a.w[i]) * b + carry;
        product.value.w[i] = static_cast<uint64_t>(t);
        carry = static_cast<uint64_t>(t >> 64);
    }
    product.overflow = carry != 0;
    return product;
}
[[nodiscard]] constexpr uint256 operator*(const uint256& a, uint64_t b) noexcept { return checked_mul(a, b).value; }
namespace detail {
[[nodiscard]] uint256 divide(const uint256& a, const uint256& b) noexcept;
[[nodiscard]] uint256 remainder(const uint256& a, const uint256& b) noexcept;
}  // namespace detail

/// Quotient; zero for a zero divisor (Yellow Paper, DIV).
[[nodiscard]] inline uint256 operator/(const uint256& a, const uint256& b) noexcept {
    if (a.fits_u64() && b.fits_u64()) return b.w[0] == 0 ? 0 : a.w[0] / b.w[0];
    return detail::divide(a, b);
}
/// Remainder; zero for a zero divisor (Yellow Paper, MOD).
[[nodiscard]] inline uint256 operator%(const uint256& a, const uint256& b) noexcept {
    if (a.fits_u64() && b.fits_u64()) return b.w[0] == 0 ? 0 : a.w[0] % b.w[0];
    return detail::remainder(a, b);
}
/// Shifts; a count of 256 or more gives zero.
[[nodiscard]] constexpr uint256 operator<<(const uint256& a, uint64_t count) noexcept {
    using u128 = unsigned __int128;
    if (count >= 256) return {};
    u128 low = static_cast<u128>(a.w[1]) << 64 | a.w[0];
    u128 high = static_cast<u128>(a.w[3]) << 64 | a.w[2];
    const bool half = (count & 128) != 0;
    high = half ? low : high;
    low = half ? 0 : low;
    const unsigned bits = count & 127;
    high = high << bits | low >> 1 >> (127 - bits);
    low <<= bits;
    return {static_cast<uint64_t>(low), static_cast<uint64_t>(low >> 64), static_cast<uint64_t>(high), static_cast<uint64_t>(high >> 64)};
}
[[nodiscard]] constexpr uint256 operator>>(const uint256& a, uint64_t count) noexcept {
    using u128 = unsigned __int128;
    if (count >= 256) return {};
    u128 low = static_cast<u128>(a.w[1]) << 64 | a.w[0];
    u128 high = static_cast<u128>(a.w[3]) << 64 | a.w[2];
    const bool half = (count & 128) != 0;
    low = half ? high : low;
    high = half ? 0 : high;
    const unsigned bits = count & 127;
    low = low >> bits | high << 1 << (127 - bits);
    high >>= bits;
    return {static_cast<uint64_t>(low), static_cast<uint64_t>(low >> 64), static_cast<uint64_t>(high), static_cast<uint64_t>(high >> 64)};
}

inline uint256& operator+=(uint256& a, const uint256& b) noexcept { return a = a + b; }
inline uint256& operator-=(uint256& a, const uint256& b) noexcept { return a = a - b; }

/// Two's-complement division and remainder, truncating toward zero (Yellow Paper, SDIV and SMOD).
[[nodiscard]] uint256 sdiv(const uint256& a, const uint256& b) noexcept;
[[nodiscard]] uint256 smod(const uint256& a, const uint256& b) noexcept;
/// (a + b) mod m and (a * b) mod m over unbounded intermediate results; zero for m = 0.
[[nodiscard]] uint256 addmod(const uint256& a, const uint256& b, const uint256& m) noexcept;
[[nodiscard]] uint256 mulmod(const uint256& a, const uint256& b, const uint256& m) noexcept;
/// base^exponent modulo 2^256.
[[nodiscard]] uint256 exp(const uint256& base, const uint256& exponent) noexcept;
/// Extends the sign of the two's-complement value of `byte_index` + 1 low bytes (SIGNEXTEND).
[[nodiscard]] constexpr uint256 signextend(const uint256& byte_index, const uint256& value) noexcept {
    if (!byte_index.fits_u64() || byte_index.w[0] >= 31) return value;
    const size_t limb = byte_index.w[0] / 8;
    const unsigned unused = 56 - 8 * static_cast<unsigned>(byte_index.w[0] % 8);
    const auto extended = static_cast<int64_t>(value.w[limb] << unused) >> unused;
    const auto fill = static_cast<uint64_t>(extended >> 63);
    uint256 r = value;
    r.w[limb] = static_cast<uint64_t>(extended);
    for (size_t i = limb + 1; i < 4; ++i) r.w[i] = fill;
    return r;
}
/// Byte `index` counted from the most significant one; zero from 32 on (BYTE).
[[nodiscard]] constexpr uint256 byte_at(const uint256& index, const uint256& value) noexcept {
    if (!index.fits_u64() || index.w[0] >= 32) return {};
    const uint64_t from_low = 31 - index.w[0];
    return value.w[from_low / 8] >> (8 * (from_low % 8)) & 0xff;
}
/// Arithmetic shift right (SAR, EIP-145).
[[nodiscard]] constexpr uint256 sar(const uint256& value, const uint256& count) noexcept {
    const uint64_t bits = count.fits_u64() ? count.w[0] : 256;
    // Shifting in ones is shifting in zeros under the complement.
    const uint64_t sign = uint64_t{0} - (value.w[3] >> 63);
    const uint256 fill{sign, sign, sign, sign};
    return (value ^ fill) >> bits ^ fill;
}
/// Two's-complement less-than (SLT).
[[nodiscard]] constexpr bool slt(const uint256& a, const uint256& b) noexcept {
    return a.is_negative() != b.is_negative() ? a.is_negative() : a < b;
}

/// Number of leading zero bits, 256 for zero (CLZ, EIP-7939).
[[nodiscard]] constexpr unsigned count_leading_zeros(const uint256& a) noexcept {
    for (size_t i = 4; i-- > 0;)
        if (a.w[i] != 0) return static_cast<unsigned>(64 * (3 - i)) + static_cast<unsigned>(std::countl_zero(a.w[i]));
    return 256;
}
/// Number of bytes without leading zeros; zero for zero.
[[nodiscard]] constexpr unsigned count_significant_bytes(const uint256& a) noexcept { return (256 - count_leading_zeros(a) + 7) / 8; }

/// Big-endian conversions. load_be: exactly 32 bytes. from_be: at most 32 bytes, the value is zero-extended.
[[nodiscard]] inline uint256 load_be(const uint8_t* data) noexcept {
    uint256 r;
    for (size_t i = 0; i < 4; ++i) {
        uint64_t limb = 0;
        std::memcpy(&limb, data + 8 * (3 - i), 8);
        r.w[i] = __builtin_bswap64(limb);
    }
    return r;
}
inline void store_be(uint8_t* out, const uint256& value) noexcept {
    for (size_t i = 0; i < 4; ++i) {
        const uint64_t limb = __builtin_bswap64(value.w[3 - i]);
        std::memcpy(out + 8 * i, &limb, 8);
    }
}
[[nodiscard]] inline uint256 from_be(bytes_view data) noexcept {
    uint8_t padded[32] = {};
    if (!data.empty()) std::memcpy(padded + 32 - data.size(), data.data(), data.size());
    return load_be(padded);
}
[[nodiscard]] inline uint256 to_uint256(const hash32& value) noexcept { return load_be(value.data()); }
[[nodiscard]] inline uint256 to_uint256(const address& value) noexcept { return from_be(value); }
[[nodiscard]] inline hash32 to_hash32(const uint256& value) noexcept {
    hash32 r;
    store_be(r.data(), value);
    return r;
}
/// The low 160 bits.
[[nodiscard]] inline address to_address(const uint256& value) noexcept {
    uint8_t word[32];
    store_be(word, value);
    return fixed_from<address>(bytes_view{word + 12, 20});
}

/// Minimal hex with prefix ("0x0" for zero), as in JSON-RPC quantities.
[[nodiscard]] std::string to_hex_quantity(const uint256& value);
/// Parses 1 to 64 hex digits after the prefix "0x"; leading zeros are allowed (fixtures have them). nullopt otherwise.
[[nodiscard]] std::optional<uint256> quantity_from_hex(std::string_view text);

/// Keyed hash, for tables whose keys outsiders choose.
[[nodiscard]] inline uint64_t hash_value(const uint256& value) noexcept {
    return hash_words(value.w[0], value.w[1], value.w[2], value.w[3]);
}

}  // namespace weft

template <>
struct std::hash<weft::uint256> {
    size_t operator()(const weft::uint256& value) const noexcept { return weft::hash_value(value); }
};
