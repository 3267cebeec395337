// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

namespace weft::crypto {

/// A compressed point of G1, for a blob's commitment or a proof.
using KzgPoint = FixedBytes<48>;

/// Whether `proof` shows that the polynomial behind `commitment` has the value `y` at `z` (verify_kzg_proof of the
/// consensus-specs' polynomial-commitments, with the mainnet trusted setup). Also false when a point is not a canonical
/// encoding of a point of the subgroup, or when z or y (big-endian) is not below the order.
[[nodiscard]] bool verify_kzg_proof(const KzgPoint& commitment, const hash32& z, const hash32& y, const KzgPoint& proof);

/// The versioned hash of a commitment: its SHA-256 with the first byte replaced by the version 0x01 (EIP-4844,
/// kzg_to_versioned_hash). `commitment` is 48 bytes.
[[nodiscard]] hash32 kzg_versioned_hash(bytes_view commitment) noexcept;

}  // namespace weft::crypto
