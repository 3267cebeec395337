// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads of a lending market: Aave V3 with two assets, one that is borrowed against and one that is borrowed.
#include "weft/workloads/kinds.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace weft::workloads {

namespace {

constexpr uint256 kUnlimited = ~uint256{};
constexpr uint256 kOne{1'000'000'000'000'000'000};  ///< of an asset with 18 decimals
constexpr uint64_t kVariableRate = 2;
constexpr uint64_t kPriceUnit = 100'000'000;
constexpr uint64_t kFirstPrice = 2'000 * kPriceUnit;  ///< of the collateral, in the asset that is borrowed
constexpr uint64_t kDeposit = 10;                     ///< of the collateral, by each borrower

// In basis points: what may be borrowed, what may be owed, and what a liquidator receives.
constexpr uint64_t kLoanToValue = 8'200;
constexpr uint64_t kThreshold = 8'250;
constexpr uint64_t kBonus = 10'500;
constexpr uint64_t kBasisPoints = 10'000;

/// The market itself.
class Market {
  public:
    void open(World& world) {
        collateral_ = world.deploy("Token");
        coin_ = world.deploy("Token");
        feed_ = world.deploy("PriceFeed", CallData().add(uint256{kFirstPrice}));
        const address provider = world.deploy("PoolAddressesProvider", CallData().add_string("market").add(world.owner()));
        make_oracle(world, provider);
        // The constructor of the roles asks the provider for its administrator.
        world.send(provider, CallData("setACLAdmin(address)").add(world.owner()));
        const address roles = world.deploy("ACLManager", CallData().add(provider));
        world.send(provider, CallData("setACLManager(address)").add(roles));
        world.send(provider, CallData("setPoolImpl(address)").add(world.deploy("AavePool", CallData().add(provider))));
        world.send(provider, CallData("setPoolConfiguratorImpl(address)").add(world.deploy("PoolConfigurator")));
        pool_ = to_address(world.ask(provider, CallData("getPool()")));
        list_assets(world, provider, roles);
        // So much can be borrowed that interest stays next to nothing.
        world.send(coin_, CallData("mintTo(address,uint256)").add(world.owner()).add(kRiches * uint64_t{1'000'000}));
        world.send(coin_, CallData("approve(address,uint256)").add(pool_).add(kUnlimited));
        world.send(pool_, supply(coin_, kRiches * uint64_t{1'000'000}, world.owner()));
    }

    /// The accounts 0 to debts.size() - 1 deposit and borrow that much each.
    void lend(World& world, const std::vector<uint256>& debts) const {
        world.send_in_parts(collateral_, "mint(uint256,uint256,uint256)", {.first = 0, .count = debts.size()}, std::array{kRiches});
        for (uint64_t i = 0; i < debts.size(); ++i) {
            world.send(account(i), collateral_, CallData("approve(address,uint256)").add(pool_).add(kUnlimited));
            world.send(account(i), pool_, supply(collateral_, kOne * kDeposit, account(i)));
            world.send(account(i), pool_, borrow(debts[i], account(i)));
        }
    }

    /// These accounts have coins that the pool may take.
    void provide_coins(World& world, const Range& accounts) const {
        world.send_in_parts(coin_, "mint(uint256,uint256,uint256)", accounts, std::array{kRiches});
        for (uint64_t i = accounts.first; i < accounts.first + accounts.count; ++i)
            world.send(account(i), coin_, CallData("approve(address,uint256)").add(pool_).add(kUnlimited));
    }

    [[nodiscard]] static CallData supply(const address& asset, const uint256& amount, const address& who) {
        return CallData("supply(address,uint256,address,uint16)").add(asset).add(amount).add(who).add(uint256{});
    }
    [[nodiscard]] CallData borrow(const uint256& amount, const address& who) const {
        return CallData("borrow(address,uint256,uint256,uint16,address)")
            .add(coin_)
            .add(amount)
            .add(uint256{kVariableRate})
            .add(uint256{})
            .add(who);
    }
    [[nodiscard]] const address& collateral() const noexcept { return collateral_; }
    [[nodiscard]] const address& coin() const noexcept { return coin_; }
    [[nodiscard]] const address& feed() const noexcept { return feed_; }
    [[nodiscard]] const address& pool() const noexcept { return pool_; }

  private:
    void make_oracle(World& world, const address& provider) const {
        const address coin_feed = world.deploy("PriceFeed", CallData().add(uint256{kPriceUnit}));
        const address oracle = world.deploy("AaveOracle", CallData()
                                                              .add(provider)
                                                              .add_array(std::array{collateral_, coin_})
                                                              .add_array(std::array{feed_, coin_feed})
                                                              .add(address{})
                                                              .add(address{})
                                                              .add(uint256{kPriceUnit}));
        world.send(provider, CallData("setPriceOracle(address)").add(oracle));
    }

