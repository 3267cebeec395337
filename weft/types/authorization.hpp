// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

#include <optional>
#include <vector>

namespace weft::types {

/// Authorization tuple of a set-code transaction (EIP-7702). Any value decodes; whether the tuple takes effect is
/// decided in execution.
struct Authorization {
    uint256 chain_id;
    address delegate;  ///< `address` in the EIP: the account whose code runs
    uint64_t nonce = 0;
    uint8_t y_parity = 0;
    uint256 r;
    uint256 s;

    friend bool operator==(const Authorization&, const Authorization&) = default;
};

using AuthorizationList = std::vector<Authorization>;

/// keccak256(0x05 || rlp([chain_id, address, nonce])).
[[nodiscard]] hash32 signing_hash(const Authorization& authorization);

/// The account that signed; nullopt for a signature that is invalid or has a high s (EIP-7702, EIP-2).
[[nodiscard]] std::optional<address> recover_authority(const Authorization& authorization);

}  // namespace weft::types
