// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "test/util/held_view.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/workloads/critical_path.hpp"
#include "weft/workloads/workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace weft::workloads {
namespace {

constexpr uint64_t kGas = 2'000'000;
constexpr uint64_t kSeed = 7;

hash32 final_root(WorkloadBlock& block, const execution::BlockResult& result) {
    block.pre_state.apply(result.diff);
    return block.pre_state.root();
}

class EveryWorkload : public testing::TestWithParam<WorkloadKind> {
  protected:
    void SetUp() override {
        const auto folder = Artifacts::default_folder();
        if (!GetParam().needs_contracts || std::filesystem::is_directory(folder)) return;
        if (test::missing_fixtures_allowed()) GTEST_SKIP() << "no contracts at " << folder;
        FAIL() << "no contracts at " << folder << "; run tools/build_contracts";
    }
    [[nodiscard]] Result<WorkloadBlock> build(uint64_t seed) { return build_block(GetParam(), kGas, seed, artifacts_); }

    Artifacts artifacts_{Artifacts::default_folder()};
};

TEST_P(EveryWorkload, uses_the_gas_that_was_asked_for) {
    for (const uint64_t gas : {kGas, 6 * kGas}) {
        const auto block = build_block(GetParam(), gas, kSeed, artifacts_);
        ASSERT_TRUE(block) << block.error().message;
        const uint64_t count = block->batch.transactions.size();
        EXPECT_GE(count, 2U);
        EXPECT_LE(block->gas_used, gas);
        // What is left has no room for one transaction more, and none is larger than a few of the mean.
        EXPECT_LE(gas - block->gas_used, 4 * block->gas_used / count);
    }
}

TEST_P(EveryWorkload, is_a_valid_block_whose_transactions_succeed) {
    auto block = build(kSeed);
    ASSERT_TRUE(block) << block.error().message;
    execution::SequentialExecutor executor;
    const auto result = executor.execute(block->input(), block->pre_state);
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(result->gas_used, block->gas_used);
    uint64_t reverted = 0;
    for (size_t i = 0; i < result->receipts.size(); ++i) {
        if (result->receipts[i].status) continue;
        EXPECT_TRUE(block->batch.may_fail[i]) << "transaction " << i;
        ++reverted;
    }
    EXPECT_EQ(reverted, block->reverted);
    // A revert is a rare guest even where it is invited.
    EXPECT_LE(2 * reverted, result->receipts.size());
}

TEST_P(EveryWorkload, executes_in_parallel_as_in_order) {
    auto block = build(kSeed);
    ASSERT_TRUE(block) << block.error().message;
    execution::SequentialExecutor sequential;
    const auto expected = sequential.execute(block->input(), block->pre_state);
    ASSERT_TRUE(expected) << to_string(expected.error());
    for (const unsigned threads : {2U, 3U, 4U}) {
        execution::ParallelExecutor parallel(threads);
        EXPECT_TRUE(parallel.execute(block->input(), block->pre_state) == expected) << threads << " threads";
    }
}

/// Transactions only add to a slot in which they meet.
class WorkloadOfSums : public EveryWorkload {};

TEST_P(WorkloadOfSums, is_repaired) {
    constexpr size_t kFarAhead = sync::limit(40U, 5U);
    auto block = build(kSeed);
    ASSERT_TRUE(block) << block.error().message;
    const execution::BlockInput input = block->input();
    ASSERT_GT(input.transactions.size(), kFarAhead);
    const auto expected = execution::SequentialExecutor{}.execute(input, block->pre_state);
    execution::ParallelExecutor executor(2);
    // Most transactions begin before the first has ended.
    test::HeldView view(block->pre_state, *input.senders[0], *input.senders[kFarAhead]);
    EXPECT_TRUE(executor.execute(input, view) == expected);
    if (!optimisation::kCommutativeSlots) return;
    EXPECT_GE(executor.statistics().repaired, kFarAhead / 2);
    EXPECT_LE(executor.statistics().reexecutions, 10);
}

TEST_P(EveryWorkload, follows_from_its_seed) {
    execution::SequentialExecutor executor;
    std::vector<hash32> roots;
    for (const uint64_t seed : {kSeed, kSeed}) {
        auto block = build(seed);
        ASSERT_TRUE(block) << block.error().message;
        const auto result = executor.execute(block->input(), block->pre_state);
        ASSERT_TRUE(result);
        roots.push_back(final_root(*block, *result));
    }
    EXPECT_EQ(roots[0], roots[1]);
}

TEST_P(EveryWorkload, has_a_critical_path) {
    auto block = build(kSeed);
    ASSERT_TRUE(block) << block.error().message;
    const auto path = measure_critical_path(block->input(), block->pre_state, [] {});
    ASSERT_TRUE(path) << to_string(path.error());
    EXPECT_GE(path->by_gas, 1.0 / static_cast<double>(block->batch.transactions.size()) * 0.99);
    EXPECT_LE(path->by_gas, 1);
    // Where the answer is known.
    const std::string_view name = GetParam().name;
    if (name == "transfers" || name == "airdrop" || name == "one-receiver") EXPECT_LT(path->by_gas, 0.02);
    if (name == "token-uniform" || name == "records") EXPECT_LT(path->by_gas, 0.2);
    if (name == "serial-chain") EXPECT_EQ(path->by_gas, 1);
    if (name == "v2-one-pool" || name == "v3-one-pool") EXPECT_GT(path->by_gas, 0.7);
}

std::string test_name(const testing::TestParamInfo<WorkloadKind>& info) {
    std::string name(info.param.name);
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Workloads, EveryWorkload, testing::ValuesIn(workload_kinds().begin(), workload_kinds().end()), test_name);
INSTANTIATE_TEST_SUITE_P(Workloads, WorkloadOfSums,
                         testing::Values(*std::ranges::find(workload_kinds(), "token-one-receiver", &WorkloadKind::name)), test_name);

// ---- Tokens of other makes, as their makers wrote them ----

constexpr uint256 kCoins{1'000'000};

/// Many pay one in a token of some make.
template <typename Make>
class PaymentsToOne final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        holders_ = 2 * transactions;
        world.fund(0, holders_);
        token_ = Make::deploy(world);
        for (uint64_t i = 0; i < holders_; ++i) world.send(token_, CallData(Make::kGive).add(account(i)).add(kCoins));
    }
    Call next(Random& random) override {
        const CallData pay = CallData("transfer(address,uint256)").add(account(0)).add(uint256{1 + random.below(100)});
        return {.from = account(1 + random.below(holders_ - 1)), .to = token_, .value = {}, .data = pay.encode(), .gas_limit = 100'000};
    }

  private:
    uint64_t holders_ = 0;
    address token_;
};

