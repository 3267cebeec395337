// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Workloads of tokens: ERC-20 transfers, a stablecoin behind its proxy, a rush for ERC-721 pieces, deployments.
#include "weft/workloads/kinds.hpp"
#include "weft/workloads/zipf.hpp"

#include <algorithm>
#include <array>

namespace weft::workloads {

namespace {

constexpr uint64_t kTokenGas = 100'000;  ///< The limit that a wallet would set for a transfer.

/// Holders of a token, who pay each other in it.
class TokenTransfers : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        holders_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, holders_);
        token_ = world.deploy("Token");
        world.send_in_parts(token_, "mint(uint256,uint256,uint256)", {.first = 0, .count = holders_}, std::array{kRiches});
    }
    Call next(Random& random) override {
        const uint64_t from = random.below(holders_);
        uint64_t to = receiver(random);
        if (to == from) to = (from + 1) % holders_;
        return call(account(from), token_, CallData("transfer(address,uint256)").add(account(to)).add(uint256{1 + random.below(1'000'000)}),
                    kTokenGas);
    }

  protected:
    [[nodiscard]] uint64_t holders() const noexcept { return holders_; }
    [[nodiscard]] virtual uint64_t receiver(Random& random) { return random.below(holders_); }

  private:
    uint64_t holders_ = 0;
    address token_;
};

/// A few holders, such as exchanges, receive most of the payments.
class ZipfTransfers final : public TokenTransfers {
  public:
    void prepare(World& world, uint64_t transactions) override {
        TokenTransfers::prepare(world, transactions);
        popularity_ = Zipf(holders());
    }

  protected:
    uint64_t receiver(Random& random) override { return popularity_.draw(random); }

  private:
    Zipf popularity_;
};

class TransfersToOne final : public TokenTransfers {
  protected:
    uint64_t receiver(Random& /*random*/) override { return 0; }
};

/// Payments in a stablecoin; a few licensed minters issue and redeem.
class StablecoinPayments final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        holders_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, holders_);
        const address implementation = world.deploy("Stablecoin");
        coin_ = world.deploy("ERC1967Proxy",
                             CallData().add(implementation).add_bytes(CallData("initialize(address)").add(world.owner()).encode()));
        world.send_in_parts(coin_, "distribute(uint256,uint256,uint256)", {.first = 0, .count = holders_}, std::array{kRiches});
        world.send(coin_, CallData("license(uint256,uint256,uint256)").add(uint256{0}).add(uint256{kMinters}).add(uint256{kRiches}));
        popularity_ = Zipf(holders_);
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 120'000;
        const uint64_t dice = random.below(100);
        const uint256 amount{1 + random.below(1'000'000)};
        const uint64_t to = popularity_.draw(random);
        if (dice < 2)
            return call(account(random.below(kMinters)), coin_, CallData("mint(address,uint256)").add(account(to)).add(amount), kGas);
        if (dice < 4) return call(account(random.below(kMinters)), coin_, CallData("burn(uint256)").add(amount), kGas);
        uint64_t from = random.below(holders_);
        if (from == to) from = (to + 1) % holders_;
        return call(account(from), coin_, CallData("transfer(address,uint256)").add(account(to)).add(amount), kGas);
    }

  private:
    static constexpr uint64_t kMinters = 5;

    uint64_t holders_ = 0;
    address coin_;
    Zipf popularity_;
};

/// Everybody wants a piece of a new collection, and gets the one with the next number.
class MintRush final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        buyers_ = std::max<uint64_t>(1'000, 4 * transactions);
        world.fund(0, buyers_);
        collection_ = world.deploy("Collectible");
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 200'000;
        constexpr uint64_t kPrice = 10'000'000'000'000'000;
        return call(account(random.below(buyers_)), collection_, CallData("mint()"), kGas, kPrice);
    }

  private:
    uint64_t buyers_ = 0;
    address collection_;
};

/// New contracts from anybody.
class Deployments final : public Workload {
  public:
    void prepare(World& world, uint64_t transactions) override {
        deployers_ = std::max<uint64_t>(100, 4 * transactions);
        world.fund(0, deployers_);
        const address implementation = world.deploy("Stablecoin");
        codes_ = {world.init_code("Token"), world.init_code("Collectible"), world.init_code("Records"),
                  world.init_code("ERC1967Proxy", CallData().add(implementation).add_bytes({})), world.init_code("VoteToken")};
    }
    Call next(Random& random) override {
        constexpr uint64_t kGas = 3'500'000;
        return {.from = account(random.below(deployers_)), .to = std::nullopt, .value = {}, .data = random.pick(codes_), .gas_limit = kGas};
    }

  private:
    std::vector<bytes> codes_;
    uint64_t deployers_ = 0;
};

constexpr WorkloadKind kKinds[] = {
    {.name = "token-uniform",
     .description = "ERC-20 transfers from anybody to anybody",
     .typical_gas = 34'500,
     .create = create<TokenTransfers>},
    {.name = "token-zipf",
     .description = "ERC-20 transfers, most of them to few holders",
     .typical_gas = 34'500,
     .create = create<ZipfTransfers>},
    {.name = "token-one-receiver",
     .description = "ERC-20 transfers from many to one holder",
     .typical_gas = 34'500,
     .create = create<TransfersToOne>},
    {.name = "stablecoin",
     .description = "a stablecoin behind a proxy: payments, issue and redemption",
     .typical_gas = 46'000,
     .create = create<StablecoinPayments>},
    {.name = "nft-rush", .description = "everybody mints from one ERC-721 collection", .typical_gas = 92'000, .create = create<MintRush>},
    {.name = "deployments", .description = "new contracts", .typical_gas = 800'000, .create = create<Deployments>},
};

}  // namespace

std::span<const WorkloadKind> token_kinds() { return kKinds; }

}  // namespace weft::workloads
