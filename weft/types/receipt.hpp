// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/types/bloom.hpp"
#include "weft/types/decode_error.hpp"
#include "weft/types/log.hpp"
#include "weft/types/transaction.hpp"

#include <expected>
#include <optional>
#include <span>
#include <vector>

namespace weft::types {

/// Outcome of one transaction.
struct Receipt {
    TransactionType type = TransactionType::Legacy;
    bool status = false;               ///< from Byzantium on (EIP-658)
    std::optional<hash32> post_state;  ///< before Byzantium, in place of the status: the state root after the transaction
    uint64_t cumulative_gas_used = 0;  ///< of the block so far, this transaction included
    Bloom bloom;
    std::vector<Log> logs;

    friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// The canonical form (EIP-2718), as in the receipt trie.
[[nodiscard]] bytes encode(const Receipt& receipt);
[[nodiscard]] std::expected<Receipt, DecodeError> decode_receipt(bytes_view encoded);

/// The receipts of a block to be kept: a list of lists [type, status or state root, cumulative gas, logs], without the filters, which
/// follow from the logs and are most of a receipt that has none.
[[nodiscard]] bytes encode_compact(std::span<const Receipt> receipts);
[[nodiscard]] std::expected<std::vector<Receipt>, DecodeError> decode_compact_receipts(bytes_view encoded);

}  // namespace weft::types
