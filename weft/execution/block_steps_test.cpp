// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/block_steps.hpp"

#include "weft/base/sync.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/state/block_state.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace weft::execution {
namespace {

/// How the committer gets to know receipts.
enum class Receipts : uint8_t {
    committed,
    written,  ///< By who executes, beforehand.
};

/// A block whose transactions leave logs, or none.
class BlockStepsTest : public testing::TestWithParam<Receipts> {
  protected:
    BlockStepsTest() : transactions_(1000), senders_(transactions_.size()) {
        header_.number = 1;
        header_.gas_limit = 30'000'000;
    }

    static TransactionResult result_of(size_t index) {
        TransactionResult result;
        result.gas_used = 21'000 + index;
        for (size_t i = 0; i < index % 4; ++i)
            result.logs.push_back(
                {.account = address_of(index % 7), .topics = {hash32{{static_cast<uint8_t>(index)}}, hash32{}}, .data = {}});
        return result;
    }

    static void commit(BlockSteps& steps, size_t index) {
        EXPECT_TRUE(steps.check_room(index).has_value());
        if (GetParam() == Receipts::committed) {
            EXPECT_TRUE(steps.commit(index, result_of(index)).has_value());
            return;
        }
        TransactionResult result = result_of(index);
        steps.write_receipt(index, result);
        EXPECT_TRUE(steps.commit_written(index, result.gas_used, result.changes).has_value());
    }

    /// What comes of the block when so many others close receipts of committed transactions all the while.
    BlockResult result_with(unsigned closers) {
        const BlockInput block{.header = &header_,
                               .transactions = transactions_,
                               .senders = senders_,
                               .ommers = {},
                               .withdrawals = {},
                               .rules = {.revision = types::Revision::Shanghai}};
        state::MemoryState base;
        state::BlockState state(base);
        BlockSteps steps(block, state, {});
        TransactionExecution execution;
        EXPECT_TRUE(steps.begin(execution).has_value());
        if (GetParam() == Receipts::written) steps.await_receipts();
        std::optional<BlockResult> result;
        sync::Atomic<size_t> committed{0};
        sync::Atomic<bool> is_over{false};
        sync::Atomic<bool> is_some_closed{closers == 0};
        ThreadPool(closers + 1).run([&](unsigned worker) {
            if (worker != 0) {
                while (!is_over)
                    if (steps.close_some(committed)) is_some_closed = true;
                return;
            }
            for (size_t i = 0; i < transactions_.size(); ++i) {
                commit(steps, i);
                committed = i + 1;
                sync::Backoff backoff;
                while (i == transactions_.size() / 2 && !is_some_closed) backoff.wait();
            }
            auto ended = steps.end(execution);
            is_over = true;
            ASSERT_TRUE(ended.has_value());
            result = *std::move(ended);
        });
        return result.value();
    }

    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
};

INSTANTIATE_TEST_SUITE_P(receipts, BlockStepsTest, testing::Values(Receipts::committed, Receipts::written),
                         [](const auto& info) { return info.param == Receipts::committed ? "committed" : "written"; });

TEST_P(BlockStepsTest, receipts_have_the_gas_so_far_and_filters_of_their_logs) {
    const BlockResult result = result_with(0);
    ASSERT_EQ(result.receipts.size(), transactions_.size());
    types::Bloom all;
    uint64_t gas_used = 0;
    for (size_t i = 0; i < transactions_.size(); ++i) {
        const types::Receipt& receipt = result.receipts[i];
        gas_used += result_of(i).gas_used;
        EXPECT_EQ(receipt.cumulative_gas_used, gas_used);
        EXPECT_EQ(receipt.logs, result_of(i).logs);
        EXPECT_EQ(receipt.bloom, types::bloom_of(receipt.logs));
        all |= receipt.bloom;
    }
    EXPECT_EQ(result.logs_bloom, all);
    EXPECT_NE(all, types::Bloom{});
}

TEST_P(BlockStepsTest, it_does_not_matter_who_closes_receipts_and_when) {
    const BlockResult expected = result_with(0);
    for (const unsigned closers : {1U, 3U}) EXPECT_EQ(result_with(closers), expected);
}

}  // namespace
}  // namespace weft::execution
