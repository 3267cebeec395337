// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/shadow_executor.hpp"

#include "weft/execution/block_difference.hpp"

#include <fmt/format.h>

namespace weft::execution {

std::expected<BlockOutcome, std::string> ShadowExecutor::execute(const BlockInput& block, state::StateView& view,
                                                                 const BlockOptions& options) {
    // First, because it may be the one that recovers the senders.
    BlockOutcome outcome = watched_(block, view, options);
    if (const auto found = difference(shadow_.execute(block, view, options), outcome))
        return std::unexpected(fmt::format("differs from sequential execution: {}", *found));
    return outcome;
}

}  // namespace weft::execution
