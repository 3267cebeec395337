// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/base/prefetch.hpp"
#include "weft/execution/access_record.hpp"
#include "weft/execution/block_steps.hpp"

#include <span>

namespace weft::execution {

namespace {

/// What its execution looks at first; and where it is, of the one behind it.
void prefetch_transaction(std::span<const types::Transaction> transactions, size_t i) noexcept {
    if (i + 1 < transactions.size()) prefetch(transactions[i + 1]);
    if (i < transactions.size()) prefetch_beginning(transactions[i].data);
}

}  // namespace

std::expected<BlockResult, BlockError> SequentialExecutor::execute(const BlockInput& block, state::StateView& view,
                                                                   const BlockOptions& options) {
    WEFT_ASSERT(block.senders.size() == block.transactions.size());
    state_.begin(view);
    hashes_.forget();
    execution_.use_hashes(hashes_);
    execution_.keep_hashed_pairs(options.accesses != nullptr);
    if (options.accesses != nullptr) options.accesses->begin(block.transactions.size());
    BlockSteps steps(block, state_, options);
    if (const auto begun = steps.begin(execution_); !begun) return std::unexpected(begun.error());
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        prefetch_transaction(block.transactions, i + 1);
        if (block.recovery != nullptr) static_cast<void>(block.recovery->await(i));
        if (const auto room = steps.check_room(i); !room) return std::unexpected(room.error());
        const std::optional<address>& sender = block.senders[i];
        if (!sender) return std::unexpected(steps.commit(i, std::unexpected(TransactionError::invalid_signature)).error());
        const Progress progress = execution_.start(steps.environment(), block.transactions[i], *sender, state_);
        if (auto finished = finish(execution_, progress, state_); !finished) {
            finished.error().transaction = i;
            return std::unexpected(finished.error());
        }
        auto&& result = execution_.take_result();
        if (options.accesses != nullptr && result) options.accesses->record(i, block.transactions[i], *sender, execution_);
        if (const auto committed = steps.commit(i, std::move(result)); !committed) return std::unexpected(committed.error());
    }
    return steps.end(execution_);
}

}  // namespace weft::execution
