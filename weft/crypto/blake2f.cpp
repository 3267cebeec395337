// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/blake2f.hpp"

#include "weft/base/optimisation.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace weft::crypto {

namespace {

// RFC 7693, sections 2.6 and 2.7.
constexpr std::array<uint64_t, 8> kInitialVector = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

constexpr size_t kSchedules = 10;
constexpr uint8_t kSigma[kSchedules][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},  //
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},  //
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},  //
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},  //
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},  //
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},  //
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},  //
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},  //
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},  //
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},  //
};

/// The mixing function G of RFC 7693, section 3.1.
[[gnu::always_inline]] inline void mix(uint64_t& a, uint64_t& b, uint64_t& c, uint64_t& d, uint64_t x, uint64_t y) noexcept {
    a += b + x;
    d = std::rotr(d ^ a, 32);
    c += d;
    b = std::rotr(b ^ c, 24);
    a += b + y;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 63);
}

template <size_t Schedule>
[[gnu::always_inline]] inline void round(uint64_t* v, const uint64_t* m) noexcept {
    constexpr const uint8_t* s = kSigma[Schedule];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

/// Known schedules make every message word a load at a fixed offset.
void run_rounds_scalar(uint32_t rounds, uint64_t* state, const uint64_t* m) noexcept {
    uint64_t v[16];
    for (size_t i = 0; i < 16; ++i) v[i] = state[i];
    for (; rounds >= kSchedules; rounds -= kSchedules) {
        round<0>(v, m);
        round<1>(v, m);
        round<2>(v, m);
        round<3>(v, m);
        round<4>(v, m);
        round<5>(v, m);
        round<6>(v, m);
        round<7>(v, m);
        round<8>(v, m);
        round<9>(v, m);
    }
    if (rounds > 0) round<0>(v, m);
    if (rounds > 1) round<1>(v, m);
    if (rounds > 2) round<2>(v, m);
    if (rounds > 3) round<3>(v, m);
    if (rounds > 4) round<4>(v, m);
    if (rounds > 5) round<5>(v, m);
    if (rounds > 6) round<6>(v, m);
    if (rounds > 7) round<7>(v, m);
    if (rounds > 8) round<8>(v, m);
    for (size_t i = 0; i < 16; ++i) state[i] = v[i];
}

#ifdef __x86_64__

/// Four words in one register: a row of the state, or what one half of a round adds to it.
using Row = uint64_t __attribute__((vector_size(32)));

template <unsigned Bits>
[[gnu::always_inline]] inline void rotate_right(Row& row) noexcept {
    row = row >> Bits | row << (64 - Bits);
}

/// The mixing function on four columns at once.
[[gnu::always_inline]] inline void mix_rows(Row& a, Row& b, Row& c, Row& d, const Row& x, const Row& y) noexcept {
    a = a + x + b;
    d ^= a;
    rotate_right<32>(d);
    c += d;
    b ^= c;
    rotate_right<24>(b);
    a = a + y + b;
    d ^= a;
    rotate_right<16>(d);
    c += d;
    b ^= c;
    rotate_right<63>(b);
}

/// The state as four rows, for as long as rounds run.
struct Rows {
    Row a, b, c, d;

    [[gnu::always_inline]] explicit Rows(const uint64_t* state) noexcept {
        std::memcpy(&a, state, sizeof(Row));
        std::memcpy(&b, state + 4, sizeof(Row));
        std::memcpy(&c, state + 8, sizeof(Row));
        std::memcpy(&d, state + 12, sizeof(Row));
    }
    [[gnu::always_inline]] void store(uint64_t* state) const noexcept {
        std::memcpy(state, &a, sizeof(Row));
        std::memcpy(state + 4, &b, sizeof(Row));
        std::memcpy(state + 8, &c, sizeof(Row));
        std::memcpy(state + 12, &d, sizeof(Row));
    }
};

/// The message words of one round in the order in which the rows take them.
struct RoundWords {
    Row columns[2];
    Row diagonals[2];
};

/// Diagonals are made by turning all rows but b, on which the next step waits; so their words begin with those of the last diagonal.
[[gnu::always_inline]] inline void round_of_rows(Rows& v, const RoundWords& words) noexcept {
    mix_rows(v.a, v.b, v.c, v.d, words.columns[0], words.columns[1]);
    v.a = __builtin_shufflevector(v.a, v.a, 3, 0, 1, 2);
    v.c = __builtin_shufflevector(v.c, v.c, 1, 2, 3, 0);
    v.d = __builtin_shufflevector(v.d, v.d, 2, 3, 0, 1);
    mix_rows(v.a, v.b, v.c, v.d, words.diagonals[0], words.diagonals[1]);
    v.a = __builtin_shufflevector(v.a, v.a, 1, 2, 3, 0);
    v.c = __builtin_shufflevector(v.c, v.c, 3, 0, 1, 2);
    v.d = __builtin_shufflevector(v.d, v.d, 2, 3, 0, 1);
}

/// The first round with a schedule: picking out its words takes as long as a round, and can be done while the round before runs.
template <size_t Schedule>
[[gnu::always_inline]] inline void first_round(Rows& v, RoundWords& words, const uint64_t* m) noexcept {
    constexpr const uint8_t* s = kSigma[Schedule];
    for (size_t i = 0; i < 2; ++i) {
        words.columns[i] = Row{m[s[i]], m[s[2 + i]], m[s[4 + i]], m[s[6 + i]]};
        words.diagonals[i] = Row{m[s[14 + i]], m[s[8 + i]], m[s[10 + i]], m[s[12 + i]]};
    }
    round_of_rows(v, words);
}

[[gnu::always_inline]] inline void run_rounds_vector(uint32_t rounds, uint64_t* state, const uint64_t* m) noexcept {
    RoundWords words[kSchedules];
    Rows v(state);
    if (rounds > 0) first_round<0>(v, words[0], m);
    if (rounds > 1) first_round<1>(v, words[1], m);
    if (rounds > 2) first_round<2>(v, words[2], m);
    if (rounds > 3) first_round<3>(v, words[3], m);
    if (rounds > 4) first_round<4>(v, words[4], m);
    if (rounds > 5) first_round<5>(v, words[5], m);
    if (rounds > 6) first_round<6>(v, words[6], m);
    if (rounds > 7) first_round<7>(v, words[7], m);
    if (rounds > 8) first_round<8>(v, words[8], m);
    if (rounds > 9) first_round<9>(v, words[9], m);
    const RoundWords* next = words;
    for (uint32_t i = kSchedules; i < rounds; ++i) {
        round_of_rows(v, *next);
        if (++next == words + kSchedules) next = words;
    }
    v.store(state);
}

[[gnu::target("avx2")]] void run_rounds_avx2(uint32_t rounds, uint64_t* state, const uint64_t* m) noexcept {
    run_rounds_vector(rounds, state, m);
}
/// With rotations in one instruction.
[[gnu::target("avx2,avx512f,avx512vl")]] void run_rounds_avx512(uint32_t rounds, uint64_t* state, const uint64_t* m) noexcept {
    run_rounds_vector(rounds, state, m);
}

#endif

using RunRounds = void (*)(uint32_t rounds, uint64_t* state, const uint64_t* m) noexcept;

RunRounds choose_run_rounds() noexcept {
#ifdef __x86_64__
    if (!optimisation::kProcessorExtensions) return run_rounds_scalar;
    if (__builtin_cpu_supports("avx512vl")) return run_rounds_avx512;
    if (__builtin_cpu_supports("avx2")) return run_rounds_avx2;
#endif
    return run_rounds_scalar;
}

}  // namespace

void blake2f(uint32_t rounds, std::array<uint64_t, 8>& h, const std::array<uint64_t, 16>& m, const std::array<uint64_t, 2>& t,
             bool final) noexcept {
    static const RunRounds run_rounds = choose_run_rounds();
    uint64_t v[16];
    for (size_t i = 0; i < 8; ++i) {
        v[i] = h[i];
        v[8 + i] = kInitialVector[i];
    }
    v[12] ^= t[0];
    v[13] ^= t[1];
    if (final) v[14] = ~v[14];
    run_rounds(rounds, v, m.data());
    for (size_t i = 0; i < 8; ++i) h[i] ^= v[i] ^ v[8 + i];
}

}  // namespace weft::crypto
