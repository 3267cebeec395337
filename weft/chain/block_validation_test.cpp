// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/block_validation.hpp"

#include <gtest/gtest.h>

namespace weft::chain {
namespace {

using types::Header;
using types::Revision;

constexpr uint64_t kGasPerBlob = 131'072;

Header parent() {
    Header header;
    header.number = 100;
    header.timestamp = 1'000;
    header.gas_limit = 30'000'000;
    header.gas_used = 15'000'000;
    header.base_fee_per_gas = 1'000;
    header.withdrawals_root = hash32{};
    header.blob_gas_used = 0;
    header.excess_blob_gas = 0;
    header.parent_beacon_block_root = hash32{};
    header.requests_hash = hash32{};
    return header;
}

/// A valid child of parent(), under the rules of Prague.
Header child() {
    Header header;
    header.parent_hash = types::hash(parent());
    header.number = 101;
    header.timestamp = 1'012;
    header.gas_limit = 30'000'000;
    header.base_fee_per_gas = 1'000;
    header.withdrawals_root = hash32{};
    header.blob_gas_used = 0;
    header.excess_blob_gas = 0;
    header.parent_beacon_block_root = hash32{};
    header.requests_hash = hash32{};
    return header;
}

std::optional<BlockFault> check(const Header& header, const Header& before = parent()) {
    const ChainSpec spec = spec_of_revision(Revision::Prague, 1);
    return check_header(header, HeaderContext::of(header, before, types::hash(parent()), spec));
}

TEST(CheckHeader, accepts_a_valid_header) { EXPECT_EQ(check(child()), std::nullopt); }

TEST(CheckHeader, every_rule_is_enforced) {
    struct Case {
        BlockFault fault;
        void (*damage)(Header&);
    };
    const Case cases[] = {
        {BlockFault::parent_mismatch, [](Header& h) { h.parent_hash = {}; }},
        {BlockFault::number_not_consecutive, [](Header& h) { h.number = 102; }},
        {BlockFault::timestamp_not_after_parent, [](Header& h) { h.timestamp = 1'000; }},
        {BlockFault::field_not_of_fork, [](Header& h) { h.requests_hash.reset(); }},
        {BlockFault::field_not_of_fork, [](Header& h) { h.parent_beacon_block_root.reset(); }},
        {BlockFault::gas_limit_out_of_bounds, [](Header& h) { h.gas_limit = 30'000'000 + 30'000'000 / 1'024; }},
        {BlockFault::gas_limit_out_of_bounds, [](Header& h) { h.gas_limit = 30'000'000 - 30'000'000 / 1'024; }},
        {BlockFault::gas_used_above_limit, [](Header& h) { h.gas_used = h.gas_limit + 1; }},
        {BlockFault::extra_data_too_long, [](Header& h) { h.extra_data.assign(33, 0); }},
        {BlockFault::base_fee_wrong, [](Header& h) { h.base_fee_per_gas = 1'001; }},
        {BlockFault::difficulty_wrong, [](Header& h) { h.difficulty = 1; }},
        {BlockFault::nonce_not_zero, [](Header& h) { h.nonce[7] = 1; }},
        {BlockFault::excess_blob_gas_wrong, [](Header& h) { h.excess_blob_gas = kGasPerBlob; }},
        {BlockFault::blob_gas_used_above_limit, [](Header& h) { h.blob_gas_used = 10 * kGasPerBlob; }},
    };
    for (const Case& test : cases) {
        Header header = child();
        test.damage(header);
        EXPECT_EQ(check(header), test.fault) << to_string(test.fault);
    }
}

TEST(CheckHeader, gas_limit_may_move_by_less_than_a_1024th) {
    Header header = child();
    header.gas_limit = 30'000'000 + 30'000'000 / 1'024 - 1;
    EXPECT_EQ(check(header), std::nullopt);
}

TEST(BaseFee, eip1559_follows_the_use_of_the_parent) {
    Header before = parent();
    before.base_fee_per_gas = 1'000'000'000;
    EXPECT_EQ(base_fee_after(before), uint256(1'000'000'000));
    before.gas_used = 30'000'000;
    EXPECT_EQ(base_fee_after(before), uint256(1'125'000'000));
    before.gas_used = 0;
    EXPECT_EQ(base_fee_after(before), uint256(875'000'000));
    before.gas_used = 15'000'001;
    before.base_fee_per_gas = 7;
    EXPECT_EQ(base_fee_after(before), uint256(8));
    before.base_fee_per_gas.reset();
    EXPECT_EQ(base_fee_after(before), uint256(1'000'000'000));
}

TEST(ExcessBlobGas, eip4844_carries_what_exceeds_the_target) {
    const types::ChainRules rules{.revision = Revision::Cancun, .blob = types::default_blob_schedule(Revision::Cancun)};
    Header before = parent();
    before.excess_blob_gas = kGasPerBlob;
    before.blob_gas_used = kGasPerBlob;
    EXPECT_EQ(excess_blob_gas_after(before, rules), 0U);
    before.blob_gas_used = 6 * kGasPerBlob;
    EXPECT_EQ(excess_blob_gas_after(before, rules), 4 * kGasPerBlob);
}

TEST(ExcessBlobGas, eip7918_holds_the_price_while_execution_gas_is_dear) {
    const types::ChainRules rules{.revision = Revision::Osaka, .blob = types::default_blob_schedule(Revision::Osaka)};
    Header before = parent();
    before.blob_gas_used = 6 * kGasPerBlob;
    before.excess_blob_gas = 9 * kGasPerBlob;
    // 8192 * 16 = 131072 * 1: not yet dear.
    before.base_fee_per_gas = 16;
    EXPECT_EQ(excess_blob_gas_after(before, rules), 9 * kGasPerBlob);
    before.base_fee_per_gas = 17;
    EXPECT_EQ(excess_blob_gas_after(before, rules), 9 * kGasPerBlob + 6 * kGasPerBlob * 3 / 9);
}

TEST(CheckBody, eip7934_limits_the_size_from_osaka_on) {
    types::Block block;
    block.withdrawals.emplace();
    block.header.withdrawals_root = withdrawals_root({});
    block.header.transactions_root = transactions_root({});
    const types::ChainRules osaka{.revision = Revision::Osaka};
    const types::ChainRules prague{.revision = Revision::Prague};
    EXPECT_EQ(check_body(block, 8'388'608, osaka), std::nullopt);
    EXPECT_EQ(check_body(block, 8'388'609, osaka), BlockFault::block_too_large);
    EXPECT_EQ(check_body(block, 8'388'609, prague), std::nullopt);
}

TEST(CheckBody, roots_must_match) {
    types::Block block;
    block.header.transactions_root = transactions_root({});
    const types::ChainRules rules{.revision = Revision::Berlin};
    EXPECT_EQ(check_body(block, 500, rules), std::nullopt);
    block.withdrawals.emplace();
    EXPECT_EQ(check_body(block, 500, rules), BlockFault::withdrawals_not_of_fork);
    block.withdrawals.reset();
    block.ommers.resize(1);
    EXPECT_EQ(check_body(block, 500, rules), BlockFault::ommers_hash_wrong);
    block.ommers.resize(3);
    block.header.ommers_hash = types::ommers_hash(block.ommers);
    EXPECT_EQ(check_body(block, 500, rules), BlockFault::too_many_ommers);
    block.ommers.clear();
    block.header.transactions_root = {};
    EXPECT_EQ(check_body(block, 500, rules), BlockFault::transactions_root_wrong);
}

TEST(CheckHeader, eip779_extra_data_of_the_dao_fork) {
    ChainSpec spec = spec_of_revision(Revision::Homestead, 1);
    spec.dao_block = 101;
    Header before;
    before.number = 100;
    before.timestamp = 1'000;
    before.gas_limit = 30'000'000;
    before.difficulty = 1'000'000;
    Header header;
    header.parent_hash = types::hash(before);
    header.number = 101;
    header.timestamp = 1'012;
    header.gas_limit = 30'000'000;
    header.difficulty = difficulty_after(before, header.timestamp, Revision::Homestead, 0);
    const auto check_at = [&](uint64_t dao_block) {
        spec.dao_block = dao_block;
        return check_header(header, HeaderContext::of(header, before, types::hash(before), spec));
    };
    EXPECT_EQ(check_at(101), BlockFault::extra_data_not_dao);
    EXPECT_EQ(check_at(92), BlockFault::extra_data_not_dao);
    EXPECT_EQ(check_at(91), std::nullopt);
    constexpr std::string_view kText = "dao-hard-fork";
    header.extra_data.assign(kText.begin(), kText.end());
    EXPECT_EQ(check_at(101), std::nullopt);
}

}  // namespace
}  // namespace weft::chain
