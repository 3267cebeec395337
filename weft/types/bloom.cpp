// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/bloom.hpp"

#include "weft/base/optimisation.hpp"
#include "weft/crypto/keccak.hpp"

#include <array>
#include <cstring>

namespace weft::types {

namespace {

/// Numbers of the three bits of an element: the low 11 bits of each of the first three 16-bit words of its hash.
using Bits = std::array<uint16_t, 3>;

Bits bits_of(bytes_view element) noexcept {
    const hash32 hash = crypto::keccak256(element);
    Bits bits{};
    for (size_t i = 0; i < 3; ++i) bits[i] = static_cast<uint16_t>((hash[2 * i] << 8 | hash[2 * i + 1]) % 2048);
    return bits;
}

/// Bit 0 is the lowest of the last byte.
uint8_t& byte_of(Bloom& bloom, uint16_t bit) noexcept { return bloom[Bloom::kSize - 1 - bit / 8]; }
uint8_t mask_of(uint16_t bit) noexcept { return static_cast<uint8_t>(1U << (bit % 8)); }

void set(Bloom& bloom, const Bits& bits) noexcept {
    for (const uint16_t bit : bits) byte_of(bloom, bit) |= mask_of(bit);
}

}  // namespace

void Bloom::add(bytes_view element) noexcept { set(*this, bits_of(element)); }

void Bloom::add(const Log& log) noexcept {
    add(log.account);
    for (const hash32& topic : log.topics) add(topic);
}

bool Bloom::may_contain(bytes_view element) const noexcept {
    Bloom element_alone;
    element_alone.add(element);
    for (size_t i = 0; i < kSize; ++i)
        if ((element_alone[i] & ~(*this)[i]) != 0) return false;
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

void BloomBuilder::add(bytes_view element, Bloom& bloom) noexcept {
    Known& known = known_[keyed_hash(element.data(), element.size(), hash_seed()) % kKnown];
    if (known.epoch != epoch_ || known.size != element.size() || std::memcmp(known.element.data(), element.data(), element.size()) != 0) {
        known.epoch = epoch_;
        known.size = static_cast<uint8_t>(element.size());
        std::memcpy(known.element.data(), element.data(), element.size());
        known.bits = bits_of(element);
    }
    set(bloom, known.bits);
}

Bloom BloomBuilder::of(std::span<const Log> logs) noexcept {
    if constexpr (!optimisation::kRepeatedLogElements) return bloom_of(logs);
    Bloom bloom;
    for (const Log& log : logs) {
        add(log.account, bloom);
        for (const hash32& topic : log.topics) add(topic, bloom);
    }
    return bloom;
}

}  // namespace weft::types
