// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/world.hpp"

#include "weft/base/hex.hpp"
#include "weft/workloads/zipf.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weft::workloads {
namespace {

constexpr address kContract = address_of(0xc0de);

class AWorld : public testing::Test {
  protected:
    void set_code(std::string_view hex) { world_.state().set_code(kContract, *from_hex(hex)); }

    Artifacts artifacts_{"/nonexistent"};
    World world_{artifacts_};
};

TEST_F(AWorld, keeps_what_transactions_did) {
    // sstore(0, sload(0) + 1)
    set_code("0x5f546001015f55");
    world_.send(kContract, {});
    world_.send(kContract, {});
    world_.settle();
    EXPECT_FALSE(world_.error());
    EXPECT_EQ(world_.state().storage(kContract, 0).value(), uint256{2});
}

TEST_F(AWorld, answers_questions_without_a_trace) {
    // sstore(0, sload(0) + 1), then return(sload(0))
    set_code("0x5f546001015f555f545f5260205ff3");
    world_.send(kContract, {});
    EXPECT_EQ(world_.ask(kContract, {}), uint256{2});
    EXPECT_EQ(world_.ask(kContract, {}), uint256{2});
    EXPECT_FALSE(world_.error());
}

TEST_F(AWorld, calls_a_function_for_a_range_in_parts) {
    // sstore(0, sload(0) + calldata[36]): adds up the counts
    set_code("0x5f54602435015f55");
    const std::array rest{uint256{5}};
    world_.send_in_parts(kContract, "f(uint256,uint256,uint256)", {.first = 7, .count = 1'234}, rest);
    world_.settle();
    EXPECT_EQ(world_.state().storage(kContract, 0).value(), uint256{1'234});
}

TEST_F(AWorld, stops_at_a_transaction_that_fails) {
    set_code("0xfe");
    world_.send(kContract, {});
    world_.settle();
    ASSERT_TRUE(world_.error());
    EXPECT_NE(world_.error()->message.find("transaction 0"), std::string::npos) << world_.error()->message;
    set_code("0x5f546001015f55");
    world_.send(kContract, {});
    world_.settle();
    EXPECT_EQ(world_.state().storage(kContract, 0).value(), uint256{});
}

TEST_F(AWorld, lacks_contracts_that_are_not_compiled) {
    world_.deploy("Token");
    ASSERT_TRUE(world_.error());
    EXPECT_NE(world_.error()->message.find("tools/build_contracts"), std::string::npos) << world_.error()->message;
}

TEST(Zipf, draws_the_first_twice_as_often_as_the_second) {
    const Zipf zipf(1'000);
    Random random(1);
    std::array<unsigned, 1'000> drawn{};
    constexpr unsigned kDraws = 100'000;
    for (unsigned i = 0; i < kDraws; ++i) ++drawn[zipf.draw(random)];
    // The harmonic number of 1,000 is 7.485.
    EXPECT_NEAR(drawn[0], kDraws / 7.485, 500);
    EXPECT_NEAR(drawn[1], kDraws / 7.485 / 2, 400);
    EXPECT_NEAR(drawn[99], kDraws / 7.485 / 100, 60);
}

}  // namespace
}  // namespace weft::workloads
