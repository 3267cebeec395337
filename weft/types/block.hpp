// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/types/header.hpp"
#include "weft/types/transaction.hpp"
#include "weft/types/withdrawal.hpp"

#include <expected>
#include <optional>
#include <span>
#include <vector>

namespace weft::types {

struct Block {
    Header header;
    std::vector<Transaction> transactions;
    /// Canonical form of each transaction, in the same order. Decoding fills it; a block put together from transactions
    /// leaves it empty or fills it with `encode`.
    std::vector<bytes> encoded_transactions;
    std::vector<Header> ommers;
    std::optional<std::vector<Withdrawal>> withdrawals;  ///< Shanghai and later (EIP-4895)

    friend bool operator==(const Block&, const Block&) = default;
};

/// Checks form only, and that the body has withdrawals exactly when the header has their root (EIP-4895).
[[nodiscard]] std::expected<Block, DecodeError> decode_block(bytes_view encoded);
[[nodiscard]] bytes encode(const Block& block);

/// keccak256 of the encoded list of ommers.
[[nodiscard]] hash32 ommers_hash(std::span<const Header> ommers);

}  // namespace weft::types
