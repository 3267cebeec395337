// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/keccak.hpp"

#include "weft/base/optimisation.hpp"

#include <bit>
#include <cstring>

namespace weft::crypto {

namespace {

static_assert(std::endian::native == std::endian::little, "lanes are loaded as they lie in memory");

constexpr size_t kLanes = 25;
constexpr size_t kRateLanes = 17;
constexpr size_t kRateBytes = 8 * kRateLanes;

// FIPS 202, section 3.2.5 (iota).
constexpr uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

[[gnu::always_inline]] inline void chi(uint64_t* out, uint64_t b0, uint64_t b1, uint64_t b2, uint64_t b3, uint64_t b4) noexcept {
    out[0] = b0 ^ (~b1 & b2);
    out[1] = b1 ^ (~b2 & b3);
    out[2] = b2 ^ (~b3 & b4);
    out[3] = b3 ^ (~b4 & b0);
    out[4] = b4 ^ (~b0 & b1);
}

/// One round from `a` to `out`. Lane (x, y) of FIPS 202 is element 5y + x. Theta, rho and pi happen while a row of the
/// result is gathered; going from one array to another saves the temporaries of an update in place.
[[gnu::always_inline]] inline void round(const uint64_t* a, uint64_t* out, uint64_t round_constant) noexcept {
    const uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    const uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    const uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    const uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    const uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    const uint64_t d0 = c4 ^ std::rotl(c1, 1);
    const uint64_t d1 = c0 ^ std::rotl(c2, 1);
    const uint64_t d2 = c1 ^ std::rotl(c3, 1);
    const uint64_t d3 = c2 ^ std::rotl(c4, 1);
    const uint64_t d4 = c3 ^ std::rotl(c0, 1);
    chi(out, a[0] ^ d0, std::rotl(a[6] ^ d1, 44), std::rotl(a[12] ^ d2, 43), std::rotl(a[18] ^ d3, 21), std::rotl(a[24] ^ d4, 14));
    out[0] ^= round_constant;
    chi(out + 5, std::rotl(a[3] ^ d3, 28), std::rotl(a[9] ^ d4, 20), std::rotl(a[10] ^ d0, 3), std::rotl(a[16] ^ d1, 45),
        std::rotl(a[22] ^ d2, 61));
    chi(out + 10, std::rotl(a[1] ^ d1, 1), std::rotl(a[7] ^ d2, 6), std::rotl(a[13] ^ d3, 25), std::rotl(a[19] ^ d4, 8),
        std::rotl(a[20] ^ d0, 18));
    chi(out + 15, std::rotl(a[4] ^ d4, 27), std::rotl(a[5] ^ d0, 36), std::rotl(a[11] ^ d1, 10), std::rotl(a[17] ^ d2, 15),
        std::rotl(a[23] ^ d3, 56));
    chi(out + 20, std::rotl(a[2] ^ d2, 62), std::rotl(a[8] ^ d3, 55), std::rotl(a[14] ^ d4, 39), std::rotl(a[15] ^ d0, 41),
        std::rotl(a[21] ^ d1, 2));
}

[[gnu::always_inline]] inline void permute_rounds(uint64_t* state) noexcept {
    uint64_t even[kLanes];
    uint64_t odd[kLanes];
    std::memcpy(even, state, sizeof(even));
    for (size_t i = 0; i < 24; i += 2) {
        round(even, odd, kRoundConstants[i]);
        round(odd, even, kRoundConstants[i + 1]);
    }
    std::memcpy(state, even, sizeof(even));
}

using Permute = void (*)(uint64_t*) noexcept;

void permute_baseline(uint64_t* state) noexcept { permute_rounds(state); }

#ifdef __x86_64__
// ANDN does the inner step of chi, RORX rotates without overwriting its source.
[[gnu::target("bmi,bmi2")]] void permute_bmi(uint64_t* state) noexcept { permute_rounds(state); }

Permute choose_permute() noexcept {
    const bool can = optimisation::kProcessorExtensions && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    return can ? permute_bmi : permute_baseline;
}
#else
Permute choose_permute() noexcept { return permute_baseline; }
#endif

[[gnu::always_inline]] inline void absorb_lanes(uint64_t* state, const uint8_t* data, size_t count) noexcept {
    for (size_t i = 0; i < count; ++i) {
        uint64_t lane = 0;
        std::memcpy(&lane, data + 8 * i, 8);
        state[i] ^= lane;
    }
}

}  // namespace

hash32 keccak256(bytes_view data) noexcept {
    static const Permute permute = choose_permute();
    uint64_t state[kLanes] = {};
    const uint8_t* next = data.data();
    size_t left = data.size();
    for (; left >= kRateBytes; left -= kRateBytes, next += kRateBytes) {
        absorb_lanes(state, next, kRateLanes);
        permute(state);
    }
    const size_t whole = left / 8;
    absorb_lanes(state, next, whole);
    uint64_t tail = 0;
    if (left % 8 != 0) std::memcpy(&tail, next + 8 * whole, left % 8);
    state[whole] ^= tail | uint64_t{1} << (8 * (left % 8));
    state[kRateLanes - 1] ^= uint64_t{1} << 63;
    permute(state);
    return fixed_from<hash32>(bytes_view{reinterpret_cast<const uint8_t*>(state), 32});
}

}  // namespace weft::crypto
