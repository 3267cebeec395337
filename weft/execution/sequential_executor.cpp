// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_steps.hpp"

#include "weft/base/assert.hpp"
#include "weft/state/block_state.hpp"

#include <utility>

namespace weft::execution {

std::expected<BlockResult, BlockError> SequentialExecutor::execute(const BlockInput& block, state::StateView& view,
                                                                   const BlockOptions& options) {
    WEFT_ASSERT(block.senders.size() == block.transactions.size());
    state::BlockState state(view);
    BlockSteps steps(block, state, options);
    if (const auto begun = steps.begin(execution_); !begun) return std::unexpected(begun.error());
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        if (block.recovery != nullptr) static_cast<void>(block.recovery->await(i));
        if (const auto room = steps.check_room(i); !room) return std::unexpected(room.error());
        std::expected<TransactionResult, TransactionError> result = std::unexpected(TransactionError::invalid_signature);
        if (const auto& sender = block.senders[i]) {
            const Progress progress = execution_.start(steps.environment(), block.transactions[i], *sender, state);
            if (auto finished = finish(execution_, progress, state); !finished) {
                finished.error().transaction = i;
                return std::unexpected(finished.error());
            }
            result = execution_.take_result();
        }
        if (const auto committed = steps.commit(i, std::move(result)); !committed) return std::unexpected(committed.error());
    }
    return steps.end(execution_);
}

}  // namespace weft::execution
