// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"

#include <array>

/// The irregular state change of the DAO fork, mainnet block 1,920,000 (EIP-779, "Specification").
namespace weft::execution {

/// Receives the balances.
inline constexpr address kDaoRefundContract{
    {{0xbf, 0x4e, 0xd7, 0xb2, 0x7f, 0x1d, 0x66, 0x65, 0x46, 0xe3, 0x0d, 0x74, 0xd5, 0x0d, 0x17, 0x3d, 0x20, 0xbc, 0xa7, 0x54}}};

/// The accounts whose whole balances move: the DAO, its child DAOs and their extra-balance accounts, in ascending order.
extern const std::array<address, 116> kDaoAccounts;

}  // namespace weft::execution
