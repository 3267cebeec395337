// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"

#include <optional>
#include <string>

namespace weft::execution {

/// What is different in `actual`, in one line for a person: the first of its receipts, sums, accounts or effects that is. nullopt: nothing.
[[nodiscard]] std::optional<std::string> difference(const BlockOutcome& expected, const BlockOutcome& actual);

}  // namespace weft::execution
