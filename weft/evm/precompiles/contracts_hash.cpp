// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/blake2f.hpp"
#include "weft/crypto/ripemd160.hpp"
#include "weft/crypto/sha256.hpp"
#include "weft/evm/precompiles/contracts.hpp"

#include <bit>

namespace weft::evm::precompiles {
namespace {

// The input of EIP-152: rounds (4, big-endian), h (8 words), m (16 words), t (2 words), all little-endian, final (1).
constexpr size_t kBlake2fSize = 213;
constexpr size_t kBlake2fH = 4;
constexpr size_t kBlake2fM = kBlake2fH + 64;
constexpr size_t kBlake2fT = kBlake2fM + 128;
constexpr size_t kBlake2fFinal = kBlake2fT + 16;

uint32_t blake2f_rounds(bytes_view input) noexcept {
    return static_cast<uint32_t>(input[0]) << 24 | static_cast<uint32_t>(input[1]) << 16 | static_cast<uint32_t>(input[2]) << 8 | input[3];
}

template <size_t N>
std::array<uint64_t, N> little_endian_words(bytes_view input, size_t offset) noexcept {
    std::array<uint64_t, N> r;
    std::memcpy(r.data(), input.data() + offset, sizeof r);
    return r;
}

}  // namespace

// Yellow Paper, equations of appendix E: 60 + 12 a word, 600 + 120 a word, 15 + 3 a word.
uint64_t sha256_gas(bytes_view input, Revision /*revision*/) noexcept { return 60 + 12 * words(input.size()); }
uint64_t ripemd160_gas(bytes_view input, Revision /*revision*/) noexcept { return 600 + 120 * words(input.size()); }
uint64_t identity_gas(bytes_view input, Revision /*revision*/) noexcept { return 15 + 3 * words(input.size()); }

bool sha256_run(bytes_view input, bytes& output) {
    const hash32 digest = crypto::sha256(input);
    output.assign(digest.begin(), digest.end());
    return true;
}

bool ripemd160_run(bytes_view input, bytes& output) {
    const auto digest = crypto::ripemd160(input);
    output.assign(32, 0);
    std::memcpy(output.data() + 12, digest.data(), digest.size());
    return true;
}

bool identity_run(bytes_view input, bytes& output) {
    output.assign(input.begin(), input.end());
    return true;
}

// EIP-152, "Gas costs and benchmarks": one a round. A wrong length costs nothing here and fails in run.
uint64_t blake2f_gas(bytes_view input, Revision /*revision*/) noexcept { return input.size() == kBlake2fSize ? blake2f_rounds(input) : 0; }

bool blake2f_run(bytes_view input, bytes& output) {
    static_assert(std::endian::native == std::endian::little);
    if (input.size() != kBlake2fSize || input[kBlake2fFinal] > 1) return false;
    auto h = little_endian_words<8>(input, kBlake2fH);
    crypto::blake2f(blake2f_rounds(input), h, little_endian_words<16>(input, kBlake2fM), little_endian_words<2>(input, kBlake2fT),
                    input[kBlake2fFinal] == 1);
    output.resize(sizeof h);
    std::memcpy(output.data(), h.data(), sizeof h);
    return true;
}

}  // namespace weft::evm::precompiles
