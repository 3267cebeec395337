// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/chain_spec.hpp"

#include <gtest/gtest.h>

namespace weft::chain {
namespace {

using types::Revision;

struct Point {
    uint64_t chain_id;
    uint64_t number;
    uint64_t timestamp;
    Revision revision;
};

/// Real blocks beside every switch: number and timestamp as in the chain.
constexpr Point kPoints[] = {
    {.chain_id = 1, .number = 1'149'999, .timestamp = 1'457'981'342, .revision = Revision::Frontier},
    {.chain_id = 1, .number = 1'150'000, .timestamp = 1'457'981'393, .revision = Revision::Homestead},
    {.chain_id = 1, .number = 2'462'999, .timestamp = 1'476'796'729, .revision = Revision::Homestead},
    {.chain_id = 1, .number = 2'463'000, .timestamp = 1'476'796'771, .revision = Revision::TangerineWhistle},
    {.chain_id = 1, .number = 2'675'000, .timestamp = 1'479'831'344, .revision = Revision::SpuriousDragon},
    {.chain_id = 1, .number = 4'370'000, .timestamp = 1'508'131'331, .revision = Revision::Byzantium},
    {.chain_id = 1, .number = 7'279'999, .timestamp = 1'551'383'501, .revision = Revision::Byzantium},
    {.chain_id = 1, .number = 7'280'000, .timestamp = 1'551'383'524, .revision = Revision::Petersburg},
    {.chain_id = 1, .number = 9'069'000, .timestamp = 1'575'764'709, .revision = Revision::Istanbul},
    {.chain_id = 1, .number = 12'244'000, .timestamp = 1'618'481'223, .revision = Revision::Berlin},
    {.chain_id = 1, .number = 12'965'000, .timestamp = 1'628'166'822, .revision = Revision::London},
    {.chain_id = 1, .number = 15'537'393, .timestamp = 1'663'224'162, .revision = Revision::London},
    {.chain_id = 1, .number = 15'537'394, .timestamp = 1'663'224'179, .revision = Revision::Paris},
    {.chain_id = 1, .number = 17'034'869, .timestamp = 1'681'338'443, .revision = Revision::Paris},
    {.chain_id = 1, .number = 17'034'870, .timestamp = 1'681'338'479, .revision = Revision::Shanghai},
    {.chain_id = 1, .number = 19'426'586, .timestamp = 1'710'338'123, .revision = Revision::Shanghai},
    {.chain_id = 1, .number = 19'426'587, .timestamp = 1'710'338'135, .revision = Revision::Cancun},
    {.chain_id = 1, .number = 22'431'084, .timestamp = 1'746'612'311, .revision = Revision::Prague},
    {.chain_id = 1, .number = 23'935'694, .timestamp = 1'764'798'551, .revision = Revision::Osaka},
    {.chain_id = 11'155'111, .number = 1'450'408, .timestamp = 1'657'107'132, .revision = Revision::London},
    {.chain_id = 11'155'111, .number = 1'450'409, .timestamp = 1'657'107'144, .revision = Revision::Paris},
    {.chain_id = 17'000, .number = 1, .timestamp = 1'696'000'704, .revision = Revision::Shanghai},
    {.chain_id = 560'048, .number = 1, .timestamp = 1'742'213'400, .revision = Revision::Cancun},
};

TEST(ChainSpec, revisions_switch_at_the_scheduled_blocks) {
    for (const Point& point : kPoints) {
        const ChainSpec* spec = spec_of_chain_id(point.chain_id);
        ASSERT_NE(spec, nullptr);
        EXPECT_EQ(spec->rules_at(point.number, point.timestamp).revision, point.revision) << spec->name << ' ' << point.number;
    }
}

TEST(ChainSpec, time_forks_wait_for_the_merge) {
    const ChainSpec* mainnet = spec_of_chain_id(1);
    EXPECT_EQ(mainnet->rules_at(1'000, 2'000'000'000).revision, Revision::Frontier);
}

TEST(ChainSpec, dao_transition_is_one_block_of_mainnet) {
    const ChainSpec* mainnet = spec_of_chain_id(1);
    EXPECT_FALSE(mainnet->rules_at(1'919'999, 1'469'020'839).dao_transition);
    EXPECT_TRUE(mainnet->rules_at(1'920'000, 1'469'020'840).dao_transition);
    EXPECT_FALSE(mainnet->rules_at(1'920'001, 1'469'020'841).dao_transition);
    EXPECT_FALSE(spec_of_chain_id(11'155'111)->rules_at(1'920'000, 1'469'020'840).dao_transition);
}

TEST(ChainSpec, eip7892_blob_parameters_change_without_a_revision) {
    const ChainSpec* mainnet = spec_of_chain_id(1);
    EXPECT_EQ(mainnet->rules_at(19'426'587, 1'710'338'135).blob, (types::BlobSchedule{3, 6, 3338477}));
    EXPECT_EQ(mainnet->rules_at(22'431'084, 1'746'612'311).blob, (types::BlobSchedule{6, 9, 5007716}));
    EXPECT_EQ(mainnet->rules_at(23'935'694, 1'764'798'551).blob, (types::BlobSchedule{6, 9, 5007716}));
    EXPECT_EQ(mainnet->rules_at(23'975'778, 1'765'290'071).blob, (types::BlobSchedule{10, 15, 8346193}));
    EXPECT_EQ(mainnet->rules_at(24'180'000, 1'767'747'671).blob, (types::BlobSchedule{14, 21, 11684671}));
    EXPECT_EQ(mainnet->rules_at(1'000, 1'438'270'000).blob, types::BlobSchedule{});
}

TEST(ChainSpec, other_chains_are_not_known) { EXPECT_EQ(spec_of_chain_id(31'337), nullptr); }

TEST(ChainSpec, a_chain_of_one_revision_never_changes) {
    const ChainSpec spec = spec_of_revision(Revision::Berlin, 7);
    const types::ChainRules rules = spec.rules_at(20'000'000, 2'000'000'000);
    EXPECT_EQ(rules.revision, Revision::Berlin);
    EXPECT_EQ(rules.chain_id, 7U);
}

}  // namespace
}  // namespace weft::chain
