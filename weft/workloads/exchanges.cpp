// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads of decentralised exchanges: Uniswap V2 through its router, and Uniswap V3.
#include "weft/workloads/kinds.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace weft::workloads {

namespace {

constexpr uint256 kUnlimited = ~uint256{};
/// What a pool holds of each token: so much that no price moves far.
constexpr uint256 kLiquidity = uint256{1'000'000'000} * uint64_t{1'000'000'000'000};
constexpr uint64_t kLargestTrade = 1'000'000'000;

/// A market of many tokens against one, with a pool for each, and traders who each have one token that they sell in one pool.
class Market : public Workload {
  public:
    explicit Market(uint64_t most_pools) : most_pools_(most_pools) {}

    void prepare(World& world, uint64_t transactions) final {
        traders_.resize(std::max<uint64_t>(20, transactions));
        const uint64_t pools = std::clamp<uint64_t>(transactions / 4, 1, most_pools_);
        world.fund(0, traders_.size());
        base_ = world.deploy("Token");
        for (uint64_t i = 0; i < pools; ++i) tokens_.push_back(world.deploy("Token"));
        open(world);
        for (uint64_t i = 0; i < traders_.size(); ++i) equip(world, i);
    }

  protected:
    struct Trader {
        uint64_t pool = 0;
        bool sells_base = false;
    };

    /// Makes the exchange and a pool of each token.
    virtual void open(World& world) = 0;
    /// Who takes the token from a trader.
    [[nodiscard]] virtual const address& spender() const = 0;

    void mint_for_owner(World& world, const address& token, const address& spender) {
        world.send(token, CallData("mintTo(address,uint256)").add(world.owner()).add(kRiches));
        world.send(token, CallData("approve(address,uint256)").add(spender).add(kUnlimited));
    }
    [[nodiscard]] const address& base() const noexcept { return base_; }
    [[nodiscard]] const std::vector<address>& tokens() const noexcept { return tokens_; }
    [[nodiscard]] const std::vector<Trader>& traders() const noexcept { return traders_; }

  private:
    void equip(World& world, uint64_t i) {
        traders_[i] = {.pool = i / 2 % tokens_.size(), .sells_base = i % 2 == 0};
        const address& token = traders_[i].sells_base ? base_ : tokens_[traders_[i].pool];
        world.send(token, CallData("mintTo(address,uint256)").add(account(i)).add(kRiches));
        world.send(account(i), token, CallData("approve(address,uint256)").add(spender()).add(kUnlimited));
    }

    uint64_t most_pools_;
    address base_;
    std::vector<address> tokens_;
    std::vector<Trader> traders_;
};

class UniswapV2 : public Market {
  public:
    using Market::Market;

    Call next(Random& random) final {
        constexpr uint64_t kGas = 250'000;
        const uint64_t i = random.below(traders().size());
        const Trader& trader = traders()[i];
        std::array path{base(), tokens()[trader.pool]};
        if (!trader.sells_base) std::swap(path[0], path[1]);
        return call(account(i), router_,
                    CallData("swapExactTokensForTokens(uint256,uint256,address[],address,uint256)")
                        .add(uint256{1'000 + random.below(kLargestTrade)})
                        .add(uint256{})
                        .add_array(path)
                        .add(account(i))
                        .add(kUnlimited),
                    kGas);
    }

  protected:
    void open(World& world) final {
        const address factory = world.deploy("UniswapV2Factory", CallData().add(world.owner()));
        router_ = world.deploy("UniswapV2Router02", CallData().add(factory).add(world.deploy("WETH9")));
        mint_for_owner(world, base(), router_);
        for (const address& token : tokens()) {
            mint_for_owner(world, token, router_);
            world.send(router_, CallData("addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)")
                                    .add(base())
                                    .add(token)
                                    .add(kLiquidity)
                                    .add(kLiquidity)
                                    .add(uint256{})
                                    .add(uint256{})
                                    .add(world.owner())
                                    .add(kUnlimited));
        }
    }
    [[nodiscard]] const address& spender() const final { return router_; }

  private:
    address router_;
};

class UniswapV3 : public Market {
  public:
    using Market::Market;

    Call next(Random& random) final {
        constexpr uint64_t kGas = 300'000;
        const uint64_t i = random.below(traders().size());
        const Trader& trader = traders()[i];
        const bool base_first = base() < tokens()[trader.pool];
        return call(account(i), trader_contract_,
                    CallData("sell(address,bool,uint256)")
                        .add(pools_[trader.pool])
                        .add(uint256{trader.sells_base == base_first ? 1U : 0U})
                        .add(uint256{1'000 + random.below(kLargestTrade)}),
                    kGas);
    }

  protected:
    void open(World& world) final {
        constexpr uint64_t kFee = 3'000;                            // hundredths of a basis point
        constexpr uint64_t kTick = 600;                             // a multiple of the tick spacing of that fee, 60
        const uint256 price_of_one = uint256{0, 1ULL << 32, 0, 0};  // sqrt(1) * 2^96
        const address factory = world.deploy("UniswapV3Factory");
        trader_contract_ = world.deploy("PoolTrader");
        mint_for_owner(world, base(), trader_contract_);
        for (const address& token : tokens()) {
            mint_for_owner(world, token, trader_contract_);
            world.send(factory, CallData("createPool(address,address,uint24)").add(base()).add(token).add(uint256{kFee}));
        }
        for (const address& token : tokens()) {
            const address pool =
                to_address(world.ask(factory, CallData("getPool(address,address,uint24)").add(base()).add(token).add(uint256{kFee})));
            world.send(pool, CallData("initialize(uint160)").add(price_of_one));
            world.send(trader_contract_,
                       CallData("provide(address,int24,int24,uint128)").add(pool).add(-uint256{kTick}).add(uint256{kTick}).add(kLiquidity));
            pools_.push_back(pool);
        }
    }
    [[nodiscard]] const address& spender() const final { return trader_contract_; }

  private:
    address trader_contract_;
    std::vector<address> pools_;
};

constexpr uint64_t kManyPools = 256;

template <typename Exchange, uint64_t kMostPools>
std::unique_ptr<Workload> create_market() {
    return std::make_unique<Exchange>(kMostPools);
}

constexpr WorkloadKind kKinds[] = {
    {.name = "v2-many-pools",
     .description = "Uniswap V2 swaps over up to 256 pools",
     .typical_gas = 110'000,
     .create = create_market<UniswapV2, kManyPools>},
    {.name = "v2-one-pool", .description = "Uniswap V2 swaps in one pool", .typical_gas = 110'000, .create = create_market<UniswapV2, 1>},
    {.name = "v3-many-pools",
     .description = "Uniswap V3 swaps over up to 256 pools",
     .typical_gas = 110'000,
     .create = create_market<UniswapV3, kManyPools>},
    {.name = "v3-one-pool", .description = "Uniswap V3 swaps in one pool", .typical_gas = 110'000, .create = create_market<UniswapV3, 1>},
};

}  // namespace

std::span<const WorkloadKind> exchange_kinds() { return kKinds; }

}  // namespace weft::workloads
