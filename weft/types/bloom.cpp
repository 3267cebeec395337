// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/bloom.hpp"

#include "weft/crypto/keccak.hpp"

#include <array>

namespace weft::types {

namespace {

/// One bit of the filter: which byte, and the bit in it.
struct BloomBit {
    size_t byte;
    uint8_t mask;
};

/// The three bits of an element: the low 11 bits of each of the first three 16-bit words of its hash, counted from the end.
std::array<BloomBit, 3> bits_of(bytes_view element) noexcept {
    const hash32 hash = crypto::keccak256(element);
    std::array<BloomBit, 3> bits{};
    for (size_t i = 0; i < 3; ++i) {
        const size_t bit = (static_cast<size_t>(hash[2 * i]) << 8 | hash[2 * i + 1]) % 2048;
        bits[i] = {.byte = Bloom::kSize - 1 - bit / 8, .mask = static_cast<uint8_t>(1U << (bit % 8))};
    }
    return bits;
}

}  // namespace

void Bloom::add(bytes_view element) noexcept {
    for (const auto [byte, mask] : bits_of(element)) (*this)[byte] |= mask;
}

void Bloom::add(const Log& log) noexcept {
    add(log.account);
    for (const hash32& topic : log.topics) add(topic);
}

bool Bloom::may_contain(bytes_view element) const noexcept {
    for (const auto [byte, mask] : bits_of(element))
        if (((*this)[byte] & mask) == 0) return false;
    return true;
}

Bloom& Bloom::operator|=(const Bloom& other) noexcept {
    for (size_t i = 0; i < kSize; ++i) (*this)[i] |= other[i];
    return *this;
}

Bloom bloom_of(std::span<const Log> logs) noexcept {
    Bloom bloom;
    for (const Log& log : logs) bloom.add(log);
    return bloom;
}

}  // namespace weft::types
