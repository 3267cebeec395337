// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

namespace weft::evm {

/// Address of a contract that a transaction or CREATE makes: `nonce` is the creator's before the creation (Yellow Paper, eq. 88).
[[nodiscard]] address create_address(const address& creator, uint64_t nonce);

/// Address of a contract that CREATE2 makes (EIP-1014).
[[nodiscard]] address create2_address(const address& creator, const hash32& salt, bytes_view init_code) noexcept;

}  // namespace weft::evm
