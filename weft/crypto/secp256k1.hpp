// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

#include <optional>

/// ECDSA over secp256k1 (SEC 2, section 2.4.1; Yellow Paper, appendix F). All functions are safe from every thread.
namespace weft::crypto {

/// Order of the group.
inline constexpr uint256 kSecp256k1Order{0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff};

/// Half of the order, rounded down: the largest s that EIP-2 lets a transaction carry.
inline constexpr uint256 kSecp256k1HalfOrder{0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff, 0x7fffffffffffffff};

/// A signature with the parity of the y coordinate of its nonce point.
struct RecoverableSignature {
    uint256 r;
    uint256 s;
    bool y_parity = false;
};

/// The signer of `digest`: the last 20 bytes of keccak256 over its public key. nullopt: r or s is zero or not below the
/// order, or no point fits. A high s is accepted; who applies EIP-2 checks it against kSecp256k1HalfOrder.
[[nodiscard]] std::optional<address> recover_address(const hash32& digest, const uint256& r, const uint256& s, bool y_parity);

/// Signs with the deterministic nonce of RFC 6979; s is low. nullopt: the secret is zero or not below the order.
[[nodiscard]] std::optional<RecoverableSignature> sign(const hash32& digest, const hash32& secret);

/// The account that `secret` controls. nullopt: the secret is zero or not below the order.
[[nodiscard]] std::optional<address> address_of_secret(const hash32& secret);

}  // namespace weft::crypto
