// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads from outside decentralised finance: payments between banks, goods on their way, records with rights of access.
#include "weft/workloads/kinds.hpp"
#include "weft/workloads/zipf.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace weft::workloads {

namespace {

/// A thing that only its hash stands for.
hash32 some_hash(Random& random) {
    hash32 hash;
    for (uint8_t& byte : hash.bytes) byte = static_cast<uint8_t>(random.next());
    return hash;
}

/// Customers of fifty banks pay each other, half of them a few merchants; banks net what they owe each other.
class BankPayments final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        customers_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, customers_);
        banks_ = world.deploy("Banks");
        constexpr uint64_t kBalance = 1'000'000'000'000;
        world.send_in_parts(banks_, "open(uint256,uint256,uint32,uint96)", {.first = 0, .count = customers_},
                            std::array{uint256{kBanks}, uint256{kBalance}});
        popularity_ = Zipf(customers_);
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 150'000;
        const uint64_t from = random.below(customers_);
        if (random.chance(3)) {
            const uint64_t bank = random.below(kBanks);
            const uint64_t other = (bank + 1 + random.below(kBanks - 1)) % kBanks;
            return call(account(from), banks_, CallData("net(uint32,uint32)").add(uint256{1 + bank}).add(uint256{1 + other}), kGas);
        }
        uint64_t to = random.chance(50) ? popularity_.draw(random) : random.below(customers_);
        if (to == from) to = (from + 1) % customers_;
        return call(account(from), banks_,
                    CallData("pay(address,uint96,bytes32)").add(account(to)).add(uint256{1 + random.below(100'000)}).add(some_hash(random)),
                    kGas);
    }

  private:
    static constexpr uint64_t kBanks = 50;

    uint64_t customers_ = 0;
    address banks_;
    Zipf popularity_;
};

/// Items change hands and are inspected; the containers they travel in report temperatures, which become part of their history.
class SupplyChain final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        const uint64_t parties = std::max<uint64_t>(200, transactions);
        holders_.resize(std::max<uint64_t>(1'000, 4 * transactions));
        for (uint64_t i = 0; i < holders_.size(); ++i) holders_[i] = i % parties;
        parties_ = parties;
        world.fund(0, parties);
        tracker_ = world.deploy("SupplyChain");
        world.send_in_parts(tracker_, "produce(uint256,uint256,uint256,uint32)", {.first = 0, .count = holders_.size()},
                            std::array{uint256{parties}, uint256{kContainers}});
        world.send_in_parts(tracker_, "assign(uint32,uint32,uint256)", {.first = 1, .count = kContainers}, std::array{uint256{kCarriers}});
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 120'000;
        const uint64_t dice = random.below(100);
        if (dice < 20) {
            const uint64_t container = 1 + random.below(kContainers);
            return call(account(container % kCarriers), tracker_,
                        CallData("report(uint32,int32)").add(uint256{container}).add(uint256{random.below(20'000)}), kGas);
        }
        const uint64_t item = random.below(holders_.size());
        const uint64_t holder = holders_[item];
        if (dice < 55) {
            return call(account(holder), tracker_, CallData("inspect(uint256,bytes32)").add(uint256{item}).add(some_hash(random)), kGas);
        }
        holders_[item] = random.below(parties_);
        return call(account(holder), tracker_, CallData("handOver(uint256,address)").add(uint256{item}).add(account(holders_[item])), kGas);
    }

  private:
    static constexpr uint64_t kContainers = 100;
    static constexpr uint64_t kCarriers = 20;

    uint64_t parties_ = 0;
    std::vector<uint64_t> holders_;  ///< Of each item.
    address tracker_;
};

/// Offices read and write records of people, who grant access; every access is counted, by record and by office.
class RecordsRegistry final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        records_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, records_);
        registry_ = world.deploy("Records");
        world.send_in_parts(registry_, "license(uint256,uint256)", {.first = 0, .count = kOffices}, {});
        world.send_in_parts(registry_, "found(uint256,uint256,uint256)", {.first = 0, .count = records_}, std::array{uint256{kOffices}});
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 120'000;
        const uint64_t dice = random.below(100);
        const uint64_t record = random.below(records_);
        const address office = account(record % kOffices);
        if (dice < 60) return call(office, registry_, CallData("read(uint256)").add(uint256{record}), kGas);
        if (dice < 85) return call(office, registry_, CallData("write(uint256,bytes32)").add(uint256{record}).add(some_hash(random)), kGas);
        return call(account(record), registry_,
                    CallData("grant(uint256,address,uint256)").add(uint256{record}).add(account(random.below(kOffices))).add(~uint256{}),
                    kGas);
    }

  private:
    static constexpr uint64_t kOffices = 50;

    uint64_t records_ = 0;
    address registry_;
};

constexpr WorkloadKind kKinds[] = {
    {.name = "bank-payments",
     .description = "payments between customers of fifty banks",
     .typical_gas = 59'000,
     .create = create<BankPayments>},
    {.name = "supply-chain",
     .description = "goods change hands, are inspected, and report temperatures",
     .typical_gas = 39'000,
     .create = create<SupplyChain>},
    {.name = "records",
     .description = "a registry of records: accesses, new versions, rights",
     .typical_gas = 45'000,
     .create = create<RecordsRegistry>},
};

}  // namespace

std::span<const WorkloadKind> service_kinds() { return kKinds; }

}  // namespace weft::workloads
