// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/crypto/kzg.hpp"
#include "weft/crypto/p256.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/evm/precompiles/contracts.hpp"

namespace weft::evm::precompiles {
namespace {

constexpr size_t kP256Size = 160;
constexpr size_t kPointEvaluationSize = 192;

/// What a successful point evaluation returns: FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS (EIP-4844).
constexpr uint256 kFieldElementsPerBlob = 4096;
constexpr uint256 kBlsModulus{0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48};

}  // namespace

uint64_t ecrecover_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return 3000; }

// Yellow Paper, appendix E: an input without a signer gives the empty output, not a failure.
bool ecrecover_run(bytes_view input, bytes& output) {
    output.clear();
    const auto data = padded<128>(input);
    const uint256 v = load_be(data.data() + 32);
    if (v != uint256{27} && v != uint256{28}) return true;
    const auto signer = crypto::recover_address(fixed_from<hash32>(bytes_view{data}.first(32)), load_be(data.data() + 64),
                                                load_be(data.data() + 96), v == uint256{28});
    if (!signer) return true;
    output.assign(32, 0);
    std::memcpy(output.data() + 12, signer->data(), signer->size());
    return true;
}

uint64_t p256verify_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return 6900; }

// EIP-7951: digest, r, s, x, y; anything but a valid signature gives the empty output, not a failure.
bool p256verify_run(bytes_view input, bytes& output) {
    output.clear();
    if (input.size() != kP256Size) return true;
    const uint8_t* const data = input.data();
    if (crypto::p256_verify(fixed_from<hash32>(input.first(32)), load_be(data + 32), load_be(data + 64), load_be(data + 96),
                            load_be(data + 128)))
        put_flag(output, true);
    return true;
}

uint64_t point_evaluation_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return 50000; }

// EIP-4844, point_evaluation_precompile: versioned hash, z, y, commitment, proof.
bool point_evaluation_run(bytes_view input, bytes& output) {
    if (input.size() != kPointEvaluationSize) return false;
    const bytes_view commitment = input.subspan(96, 48);
    if (crypto::kzg_versioned_hash(commitment) != fixed_from<hash32>(input.first(32))) return false;
    if (!crypto::verify_kzg_proof(fixed_from<crypto::KzgPoint>(commitment), fixed_from<hash32>(input.subspan(32, 32)),
                                  fixed_from<hash32>(input.subspan(64, 32)), fixed_from<crypto::KzgPoint>(input.subspan(144, 48))))
        return false;
    output.resize(64);
    store_be(output.data(), kFieldElementsPerBlob);
    store_be(output.data() + 32, kBlsModulus);
    return true;
}

}  // namespace weft::evm::precompiles
