// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/crypto/keccak_lanes.hpp"

namespace weft::crypto {

namespace keccak {

namespace {

void hash_one_by_one(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    for (size_t i = 0; i < messages.size(); ++i) digests[i] = keccak256(messages[i]);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] void hash_avx2(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    hash_in_lanes<4>(messages, digests);
}

// VPROLQ rotates, VPTERNLOGQ does a step of chi at once, and there are registers for a whole state.
[[gnu::target("avx512f,avx512vl")]] void hash_avx512_narrow(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    hash_in_lanes<4>(messages, digests);
}
[[gnu::target("avx512f,avx512vl,evex512")]] void hash_avx512(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    hash_in_lanes<8>(messages, digests);
}
#endif

/// The implementations, and which of them is for how many messages.
struct Choice {
    std::array<Implementation, 4> all{{{.name = "one by one", .lanes = 1, .hash = hash_one_by_one}}};
    size_t count = 1;
    Implementation few = all[0];   ///< Up to four messages.
    Implementation many = all[0];  ///< More.

    Choice() noexcept {
#ifdef __x86_64__
        if (!optimisation::kProcessorExtensions || !__builtin_cpu_supports("avx2")) return;
        few = many = add({.name = "AVX2", .lanes = 4, .hash = hash_avx2});
        if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")) return;
        few = add({.name = "AVX-512VL", .lanes = 4, .hash = hash_avx512_narrow});
        many = add({.name = "AVX-512", .lanes = 8, .hash = hash_avx512});
#endif
    }

  private:
    Implementation add(const Implementation& implementation) noexcept { return all[count++] = implementation; }
};

const Choice& choice() noexcept {
    static const Choice made;
    return made;
}

}  // namespace

std::span<const Implementation> implementations() noexcept { return std::span{choice().all}.first(choice().count); }

}  // namespace keccak

void keccak256_batch(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    WEFT_ASSERT(messages.size() == digests.size());
    const keccak::Choice& choice = keccak::choice();
    (messages.size() <= 4 ? choice.few : choice.many).hash(messages, digests);
}

}  // namespace weft::crypto
