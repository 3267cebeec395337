// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/hash.hpp"

#include <array>
#include <compare>
#include <cstring>
#include <functional>

namespace weft {

/// N bytes with value semantics; the order is lexicographic, as in tries and in RLP.
template <size_t N>
struct FixedBytes {
    std::array<uint8_t, N> bytes{};

    static constexpr size_t kSize = N;

    [[nodiscard]] constexpr uint8_t* data() noexcept { return bytes.data(); }
    [[nodiscard]] constexpr const uint8_t* data() const noexcept { return bytes.data(); }
    [[nodiscard]] static constexpr size_t size() noexcept { return N; }
    [[nodiscard]] constexpr auto begin() const noexcept { return bytes.begin(); }
    [[nodiscard]] constexpr auto end() const noexcept { return bytes.end(); }
    constexpr uint8_t& operator[](size_t i) noexcept { return bytes[i]; }
    constexpr uint8_t operator[](size_t i) const noexcept { return bytes[i]; }

    [[nodiscard]] constexpr bool is_zero() const noexcept { return *this == FixedBytes{}; }

    constexpr operator bytes_view() const noexcept { return bytes_view{bytes.data(), N}; }  // NOLINT(google-explicit-constructor)

    friend constexpr bool operator==(const FixedBytes& a, const FixedBytes& b) noexcept {
        if consteval {
            return a.bytes == b.bytes;
        }
        // Addresses and hashes are compared all the time: word by word this is a handful of instructions, not a call of memcmp.
        uint64_t difference = 0;
        size_t i = 0;
        for (; i + 8 <= N; i += 8) difference |= load<uint64_t>(a, i) ^ load<uint64_t>(b, i);
        for (; i + 4 <= N; i += 4) difference |= load<uint32_t>(a, i) ^ load<uint32_t>(b, i);
        for (; i < N; ++i) difference |= static_cast<uint64_t>(a.bytes[i] ^ b.bytes[i]);
        return difference == 0;
    }
    friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) noexcept = default;

  private:
    template <typename Word>
    [[nodiscard]] static Word load(const FixedBytes& value, size_t offset) noexcept {
        Word word;
        std::memcpy(&word, value.bytes.data() + offset, sizeof word);
        return word;
    }
};

/// A 160-bit account address.
struct address : FixedBytes<20> {};

/// A 256-bit hash or other opaque word, in big-endian byte order.
struct hash32 : FixedBytes<32> {};

/// Copies `source` (exactly N bytes) into a fixed-size value of type T.
template <typename T>
[[nodiscard]] inline T fixed_from(bytes_view source) noexcept {
    T result{};
    std::memcpy(result.data(), source.data(), T::kSize);
    return result;
}

/// An address from its low 64 bits: system contracts and precompiles are named by small numbers.
[[nodiscard]] constexpr address address_of(uint64_t low) noexcept {
    address result{};
    for (size_t i = 0; i < 8; ++i) result[19 - i] = static_cast<uint8_t>(low >> (8 * i));
    return result;
}

/// Keyed hash of an address.
[[nodiscard]] inline uint64_t hash_value(const address& value) noexcept {
    uint64_t words[2];
    uint32_t tail = 0;
    std::memcpy(words, value.data(), 16);
    std::memcpy(&tail, value.data() + 16, 4);
    return hash_words(words[0], words[1], tail, 0);
}

/// Keyed hash of a 32-byte word.
[[nodiscard]] inline uint64_t hash_value(const hash32& value) noexcept {
    uint64_t words[4];
    std::memcpy(words, value.data(), 32);
    return hash_words(words[0], words[1], words[2], words[3]);
}

}  // namespace weft

template <>
struct std::hash<weft::address> {
    size_t operator()(const weft::address& value) const noexcept { return weft::hash_value(value); }
};

template <>
struct std::hash<weft::hash32> {
    size_t operator()(const weft::hash32& value) const noexcept { return weft::hash_value(value); }
};
