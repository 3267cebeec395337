// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/kzg.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/sha256.hpp"

#include <blst.h>

#include <array>
#include <memory>
#include <optional>

namespace weft::crypto {

namespace {

constexpr uint8_t kVersionedHashVersion = 0x01;  // EIP-4844, VERSIONED_HASH_VERSION_KZG
constexpr size_t kScalarBits = 255;
constexpr size_t kLineCount = 68;

/// [tau]_2, compressed: the second of the "g2_monomial" points of the KZG ceremony's mainnet trusted setup
/// (ethereum/consensus-specs, presets/mainnet/trusted_setups/trusted_setup_4096.json).
constexpr uint8_t kTauG2[96] = {
    0xb5, 0xbf, 0xd7, 0xdd, 0x8c, 0xde, 0xb1, 0x28, 0x84, 0x3b, 0xc2, 0x87, 0x23, 0x0a, 0xf3, 0x89, 0x26, 0x18, 0x70, 0x75,
    0xcb, 0xfb, 0xef, 0xa8, 0x10, 0x09, 0xa2, 0xce, 0x61, 0x5a, 0xc5, 0x3d, 0x29, 0x14, 0xe5, 0x87, 0x0c, 0xb4, 0x52, 0xd2,
    0xaf, 0xaa, 0xab, 0x24, 0xf3, 0x49, 0x9f, 0x72, 0x18, 0x5c, 0xbf, 0xee, 0x53, 0x49, 0x27, 0x14, 0x73, 0x44, 0x29, 0xb7,
    0xb3, 0x86, 0x08, 0xe2, 0x39, 0x26, 0xc9, 0x11, 0xcc, 0xec, 0xea, 0xc9, 0xa3, 0x68, 0x51, 0x47, 0x7b, 0xa4, 0xc6, 0x0b,
    0x08, 0x70, 0x41, 0xde, 0x62, 0x10, 0x00, 0xed, 0xc9, 0x8e, 0xda, 0xda, 0x20, 0xc1, 0xde, 0xf2,
};

using Lines = std::array<blst_fp6, kLineCount>;

/// The line functions of the two points of G2 that every check pairs with.
struct FixedLines {
    Lines generator;
    Lines tau;

    FixedLines() {
        blst_precompute_lines(generator.data(), blst_p2_affine_generator());
        blst_p2_affine tau_point;
        const BLST_ERROR status = blst_p2_uncompress(&tau_point, kTauG2);
        WEFT_ASSERT(status == BLST_SUCCESS && blst_p2_affine_in_g2(&tau_point));
        blst_precompute_lines(tau.data(), &tau_point);
    }
};

const FixedLines& fixed_lines() {
    static const std::unique_ptr<const FixedLines> lines = std::make_unique<const FixedLines>();
    return *lines;
}

[[nodiscard]] std::optional<blst_p1_affine> read_point(const KzgPoint& encoded) {
    blst_p1_affine point;
    if (blst_p1_uncompress(&point, encoded.data()) != BLST_SUCCESS) return std::nullopt;
    if (!blst_p1_affine_is_inf(&point) && !blst_p1_affine_in_g1(&point)) return std::nullopt;
    return point;
}

[[nodiscard]] std::optional<blst_scalar> read_scalar(const hash32& encoded) {
    blst_scalar scalar;
    blst_scalar_from_bendian(&scalar, encoded.data());
    if (!blst_scalar_fr_check(&scalar)) return std::nullopt;
    return scalar;
}

/// The pairing with a fixed point of G2 before the final exponentiation; one for infinity.
[[nodiscard]] blst_fp12 miller_loop(const Lines& lines, const blst_p1_affine& point) {
    if (blst_p1_affine_is_inf(&point)) return *blst_fp12_one();
    blst_fp12 result;
    blst_miller_loop_lines(&result, lines.data(), &point);
    return result;
}

}  // namespace

bool verify_kzg_proof(const KzgPoint& commitment, const hash32& z, const hash32& y, const KzgPoint& proof) {
    const auto commitment_point = read_point(commitment);
    const auto proof_point = read_point(proof);
    const auto z_scalar = read_scalar(z);
    const auto y_scalar = read_scalar(y);
    if (!commitment_point || !proof_point || !z_scalar || !y_scalar) return false;

    // e(C - [y]_1, [1]_2) = e(proof, [tau - z]_2), with z moved to the left so that both points of G2 are fixed:
    // e(C - [y]_1 + z proof, [1]_2) = e(proof, [tau]_2).
    blst_p1 left;
    blst_p1 term;
    blst_p1_mult(&left, blst_p1_generator(), y_scalar->b, kScalarBits);
    blst_p1_cneg(&left, true);
    blst_p1_add_or_double_affine(&left, &left, &*commitment_point);
    blst_p1_from_affine(&term, &*proof_point);
    blst_p1_mult(&term, &term, z_scalar->b, kScalarBits);
    blst_p1_add_or_double(&left, &left, &term);

    blst_p1_affine left_affine;
    blst_p1_to_affine(&left_affine, &left);
    const FixedLines& lines = fixed_lines();
    const blst_fp12 left_pairing = miller_loop(lines.generator, left_affine);
    const blst_fp12 right_pairing = miller_loop(lines.tau, *proof_point);
    return blst_fp12_finalverify(&left_pairing, &right_pairing);
}

hash32 kzg_versioned_hash(bytes_view commitment) noexcept {
    hash32 hash = sha256(commitment);
    hash[0] = kVersionedHashVersion;
    return hash;
}

}  // namespace weft::crypto
