// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/json/json.hpp"
#include "weft/t8n/failure.hpp"
#include "weft/types/transaction.hpp"

#include <expected>
#include <string>
#include <vector>

namespace weft::t8n {

/// A transaction to apply, or why its bytes are none. The latter is rejected like one that breaks a rule; those behind it are applied.
using Candidate = std::expected<types::Transaction, std::string>;

/// A list of transactions with the names of JSON-RPC; null or absent: none. One without a signature that has a `secretKey` is signed,
/// by the rule before EIP-155 where `protected` is false, else for `chain_id` or the transaction's own. What cannot be read is reported.
[[nodiscard]] std::vector<types::Transaction> read_transactions(const json::Json& json, uint64_t chain_id);

/// The transactions of a block body: an RLP list of signed ones. ExitCode::rlp: it is no list.
[[nodiscard]] Outcome<std::vector<Candidate>> decode_transactions(bytes_view body);

/// The opposite.
[[nodiscard]] bytes encode_body(const std::vector<types::Transaction>& transactions);

}  // namespace weft::t8n
