// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/differential/block_generator.hpp"
#include "weft/base/random.hpp"
#include "weft/execution/access_hints.hpp"

namespace weft::test {

/// Hints that have nothing to do with what the block does, but name accounts and slots that it knows: for fewer transactions than it has
/// or for more, absent accounts, everything written by everybody, the same location twice.
[[nodiscard]] execution::ListedHints random_hints(const GeneratedBlock& block, Random& random);

/// Hints that name the right locations at the wrong transactions: each is said to write all that two others access.
[[nodiscard]] execution::ListedHints misleading_hints(const GeneratedBlock& block, const execution::AccessHints& right);

}  // namespace weft::test
