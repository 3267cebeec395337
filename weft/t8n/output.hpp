// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/t8n/transition.hpp"

#include <string>

/// What the tool writes, as JSON with the names that geth uses.
namespace weft::t8n {

/// {stateRoot, txRoot, receiptsRoot, ..., receipts, rejected, ...}
[[nodiscard]] std::string result_json(const Environment& environment, const TransitionResult& result);

/// {address: {balance, nonce, code, storage}} in the order of addresses and slots; what is zero or empty, but for the balance, is left out.
[[nodiscard]] std::string alloc_json(state::MemoryState& state);

}  // namespace weft::t8n
