// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hash.hpp"

#include <cstring>
#include <iterator>

namespace weft {

namespace {

constexpr uint64_t kOdd1 = 0x9e3779b97f4a7c15;
constexpr uint64_t kOdd2 = 0xd6e8feb86659fd93;

uint64_t load_word(const uint8_t* data, size_t size) noexcept {
    uint64_t word = 0;
    std::memcpy(&word, data, size);
    return word;
}

}  // namespace

uint64_t keyed_hash(const void* data, size_t size, uint64_t seed) noexcept {
    const auto* cursor = static_cast<const uint8_t*>(data);
    uint64_t hash = mix64(seed ^ kOdd1, size ^ kOdd2);
    for (; size >= 8; size -= 8, cursor += 8) hash = mix64(hash ^ load_word(cursor, 8), kOdd1);
    if (size > 0) hash = mix64(hash ^ load_word(cursor, size), kOdd2);
    return mix64(hash ^ seed, kOdd2);
}

HashKeys::HashKeys(uint64_t seed) noexcept {
    for (uint64_t i = 0; i < std::size(words); ++i) words[i] = keyed_hash(&i, sizeof i, seed);
}

}  // namespace weft
