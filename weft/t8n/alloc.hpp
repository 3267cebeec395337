// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/json/json.hpp"
#include "weft/state/memory_state.hpp"

namespace weft::t8n {

/// `alloc`: {address: {balance, nonce, code, storage}}, all but the balance optional. What cannot be read is reported.
[[nodiscard]] state::MemoryState read_alloc(const json::Json& json);

}  // namespace weft::t8n
