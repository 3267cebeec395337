// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/types/revision.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

/// The gas and run functions behind the table in precompiles.cpp; their contract is that of evm::Precompile.
namespace weft::evm::precompiles {

using types::Revision;

// contracts_hash.cpp
uint64_t sha256_gas(bytes_view input, Revision revision) noexcept;
uint64_t ripemd160_gas(bytes_view input, Revision revision) noexcept;
uint64_t identity_gas(bytes_view input, Revision revision) noexcept;
uint64_t blake2f_gas(bytes_view input, Revision revision) noexcept;
bool sha256_run(bytes_view input, bytes& output);
bool ripemd160_run(bytes_view input, bytes& output);
bool identity_run(bytes_view input, bytes& output);
bool blake2f_run(bytes_view input, bytes& output);

// contracts_signature.cpp
uint64_t ecrecover_gas(bytes_view input, Revision revision) noexcept;
uint64_t p256verify_gas(bytes_view input, Revision revision) noexcept;
uint64_t point_evaluation_gas(bytes_view input, Revision revision) noexcept;
bool ecrecover_run(bytes_view input, bytes& output);
bool p256verify_run(bytes_view input, bytes& output);
bool point_evaluation_run(bytes_view input, bytes& output);

// contracts_modexp.cpp
uint64_t modexp_gas(bytes_view input, Revision revision) noexcept;
bool modexp_run(bytes_view input, bytes& output);

// contracts_bn254.cpp
uint64_t bn254_add_gas(bytes_view input, Revision revision) noexcept;
uint64_t bn254_mul_gas(bytes_view input, Revision revision) noexcept;
uint64_t bn254_pairing_gas(bytes_view input, Revision revision) noexcept;
bool bn254_add_run(bytes_view input, bytes& output);
bool bn254_mul_run(bytes_view input, bytes& output);
bool bn254_pairing_run(bytes_view input, bytes& output);

// contracts_bls12.cpp
uint64_t bls12_g1_add_gas(bytes_view input, Revision revision) noexcept;
uint64_t bls12_g1_msm_gas(bytes_view input, Revision revision) noexcept;
uint64_t bls12_g2_add_gas(bytes_view input, Revision revision) noexcept;
uint64_t bls12_g2_msm_gas(bytes_view input, Revision revision) noexcept;
uint64_t bls12_pairing_gas(bytes_view input, Revision revision) noexcept;
uint64_t bls12_map_fp_to_g1_gas(bytes_view input, Revision revision) noexcept;
uint64_t bls12_map_fp2_to_g2_gas(bytes_view input, Revision revision) noexcept;
bool bls12_g1_add_run(bytes_view input, bytes& output);
bool bls12_g1_msm_run(bytes_view input, bytes& output);
bool bls12_g2_add_run(bytes_view input, bytes& output);
bool bls12_g2_msm_run(bytes_view input, bytes& output);
bool bls12_pairing_run(bytes_view input, bytes& output);
bool bls12_map_fp_to_g1_run(bytes_view input, bytes& output);
bool bls12_map_fp2_to_g2_run(bytes_view input, bytes& output);

/// The first N bytes of `input`, with zeros after its end.
template <size_t N>
[[nodiscard]] std::array<uint8_t, N> padded(bytes_view input) noexcept {
    std::array<uint8_t, N> r{};
    if (!input.empty()) std::memcpy(r.data(), input.data(), std::min(N, input.size()));
    return r;
}

/// Number of 32-byte words that hold `size` bytes.
[[nodiscard]] constexpr uint64_t words(uint64_t size) noexcept { return size / 32 + (size % 32 != 0 ? 1 : 0); }

/// A 32-byte word holding 0 or 1.
inline void put_flag(bytes& output, bool flag) {
    output.assign(32, 0);
    output[31] = flag ? 1 : 0;
}

}  // namespace weft::evm::precompiles
