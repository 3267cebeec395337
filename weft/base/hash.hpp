// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

/// 64 bits from the system's entropy source.
uint64_t random_seed();

/// Seed of this process, drawn once. Tables whose keys outsiders choose hash with it, so that nobody can prepare colliding keys. No
/// result may depend on it.
inline uint64_t hash_seed() noexcept {
    static const uint64_t seed = random_seed();
    return seed;
}

/// Keyed hash of `size` bytes: fast, not cryptographic.
uint64_t keyed_hash(const void* data, size_t size, uint64_t seed) noexcept;

/// Folds the 128-bit product of two words into one: the mixing step of the keyed hashes.
[[gnu::always_inline]] inline uint64_t mix64(uint64_t a, uint64_t b) noexcept {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

/// One key for each word that hash_words() takes. Keys that are known, or of which one gives another, would let outsiders choose words
/// that make a product zero, or the same product twice.
struct HashKeys {
    explicit HashKeys(uint64_t seed) noexcept;

    uint64_t words[4];
};

/// Those of this process.
inline const HashKeys& hash_keys() noexcept {
    static const HashKeys keys(hash_seed());
    return keys;
}

/// Keyed hash of four words. Each goes through two products: after one, words that count up fall on few places with some keys.
[[nodiscard]] inline uint64_t hash_words(uint64_t a, uint64_t b, uint64_t c, uint64_t d, const HashKeys& keys = hash_keys()) noexcept {
    return mix64(mix64(a ^ keys.words[0], b ^ keys.words[1]), mix64(c ^ keys.words[2], d ^ keys.words[3]));
}

}  // namespace weft
