// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Keccak-f[1600] (FIPS 202, section 3) over words that are either plain integers or vectors of them, one for each of several states
/// that are permuted at once. The inside of keccak256, of no use without it.
namespace weft::crypto::keccak {

static_assert(std::endian::native == std::endian::little, "words are loaded as they lie in memory");

inline constexpr size_t kWords = 25;
inline constexpr size_t kRateWords = 17;
inline constexpr size_t kRateBytes = 8 * kRateWords;

// FIPS 202, section 3.2.5 (iota).
inline constexpr uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

// Vectors go by reference: the ABI of passing them depends on the target, which the functions here take from their caller.

template <unsigned Bits, typename Word>
[[gnu::always_inline]] inline void rotate_left(Word& word) noexcept {
    if constexpr (Bits != 0) word = word << Bits | word >> (64 - Bits);
}

/// Where a word of a row comes from (pi), and how far it is rotated (rho).
struct Source {
    size_t word;
    unsigned rotation;
};

/// One row of the result of a round. `d`: what theta adds to each column.
template <Source S0, Source S1, Source S2, Source S3, Source S4, typename Word>
[[gnu::always_inline]] inline void row(Word* out, const Word* a, const Word* d) noexcept {
    Word b0 = a[S0.word] ^ d[S0.word % 5];
    Word b1 = a[S1.word] ^ d[S1.word % 5];
    Word b2 = a[S2.word] ^ d[S2.word % 5];
    Word b3 = a[S3.word] ^ d[S3.word % 5];
    Word b4 = a[S4.word] ^ d[S4.word % 5];
    rotate_left<S0.rotation>(b0);
    rotate_left<S1.rotation>(b1);
    rotate_left<S2.rotation>(b2);
    rotate_left<S3.rotation>(b3);
    rotate_left<S4.rotation>(b4);
    out[0] = b0 ^ (~b1 & b2);
    out[1] = b1 ^ (~b2 & b3);
    out[2] = b2 ^ (~b3 & b4);
    out[3] = b3 ^ (~b4 & b0);
    out[4] = b4 ^ (~b0 & b1);
}

/// One round from `a` to `out`. Lane (x, y) of FIPS 202 is element 5y + x. Going from one array to another saves the temporaries of
/// an update in place.
template <typename Word>
[[gnu::always_inline]] inline void round(const Word* a, Word* out, uint64_t round_constant) noexcept {
    const Word c[5] = {
        a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20], a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21], a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22],
        a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23], a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24],
    };
    Word d[5] = {c[1], c[2], c[3], c[4], c[0]};
    for (Word& word : d) rotate_left<1>(word);
    d[0] ^= c[4];
    d[1] ^= c[0];
    d[2] ^= c[1];
    d[3] ^= c[2];
    d[4] ^= c[3];
    row<Source{0, 0}, Source{6, 44}, Source{12, 43}, Source{18, 21}, Source{24, 14}>(out, a, d);
    out[0] ^= round_constant;
    row<Source{3, 28}, Source{9, 20}, Source{10, 3}, Source{16, 45}, Source{22, 61}>(out + 5, a, d);
    row<Source{1, 1}, Source{7, 6}, Source{13, 25}, Source{19, 8}, Source{20, 18}>(out + 10, a, d);
    row<Source{4, 27}, Source{5, 36}, Source{11, 10}, Source{17, 15}, Source{23, 56}>(out + 15, a, d);
    row<Source{2, 62}, Source{8, 55}, Source{14, 39}, Source{15, 41}, Source{21, 2}>(out + 20, a, d);
}

template <typename Word>
[[gnu::always_inline]] inline void permute(Word* state) noexcept {
    Word even[kWords];
    Word odd[kWords];
    std::memcpy(even, state, sizeof(even));
    for (size_t i = 0; i < 24; i += 2) {
        round(even, odd, kRoundConstants[i]);
        round(odd, even, kRoundConstants[i + 1]);
    }
    std::memcpy(state, even, sizeof(even));
}

}  // namespace weft::crypto::keccak
