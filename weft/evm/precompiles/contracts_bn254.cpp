// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254.hpp"
#include "weft/evm/precompiles/contracts.hpp"

namespace weft::evm::precompiles {
namespace {

constexpr size_t kPairSize = 192;

/// Prices of EIP-196 and EIP-197, and of EIP-1108 from Istanbul on.
struct Pricing {
    uint64_t add;
    uint64_t mul;
    uint64_t pairing;
    uint64_t pair;
};
constexpr Pricing kByzantiumPricing = {.add = 500, .mul = 40'000, .pairing = 100'000, .pair = 80'000};
constexpr Pricing kIstanbulPricing = {.add = 150, .mul = 6'000, .pairing = 45'000, .pair = 34'000};

const Pricing& pricing_of(Revision revision) noexcept { return revision >= Revision::Istanbul ? kIstanbulPricing : kByzantiumPricing; }

}  // namespace

uint64_t bn254_add_gas(bytes_view /*input*/, Revision revision) noexcept { return pricing_of(revision).add; }
uint64_t bn254_mul_gas(bytes_view /*input*/, Revision revision) noexcept { return pricing_of(revision).mul; }

uint64_t bn254_pairing_gas(bytes_view input, Revision revision) noexcept {
    const Pricing& pricing = pricing_of(revision);
    return pricing.pairing + pricing.pair * (input.size() / kPairSize);
}

bool bn254_add_run(bytes_view input, bytes& output) {
    output.resize(64);
    return crypto::bn254::add(std::span<uint8_t, 64>{output}, padded<128>(input));
}

bool bn254_mul_run(bytes_view input, bytes& output) {
    output.resize(64);
    return crypto::bn254::mul(std::span<uint8_t, 64>{output}, padded<96>(input));
}

bool bn254_pairing_run(bytes_view input, bytes& output) {
    const std::optional<bool> is_one = crypto::bn254::pairing_check(input);
    if (!is_one) return false;
    put_flag(output, *is_one);
    return true;
}

}  // namespace weft::evm::precompiles
