// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads of ether alone, without contracts.
#include "weft/workloads/kinds.hpp"

#include <algorithm>

namespace weft::workloads {

namespace {

constexpr uint64_t kTransferGas = 21'000;

Call pay(const address& from, const address& to, const uint256& amount) {
    return {.from = from, .to = to, .value = amount, .data = {}, .gas_limit = kTransferGas};
}

/// Anybody pays anybody.
class Transfers final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        people_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, people_);
    }
    Call next(Random& random) override {
        const uint64_t from = random.below(people_);
        const uint64_t to = (from + 1 + random.below(people_ - 1)) % people_;
        return pay(account(from), account(to), 1 + random.below(1'000'000));
    }

  private:
    uint64_t people_ = 0;
};

/// Everybody pays the same account: account 0, such as an exchange's.
class OneReceiver final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        people_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, people_);
    }
    Call next(Random& random) override { return pay(account(1 + random.below(people_ - 1)), account(0), 1 + random.below(1'000'000)); }

  private:
    uint64_t people_ = 0;
};

/// Each account passes on what it has just received, so that no transaction is valid before the one ahead of it.
class SerialChain final : public Workload {
  public:
    void prepare(World& world, uint64_t /*transactions*/) override {
        world.fund(0, 1);
        amount_ = (*world.state().account(account(0)))->balance;
    }
    Call next(Random& /*random*/) override {
        amount_ -= uint256{kTransferGas} * kMaxFee;
        const uint64_t from = step_++;
        return pay(account(from), account(step_), amount_);
    }

  private:
    uint256 amount_;
    uint64_t step_ = 0;
};

/// One account pays one new account after the other.
class Airdrop final : public Workload {
  public:
    void prepare(World& world, uint64_t /*transactions*/) override { world.fund(0, 1); }
    Call next(Random& random) override { return pay(account(0), account(++paid_), 1 + random.below(1'000'000)); }

  private:
    uint64_t paid_ = 0;
};

constexpr WorkloadKind kKinds[] = {
    {.name = "transfers",
     .description = "ether from anybody to anybody",
     .typical_gas = kTransferGas,
     .create = create<Transfers>,
     .needs_contracts = false},
    {.name = "one-receiver",
     .description = "ether from many to one account",
     .typical_gas = kTransferGas,
     .create = create<OneReceiver>,
     .needs_contracts = false},
    {.name = "serial-chain",
     .description = "each account passes on the ether it has just received",
     .typical_gas = kTransferGas,
     .create = create<SerialChain>,
     .needs_contracts = false},
    {.name = "airdrop",
     .description = "ether from one account to many new ones",
     .typical_gas = kTransferGas,
     .create = create<Airdrop>,
     .needs_contracts = false},
};

}  // namespace

std::span<const WorkloadKind> ether_kinds() { return kKinds; }

}  // namespace weft::workloads
