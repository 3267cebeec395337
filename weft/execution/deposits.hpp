// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/types/receipt.hpp"

#include <optional>
#include <span>

namespace weft::execution {

/// The data of the block's deposit requests, in the order of the logs (EIP-6110): 192 bytes each, public key,
/// withdrawal credentials, amount, signature, index. nullopt: a deposit event of the contract is malformed.
[[nodiscard]] std::optional<bytes> deposit_requests(std::span<const types::Receipt> receipts, const address& deposit_contract);

}  // namespace weft::execution
