// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads that mix others: blocks like mainnet's, and blocks of somebody who wants to slow parallel execution down.
#include "weft/base/assert.hpp"
#include "weft/workloads/kinds.hpp"

#include <algorithm>
#include <vector>

namespace weft::workloads {

namespace {

struct Ingredient {
    std::string_view name;
    uint64_t percent;  ///< of the transactions
};

/// What blocks of mainnet consist of, roughly.
constexpr Ingredient kMainnet[] = {
    {.name = "transfers", .percent = 28},    {.name = "one-receiver", .percent = 4}, {.name = "airdrop", .percent = 2},
    {.name = "stablecoin", .percent = 24},   {.name = "token-zipf", .percent = 14},  {.name = "token-one-receiver", .percent = 2},
    {.name = "v2-many-pools", .percent = 7}, {.name = "v2-one-pool", .percent = 3},  {.name = "v3-many-pools", .percent = 4},
    {.name = "v3-one-pool", .percent = 3},   {.name = "nft-rush", .percent = 3},     {.name = "staking", .percent = 2},
    {.name = "lending", .percent = 2},       {.name = "governor", .percent = 1},     {.name = "deployments", .percent = 1},
};

class MainnetMix final : public Workload {
  public:
    MainnetMix() {
        const auto kinds = workload_kinds();
        for (const Ingredient& ingredient : kMainnet) {
            const auto kind = std::ranges::find(kinds, ingredient.name, &WorkloadKind::name);
            WEFT_ASSERT(kind != kinds.end());
            parts_.push_back({.percent = ingredient.percent, .workload = kind->create()});
        }
    }
    void prepare(World& world, uint64_t transactions) override {
        for (const Part& part : parts_) part.workload->prepare(world, transactions * part.percent / 100 + 2);
    }
    Call next(Random& random) override {
        uint64_t dice = random.below(100);
        size_t i = 0;
        for (; dice >= parts_[i].percent; ++i) dice -= parts_[i].percent;
        return parts_[i].workload->next(random);
    }

  private:
    struct Part {
        uint64_t percent;
        std::unique_ptr<Workload> workload;
    };
    std::vector<Part> parts_;
};

/// Transactions that read first what others write last, go where nobody can foresee, overwrite what all read, look at the account
/// of the fees, or fail after long work.
class DenialOfService final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        senders_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, senders_);
        contract_ = world.deploy("Contention");
        world.send(contract_, CallData("sweep(uint256)").add(uint256{1}));
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 1'000'000;
        const address sender = account(random.below(senders_));
        const uint256 rounds{50 + random.below(500)};
        const uint64_t dice = random.below(100);
        if (dice < 20) return call(sender, contract_, CallData("churn(uint256)").add(rounds), kGas);
        if (dice < 60) {
            const CallData data = CallData("wander(uint256,uint256)").add(uint256{4 + random.below(16)}).add(uint256{random.next()});
            return call(sender, contract_, data, kGas);
        }
        if (dice < 70) return call(sender, contract_, CallData("watch(uint256)").add(rounds), kGas);
        if (dice < 75) return call(sender, contract_, CallData("sweep(uint256)").add(uint256{1 + random.below(1'000'000)}), kGas);
        // Reverts, or runs out of gas.
        const bool is_short = dice >= 90;
        Call failing = is_short ? call(sender, contract_, CallData("churn(uint256)").add(uint256{10'000}), 60'000)
                                : call(sender, contract_, CallData("spoil(uint256)").add(rounds), kGas);
        failing.may_fail = true;
        return failing;
    }

  private:
    uint64_t senders_ = 0;
    address contract_;
};

constexpr WorkloadKind kKinds[] = {
    {.name = "mainnet-mix", .description = "many of the others, about as on mainnet", .typical_gas = 60'000, .create = create<MainnetMix>},
    {.name = "dos-mix", .description = "conflicts that somebody made on purpose", .typical_gas = 80'000, .create = create<DenialOfService>},
};

}  // namespace

std::span<const WorkloadKind> mixture_kinds() { return kKinds; }

}  // namespace weft::workloads
