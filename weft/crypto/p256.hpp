// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

namespace weft::crypto {

/// Whether (r, s) is an ECDSA signature of `digest` under the public key (x, y) on P-256, by the rules of EIP-7951:
/// r and s lie between 1 and the order minus one, the key is a point of the curve with coordinates below the field's
/// prime, the recovered point is not at infinity and its x coordinate equals r modulo the order.
[[nodiscard]] bool p256_verify(const hash32& digest, const uint256& r, const uint256& s, const uint256& x, const uint256& y);

}  // namespace weft::crypto
