// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

namespace weft::state {

/// keccak256 of the empty byte string: the code hash of every account without code (Yellow Paper, eq. 8).
inline constexpr hash32 kEmptyCodeHash{{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                         0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}}};

/// What the state says of an account, apart from its storage.
struct Account {
    uint64_t nonce = 0;
    uint256 balance;
    hash32 code_hash = kEmptyCodeHash;
    /// Whether any slot is non-zero: creation fails there (EIP-7610). With a nonce or code true may stand for storage that was emptied.
    bool has_storage = false;

    /// Empty in the sense of EIP-161: no code, nonce zero, balance zero.
    [[nodiscard]] bool is_empty() const noexcept { return nonce == 0 && balance.is_zero() && code_hash == kEmptyCodeHash; }

    friend bool operator==(const Account&, const Account&) noexcept = default;
};

}  // namespace weft::state