    void list_assets(World& world, const address& provider, const address& roles) const {
        const uint256 ray = kOne * uint64_t{1'000'000'000};
        const auto percent = [&](uint64_t value) { return ray / uint256{100} * value; };
        CallData curve;
        curve.add(provider).add(percent(80));
        for (const uint64_t value : {0, 4, 60, 2, 60, 2, 5, 20}) curve.add(percent(value));
        const address rates = world.deploy("DefaultReserveInterestRateStrategy", curve);
        const address configurator = to_address(world.ask(provider, CallData("getPoolConfigurator()")));
        const CallData tokens_of_pool = CallData().add(pool_);
        const address lister = world.deploy("MarketLister", CallData()
                                                                .add(configurator)
                                                                .add(world.deploy("AToken", tokens_of_pool))
                                                                .add(world.deploy("StableDebtToken", tokens_of_pool))
                                                                .add(world.deploy("VariableDebtToken", tokens_of_pool))
                                                                .add(rates));
        world.send(roles, CallData("addPoolAdmin(address)").add(lister));
        for (const address& asset : {collateral_, coin_}) {
            world.send(lister, CallData("list(address,uint256,uint256,uint256)")
                                   .add(asset)
                                   .add(uint256{kLoanToValue})
                                   .add(uint256{kThreshold})
                                   .add(uint256{kBonus}));
        }
    }

    address collateral_;
    address coin_;
    address feed_;  ///< of the collateral's price
    address pool_;
};

/// Deposits and loans grow and shrink.
class Lending final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        customers_ = std::max<uint64_t>(50, transactions);
        world.fund(0, customers_);
        market_.open(world);
        market_.lend(world, std::vector<uint256>(customers_, kOne * uint64_t{1'000}));
        market_.provide_coins(world, {.first = 0, .count = customers_});
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 600'000;
        const address who = account(random.below(customers_));
        const uint256 amount{1'000'000 + random.below(1'000'000'000)};
        const uint64_t dice = random.below(100);
        if (dice < 30) return call(who, market_.pool(), Market::supply(market_.collateral(), amount, who), kGas);
        if (dice < 60) return call(who, market_.pool(), market_.borrow(amount, who), kGas);
        if (dice < 85) {
            return call(
                who, market_.pool(),
                CallData("repay(address,uint256,uint256,address)").add(market_.coin()).add(amount).add(uint256{kVariableRate}).add(who),
                kGas);
        }
        return call(who, market_.pool(), CallData("withdraw(address,uint256,address)").add(market_.collateral()).add(amount).add(who),
                    kGas);
    }

  private:
    Market market_;
    uint64_t customers_ = 0;
};

/// The price of the collateral falls in steps, and at each step a group of loans may be liquidated, and is.
class Liquidations final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        constexpr uint64_t kSteps = 40;
        const uint64_t borrowers = 2 * transactions + 10;
        loans_per_step_ = std::max<uint64_t>(5, borrowers / kSteps);
        first_liquidator_ = borrowers;
        std::vector<uint256> debts;
        debts.reserve(borrowers);
        for (uint64_t i = 0; i < borrowers; ++i) debts.push_back(debt_of(i / loans_per_step_));
        world.fund(0, borrowers + kLiquidators);
        market_.open(world);
        market_.lend(world, debts);
        market_.provide_coins(world, {.first = first_liquidator_, .count = kLiquidators});
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 800'000;
        const address sender = account(first_liquidator_ + random.below(kLiquidators));
        const uint64_t step = loan_ / loans_per_step_;
        if (loan_ % loans_per_step_ == 0 && reported_ == step)
            return call(sender, market_.feed(), CallData("report(int256)").add(uint256{price_after(reported_++)}), kGas);
        return call(sender, market_.pool(),
                    CallData("liquidationCall(address,address,address,uint256,bool)")
                        .add(market_.collateral())
                        .add(market_.coin())
                        .add(account(loan_++))
                        .add(kUnlimited)
                        .add(uint256{}),
                    kGas);
    }

  private:
    static constexpr uint64_t kLiquidators = 50;

    /// The price after steps 0 to `step`, each of a hundredth of the first.
    static uint64_t price_after(uint64_t step) { return kFirstPrice / 100 * (99 - step); }
    /// The debt that is too large after that step by three thousandths, and not yet before it.
    static uint256 debt_of(uint64_t step) {
        const uint64_t most = kDeposit * price_after(step) / kBasisPoints * kThreshold;
        return uint256{most / 1'000 * 1'003} * (uint64_t{1'000'000'000'000'000'000} / kPriceUnit);
    }

    Market market_;
    uint64_t loans_per_step_ = 0;
    uint64_t first_liquidator_ = 0;
    uint64_t loan_ = 0;      ///< The next to be liquidated.
    uint64_t reported_ = 0;  ///< Steps of the price.
};

constexpr WorkloadKind kKinds[] = {
    {.name = "lending", .description = "deposits and loans in an Aave V3 market", .typical_gas = 180'000, .create = create<Lending>},
    {.name = "liquidations",
     .description = "a falling price, and a cascade of liquidations in an Aave V3 market",
     .typical_gas = 300'000,
     .create = create<Liquidations>},
};

}  // namespace

std::span<const WorkloadKind> lending_kinds() { return kKinds; }

}  // namespace weft::workloads
