// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/keccak.hpp"

#include "weft/base/optimisation.hpp"
#include "weft/crypto/keccak_lanes.hpp"
#include "weft/crypto/keccak_permutation.hpp"

#include <array>
#include <cstring>

namespace weft::crypto {

namespace keccak {

namespace {

void permute_baseline(uint64_t* state) noexcept { permute(state); }

#ifdef __x86_64__
// ANDN does the inner step of chi, RORX rotates without overwriting its source.
[[gnu::target("bmi,bmi2")]] void permute_bmi(uint64_t* state) noexcept { permute(state); }

// A single lane of vectors, of which there are registers for a whole state: VPROLQ rotates, VPTERNLOGQ adds three words and does a step of
// chi.
[[gnu::target("avx512f,avx512vl")]] void permute_avx512(uint64_t* state) noexcept {
    using Vector = uint64_t __attribute__((vector_size(16)));
    Vector words[kWords];
    for (size_t i = 0; i < kWords; ++i) words[i] = Vector{state[i], 0};
    permute(words);
    for (size_t i = 0; i < kWords; ++i) state[i] = words[i][0];
}
#endif

struct Permutations {
    std::array<Permutation, 3> all{{{.name = "baseline", .permute = permute_baseline}}};
    size_t count = 1;

    Permutations() noexcept {
#ifdef __x86_64__
        if (!optimisation::kProcessorExtensions || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2")) return;
        all[count++] = {.name = "BMI2", .permute = permute_bmi};
        if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")) return;
        all[count++] = {.name = "AVX-512VL", .permute = permute_avx512};
#endif
    }
};

const Permutations& known_permutations() noexcept {
    static const Permutations known;
    return known;
}

[[gnu::always_inline]] inline void absorb_words(uint64_t* state, const uint8_t* data, size_t count) noexcept {
    for (size_t i = 0; i < count; ++i) {
        uint64_t word = 0;
        std::memcpy(&word, data + 8 * i, 8);
        state[i] ^= word;
    }
}

}  // namespace

std::span<const Permutation> permutations() noexcept { return std::span{known_permutations().all}.first(known_permutations().count); }

hash32 finish(uint64_t* state, bytes_view rest) noexcept {
    static const auto permute = permutations().back().permute;
    const uint8_t* next = rest.data();
    size_t left = rest.size();
    for (; left >= kRateBytes; left -= kRateBytes, next += kRateBytes) {
        absorb_words(state, next, kRateWords);
        permute(state);
    }
    const size_t whole = left / 8;
    absorb_words(state, next, whole);
    uint64_t tail = 0;
    if (left % 8 != 0) std::memcpy(&tail, next + 8 * whole, left % 8);
    state[whole] ^= tail | uint64_t{1} << (8 * (left % 8));
    state[kRateWords - 1] ^= uint64_t{1} << 63;
    permute(state);
    return fixed_from<hash32>(bytes_view{reinterpret_cast<const uint8_t*>(state), 32});
}

}  // namespace keccak

hash32 keccak256(bytes_view data) noexcept {
    uint64_t state[keccak::kWords] = {};
    return keccak::finish(state, data);
}

}  // namespace weft::crypto
