// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads of what many own together: a staking vault, a governor.
#include "weft/workloads/kinds.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace weft::workloads {

namespace {

constexpr uint256 kUnlimited = ~uint256{};

/// Holders stake into an ERC-4626 vault that pays a yield, take stakes out and pass them on: nearly each changes the price of all.
class Staking final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        stakers_ = std::max<uint64_t>(100, transactions);
        world.fund(0, stakers_);
        const address token = world.deploy("Token");
        vault_ = world.deploy("Vault", CallData().add(token));
        world.send_in_parts(token, "mint(uint256,uint256,uint256)", {.first = 0, .count = stakers_}, std::array{kRiches});
        world.send(token, CallData("mintTo(address,uint256)").add(world.owner()).add(kRiches));
        world.send(token, CallData("approve(address,uint256)").add(vault_).add(kUnlimited));
        for (uint64_t i = 0; i < stakers_; ++i) {
            world.send(account(i), token, CallData("approve(address,uint256)").add(vault_).add(kUnlimited));
            world.send(account(i), vault_, CallData("deposit(uint256,address)").add(kStake).add(account(i)));
        }
        world.send(vault_, CallData("addYield(uint256)").add(kStake));
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 200'000;
        const uint64_t dice = random.below(100);
        const address staker = account(random.below(stakers_));
        const uint256 amount{1'000 + random.below(1'000'000)};
        if (dice < 45) return call(staker, vault_, CallData("deposit(uint256,address)").add(amount).add(staker), kGas);
        if (dice < 80) return call(staker, vault_, CallData("redeem(uint256,address,address)").add(amount).add(staker).add(staker), kGas);
        return call(staker, vault_, CallData("transfer(address,uint256)").add(account(random.below(stakers_))).add(amount), kGas);
    }

  private:
    static constexpr uint256 kStake = uint256{1'000'000'000'000} * uint64_t{1'000'000};

    uint64_t stakers_ = 0;
    address vault_;
};

/// Holders of a token vote on three proposals; each vote is added to the others for the same proposal.
class Voting final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        voters_ = std::max<uint64_t>(100, transactions);
        world.fund(0, voters_);
        const address token = world.deploy("VoteToken");
        chamber_ = world.deploy("Chamber", CallData().add(token));
        world.send_in_parts(token, "mint(uint256,uint256,uint256)", {.first = 0, .count = voters_}, std::array{kVotes});
        for (uint64_t i = 0; i < kProposals; ++i) {
            const CallData proposal = CallData("proposeText(string)").add_string("proposal " + std::to_string(i));
            proposals_.push_back(world.ask(chamber_, proposal));
            world.send(chamber_, proposal);
        }
        world.settle();
        // The block between the proposals and the votes: the voting delay.
        world.send(token, CallData("delegate(address)").add(world.owner()));
        world.settle();
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 200'000;
        // In every round over the voters each of them votes on another proposal.
        const uint64_t voter = step_ % voters_;
        const uint64_t proposal = (voter + step_ / voters_) % kProposals;
        ++step_;
        return call(account(voter), chamber_, CallData("castVote(uint256,uint8)").add(proposals_[proposal]).add(uint256{random.below(3)}),
                    kGas);
    }

  private:
    static constexpr uint64_t kProposals = 3;
    static constexpr uint256 kVotes{1'000'000};

    uint64_t voters_ = 0;
    address chamber_;
    std::vector<uint256> proposals_;
    uint64_t step_ = 0;
};

constexpr WorkloadKind kKinds[] = {
    {.name = "staking",
     .description = "stakes go into and out of an ERC-4626 vault with yield",
     .typical_gas = 56'000,
     .create = create<Staking>},
    {.name = "governor", .description = "votes on three proposals of a governor", .typical_gas = 66'000, .create = create<Voting>},
};

}  // namespace

std::span<const WorkloadKind> share_kinds() { return kKinds; }

}  // namespace weft::workloads
