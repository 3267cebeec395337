// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/chain/chain_spec.hpp"
#include "weft/json/json.hpp"

namespace weft::chain {

/// The fork schedule that `config` of a genesis file describes. What is wrong with it is reported to the document.
[[nodiscard]] ChainSpec read_chain_config(const json::Json& config);

}  // namespace weft::chain
