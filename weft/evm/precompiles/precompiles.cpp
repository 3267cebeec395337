// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/precompiles/precompiles.hpp"

#include "weft/evm/precompiles/contracts.hpp"

namespace weft::evm {
namespace {

using enum types::Revision;
namespace p = precompiles;

constexpr auto kPrecompiles = std::to_array<Precompile>({
    // Yellow Paper, appendix E
    {.name = "ECRECOVER", .number = 0x01, .since = Frontier, .gas = p::ecrecover_gas, .run = p::ecrecover_run},
    {.name = "SHA256", .number = 0x02, .since = Frontier, .gas = p::sha256_gas, .run = p::sha256_run},
    {.name = "RIPEMD160", .number = 0x03, .since = Frontier, .gas = p::ripemd160_gas, .run = p::ripemd160_run},
    {.name = "IDENTITY", .number = 0x04, .since = Frontier, .gas = p::identity_gas, .run = p::identity_run},
    // EIP-198
    {.name = "MODEXP", .number = 0x05, .since = Byzantium, .gas = p::modexp_gas, .run = p::modexp_run},
    // EIP-196
    {.name = "BN254_ADD", .number = 0x06, .since = Byzantium, .gas = p::bn254_add_gas, .run = p::bn254_add_run},
    {.name = "BN254_MUL", .number = 0x07, .since = Byzantium, .gas = p::bn254_mul_gas, .run = p::bn254_mul_run},
    // EIP-197
    {.name = "BN254_PAIRING", .number = 0x08, .since = Byzantium, .gas = p::bn254_pairing_gas, .run = p::bn254_pairing_run},
    // EIP-152
    {.name = "BLAKE2F", .number = 0x09, .since = Istanbul, .gas = p::blake2f_gas, .run = p::blake2f_run},
    // EIP-4844
    {.name = "KZG_POINT_EVALUATION", .number = 0x0a, .since = Cancun, .gas = p::point_evaluation_gas, .run = p::point_evaluation_run},
    // EIP-2537
    {.name = "BLS12_G1ADD", .number = 0x0b, .since = Prague, .gas = p::bls12_g1_add_gas, .run = p::bls12_g1_add_run},
    {.name = "BLS12_G1MSM", .number = 0x0c, .since = Prague, .gas = p::bls12_g1_msm_gas, .run = p::bls12_g1_msm_run},
    {.name = "BLS12_G2ADD", .number = 0x0d, .since = Prague, .gas = p::bls12_g2_add_gas, .run = p::bls12_g2_add_run},
    {.name = "BLS12_G2MSM", .number = 0x0e, .since = Prague, .gas = p::bls12_g2_msm_gas, .run = p::bls12_g2_msm_run},
    {.name = "BLS12_PAIRING_CHECK", .number = 0x0f, .since = Prague, .gas = p::bls12_pairing_gas, .run = p::bls12_pairing_run},
    {.name = "BLS12_MAP_FP_TO_G1", .number = 0x10, .since = Prague, .gas = p::bls12_map_fp_to_g1_gas, .run = p::bls12_map_fp_to_g1_run},
    {.name = "BLS12_MAP_FP2_TO_G2", .number = 0x11, .since = Prague, .gas = p::bls12_map_fp2_to_g2_gas, .run = p::bls12_map_fp2_to_g2_run},
    // EIP-7951
    {.name = "P256VERIFY", .number = 0x0100, .since = Osaka, .gas = p::p256verify_gas, .run = p::p256verify_run},
});

/// Addresses 1 to kConsecutive stand in the rows 0 to kConsecutive - 1; one row follows.
constexpr uint16_t kConsecutive = 0x11;
constexpr const Precompile& kLast = kPrecompiles[kConsecutive];

consteval bool rows_match_their_numbers() noexcept {
    for (uint16_t i = 0; i < kConsecutive; ++i)
        if (kPrecompiles[i].number != i + 1) return false;
    return kPrecompiles.size() == kConsecutive + 1 && kLast.number == 0x0100;
}
static_assert(rows_match_their_numbers());

}  // namespace

std::span<const Precompile> all_precompiles() noexcept { return kPrecompiles; }

const Precompile* detail::find_precompile_by_number(uint16_t number, types::Revision revision) noexcept {
    const Precompile* found = nullptr;
    if (number >= 1 && number <= kConsecutive)
        found = &kPrecompiles[number - 1];
    else if (number == kLast.number)
        found = &kLast;
    return found != nullptr && revision >= found->since ? found : nullptr;
}

}  // namespace weft::evm