struct OfWeth9 {
    static constexpr std::string_view kGive = "transfer(address,uint256)";
    static address deploy(World& world) {
        const address token = world.deploy("WETH9");
        world.send(world.owner(), token, CallData("deposit()"), uint256{1'000'000'000'000});
        return token;
    }
};
struct OfUniswapV2 {
    static constexpr std::string_view kGive = "transfer(address,uint256)";
    static address deploy(World& world) { return world.deploy("UniswapV2Token", CallData().add(uint256{1'000'000'000'000})); }
};
struct OfSolmate {
    static constexpr std::string_view kGive = "mint(address,uint256)";
    static address deploy(World& world) {
        return world.deploy("MockERC20", CallData().add_string("Solmate").add_string("SOLM").add(uint256{18}));
    }
};
struct OfSolady {
    static constexpr std::string_view kGive = "mint(address,uint256)";
    static address deploy(World& world) { return world.deploy("SoladyToken"); }
};

template <typename Make>
WorkloadKind payments(std::string_view name) {
    return {.name = name, .description = "payments to one", .typical_gas = 34'500, .create = [] -> std::unique_ptr<Workload> {
                return std::make_unique<PaymentsToOne<Make>>();
            }};
}

INSTANTIATE_TEST_SUITE_P(Makes, WorkloadOfSums,
                         testing::Values(payments<OfWeth9>("WETH9"), payments<OfUniswapV2>("UniswapV2"), payments<OfSolmate>("Solmate"),
                                         payments<OfSolady>("Solady")),
                         test_name);

TEST(Artifacts, a_contract_that_is_not_there_is_an_error_that_says_what_to_run) {
    Artifacts artifacts("/nonexistent");
    const auto code = artifacts.find("Token");
    ASSERT_FALSE(code);
    EXPECT_NE(code.error().message.find("tools/build_contracts"), std::string::npos) << code.error().message;
}

}  // namespace
}  // namespace weft::workloads
