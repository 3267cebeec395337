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

Bits bits_of_hash(const hash32& hash) noexcept {
    Bits bits{};
    for (size_t i = 0; i < 3; ++i) bits[i] = static_cast<uint16_t>((hash[2 * i] << 8 | hash[2 * i + 1]) % 2048);
    return bits;
}

Bits bits_of(bytes_view element) noexcept { return bits_of_hash(crypto::keccak256(element)); }

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
    const bool is_there = known.size == element.size() && std::memcmp(known.element.data(), element.data(), element.size()) == 0;
    if (is_there && !known.is_waiting) return set(bloom, known.bits);
    if (!is_there) {
        // The place may be that of another element, which is waiting.
        if (known.is_waiting || waiting_count_ == kWaiting) finish();
        known.size = static_cast<uint8_t>(element.size());
        known.is_waiting = true;
        std::memcpy(known.element.data(), element.data(), element.size());
        waiting_[waiting_count_++] = &known;
    }
    uses_[use_count_++] = {.bloom = &bloom, .known = &known};
    if (use_count_ == kUses) finish();
}

void BloomBuilder::finish() noexcept {
    std::array<bytes_view, kWaiting> elements;
    std::array<hash32, kWaiting> hashes;
    for (size_t i = 0; i < waiting_count_; ++i) elements[i] = bytes_view{waiting_[i]->element}.first(waiting_[i]->size);
    crypto::keccak256_batch(std::span{elements}.first(waiting_count_), std::span{hashes}.first(waiting_count_));
    for (size_t i = 0; i < waiting_count_; ++i) {
        waiting_[i]->bits = bits_of_hash(hashes[i]);
        waiting_[i]->is_waiting = false;
    }
    for (const auto& [bloom, known] : std::span{uses_}.first(use_count_)) set(*bloom, known->bits);
    waiting_count_ = use_count_ = 0;
}

void BloomBuilder::add(std::span<const Log> logs, Bloom& bloom) noexcept {
    if constexpr (!optimisation::kRepeatedLogElements) {
        bloom |= bloom_of(logs);
        return;
    }
    for (const Log& log : logs) {
        add(log.account, bloom);
        for (const hash32& topic : log.topics) add(topic, bloom);
    }
}

}  // namespace weft::types
