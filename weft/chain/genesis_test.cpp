// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/genesis.hpp"

#include "weft/base/hex.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/trie/roots.hpp"
#include "weft/types/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weft::chain {
namespace {

using testing::HasSubstr;
using types::Revision;

constexpr std::string_view kConfig =
    R"("chainId": 7, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
       "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0, "londonBlock": 0)";

/// A genesis file with that config, alloc and further fields.
std::string file_of(std::string_view config, std::string_view alloc = "", std::string_view fields = "") {
    std::string text = "{\"config\": {";
    text += config;
    text += R"(}, "difficulty": "0x20000", "gasLimit": "5000000", "alloc": {)";
    text += alloc;
    text += "}";
    if (!fields.empty()) text += ", ";
    text += fields;
    return text + "}";
}

std::string with(std::string_view more) { return std::string(kConfig) + ", " + std::string(more); }

std::string error_of(std::string_view text) {
    const auto genesis = parse_genesis(text);
    return genesis ? "" : genesis.error().message;
}
std::string error_of_config(std::string_view config) { return error_of(file_of(config)); }
std::string error_of_alloc(std::string_view alloc) { return error_of(file_of(kConfig, alloc)); }

TEST(Genesis, builtin_networks_have_the_hashes_of_their_first_blocks) {
    const std::pair<std::string_view, std::string_view> expected[] = {
        {"mainnet", "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"},
        {"sepolia", "0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9"},
        {"holesky", "0xb5f7f912443c940f21fd611f12828d75b534364ed9e95ca4e307729a4661bde4"},
        {"hoodi", "0xbbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b"},
    };
    ASSERT_EQ(builtin_networks().size(), std::size(expected));
    for (const auto& [network, hash] : expected) {
        const auto genesis = builtin_genesis(network);
        ASSERT_TRUE(genesis) << network << ": " << genesis.error().message;
        EXPECT_EQ(to_hex(genesis->hash), hash) << network;
        EXPECT_EQ(genesis->spec.name, network);
    }
}

TEST(Genesis, mainnet_has_8893_accounts) {
    const auto genesis = builtin_genesis("mainnet");
    ASSERT_TRUE(genesis);
    EXPECT_EQ(genesis->allocation.accounts.size(), 8'893U);
    EXPECT_EQ(genesis->block.header.difficulty, uint256(0x400000000));
    EXPECT_FALSE(genesis->block.withdrawals);
}

TEST(Genesis, other_networks_are_not_built_in) {
    const auto genesis = builtin_genesis("ropsten");
    ASSERT_FALSE(genesis);
    EXPECT_EQ(genesis.error().message, "ropsten: no such network; built in are mainnet, sepolia, holesky, hoodi");
}

TEST(Genesis, numbers_are_hex_decimal_or_plain) {
    const auto genesis = parse_genesis(file_of(
        kConfig,
        R"("0x00000000000000000000000000000000000000aa": {"balance": 58750000000000000000000, "nonce": "10"},
                   "00000000000000000000000000000000000000bb": {"balance": "0x10", "nonce": 3, "code": "0x6001",
                       "storage": {"0x02": "0x05", "0x01": "0x0000000000000000000000000000000000000000000000000000000000000007", "0x3": "0x"}})",
        R"("timestamp": "1695902100", "nonce": "0x1234", "Mixhash": "0x0000000000000000000000000000000000000000000000000000000000000001")"));
    ASSERT_TRUE(genesis) << genesis.error().message;
    const types::Header& header = genesis->block.header;
    EXPECT_EQ(header.timestamp, 1'695'902'100U);
    EXPECT_EQ(header.gas_limit, 5'000'000U);
    EXPECT_EQ(to_hex(header.nonce), "0x0000000000001234");
    EXPECT_EQ(header.prev_randao.bytes[31], 1);
    const auto& accounts = genesis->allocation.accounts;
    ASSERT_EQ(accounts.size(), 2U);
    const auto& [first, rich] = *accounts.nth(0);
    EXPECT_EQ(first.bytes[19], 0xaa);
    EXPECT_EQ(rich.account->balance, uint256(58'750) * uint256(1'000'000'000'000'000'000));
    EXPECT_EQ(rich.account->nonce, 10U);
    const state::AccountDiff& contract = accounts.nth(1)->second;
    EXPECT_EQ(contract.account->nonce, 3U);
    EXPECT_THAT(contract.slots, testing::ElementsAre(state::SlotValue{1, 7}, state::SlotValue{2, 5}));
    EXPECT_EQ(genesis->allocation.codes.count(contract.account->code_hash), 1U);
}

TEST(Genesis, the_header_has_the_fields_of_the_forks_active_in_it) {
    const auto london = parse_genesis(file_of(kConfig));
    ASSERT_TRUE(london);
    EXPECT_EQ(london->block.header.base_fee_per_gas, uint256(1'000'000'000));
    EXPECT_FALSE(london->block.header.withdrawals_root);
    EXPECT_FALSE(parse_genesis(file_of(R"("chainId": 7)"))->block.header.base_fee_per_gas);

    // Forks by time count although the difficulty of the first block is below the terminal one.
    const auto prague =
        parse_genesis(file_of(with(R"("terminalTotalDifficulty": 131073, "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0)"), "",
                              R"("excessBlobGas": "0x5", "baseFeePerGas": "0x7")"));
    ASSERT_TRUE(prague) << prague.error().message;
    const types::Header& header = prague->block.header;
    EXPECT_EQ(header.base_fee_per_gas, uint256(7));
    EXPECT_EQ(header.withdrawals_root, trie::kEmptyRoot);
    EXPECT_EQ(header.excess_blob_gas, 5U);
    EXPECT_EQ(header.blob_gas_used, 0U);
    EXPECT_EQ(header.parent_beacon_block_root, hash32{});
    EXPECT_EQ(header.requests_hash, types::requests_hash({}));
    EXPECT_TRUE(prague->block.withdrawals);
}

TEST(Genesis, forks_start_at_their_blocks_and_times) {
    const auto genesis = parse_genesis(file_of(
        R"("chainId": "0x10", "homesteadBlock": 1, "daoForkBlock": 2, "daoForkSupport": true, "eip150Block": 3, "eip155Block": 4,
           "eip158Block": 4, "byzantiumBlock": 5, "constantinopleBlock": 6, "petersburgBlock": null, "istanbulBlock": 7,
           "muirGlacierBlock": 8, "berlinBlock": 9, "londonBlock": 10, "arrowGlacierBlock": 11, "grayGlacierBlock": 12,
           "mergeNetsplitBlock": 13, "terminalTotalDifficulty": 58750000000000000000000, "shanghaiTime": 100, "cancunTime": 200,
           "pragueTime": 300, "osakaTime": 400, "bpo1Time": 500, "bpo2Time": 600, "ethash": {},
           "depositContractAddress": "0x4242424242424242424242424242424242424242",
           "blobSchedule": {"cancun": {"target": 1, "max": 2, "baseFeeUpdateFraction": 3},
                            "bpo1": {"target": 4, "max": 5, "baseFeeUpdateFraction": 6},
                            "bpo2": {"target": "0x7", "max": 8, "baseFeeUpdateFraction": 9}})"));
    ASSERT_TRUE(genesis) << genesis.error().message;
    const ChainSpec& spec = genesis->spec;
    EXPECT_EQ(spec.chain_id, 16U);
    EXPECT_EQ(spec.dao_block, 2U);
    EXPECT_EQ(spec.deposit_contract.bytes[0], 0x42);
    const std::pair<uint64_t, Revision> by_block[] = {
        {0, Revision::Frontier},  {1, Revision::Homestead},  {3, Revision::TangerineWhistle}, {4, Revision::SpuriousDragon},
        {5, Revision::Byzantium}, {6, Revision::Petersburg}, {7, Revision::Istanbul},         {9, Revision::Berlin},
        {10, Revision::London},   {1'000, Revision::London},
    };
    for (const auto& [number, revision] : by_block) EXPECT_EQ(spec.rules_at(number, 1'000).revision, revision) << number;
    const std::pair<uint64_t, Revision> by_time[] = {
        {99, Revision::Paris}, {100, Revision::Shanghai}, {200, Revision::Cancun}, {300, Revision::Prague}, {400, Revision::Osaka}};
    for (const auto& [time, revision] : by_time) EXPECT_EQ(spec.rules_at(20, time, true).revision, revision) << time;
    EXPECT_EQ(spec.rules_at(20, 200, true).blob, (types::BlobSchedule{1, 2, 3}));
    EXPECT_EQ(spec.rules_at(20, 300, true).blob, types::default_blob_schedule(Revision::Prague));
    EXPECT_EQ(spec.rules_at(20, 450, true).blob, types::default_blob_schedule(Revision::Osaka));
    EXPECT_EQ(spec.rules_at(20, 500, true).blob, (types::BlobSchedule{4, 5, 6}));
    EXPECT_EQ(spec.rules_at(20, 600, true).blob, (types::BlobSchedule{7, 8, 9}));
    const std::pair<uint64_t, uint64_t> delays[] = {{4, 0},          {5, 3'000'000},   {6, 5'000'000},  {8, 9'000'000},
                                                    {10, 9'700'000}, {11, 10'700'000}, {12, 11'400'000}};
    for (const auto& [number, delay] : delays) EXPECT_EQ(spec.bomb_delay_at(number), delay) << number;
    EXPECT_FALSE(spec.is_merged_after(uint256(1)));
    EXPECT_TRUE(spec.is_merged_after(uint256(58'750) * uint256(1'000'000'000'000'000'000)));
}

TEST(Genesis, terminal_total_difficulty_zero_merges_from_the_start) {
    const auto genesis = parse_genesis(file_of(with(R"("terminalTotalDifficulty": 0, "clique": {"period": 5})")));
    ASSERT_TRUE(genesis) << genesis.error().message;
    EXPECT_EQ(genesis->spec.rules_at(1, 1).revision, Revision::Paris);
    EXPECT_THAT(error_of_config(R"("chainId": 1, "terminalTotalDifficulty": 0)"), HasSubstr("config.londonBlock: not 0"));
}

TEST(Genesis, errors_of_config_name_the_field) {
    EXPECT_EQ(error_of(R"({"difficulty": 1, "gasLimit": 1, "alloc": {}})"), "config.chainId: missing");
    EXPECT_EQ(error_of_config(R"("chainId": "seven")"), "config.chainId: not a hex or decimal number of at most 256 bits");
    EXPECT_EQ(error_of_config(R"("chainId": 18446744073709551616)"), "config.chainId: exceeds 64 bits");
    EXPECT_EQ(error_of_config(with(R"("amsterdamTime": 5)")), "config.amsterdamTime: a fork that is not known");
    EXPECT_EQ(error_of_config(with(R"("amsterdamTime": null, "eip150Hash": "0x12")")), "");
    EXPECT_EQ(error_of_config(R"("chainId": 1, "homesteadBlock": 5, "eip150Block": 4)"),
              "config.eip150Block: 4, before homesteadBlock at 5");
    EXPECT_EQ(error_of_config(R"("chainId": 1, "eip150Block": 4)"),
              "config.eip150Block: set, but homesteadBlock, which comes before it, is not");
    EXPECT_THAT(error_of_config(R"("chainId": 1, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 1, "eip158Block": 2)"),
                HasSubstr("config.eip158Block: not the same as eip155Block"));
    EXPECT_THAT(error_of_config(with(R"("shanghaiTime": 5)")), HasSubstr("config.terminalTotalDifficulty: missing"));
    EXPECT_THAT(error_of_config(with(R"("terminalTotalDifficulty": 1, "cancunTime": 5)")),
                HasSubstr("config.cancunTime: set, but shanghaiTime"));
    EXPECT_THAT(error_of_config(with(R"("clique": {})")), HasSubstr("config.clique: "));
    const auto with_blobs = [](std::string_view schedule) {
        return error_of_config(with(R"("terminalTotalDifficulty": 1, "shanghaiTime": 5, "cancunTime": 6, "pragueTime": 7, "osakaTime": 8,
            "bpo1Time": 9, "blobSchedule": {)" +
                                    std::string(schedule) + "}"));
    };
    EXPECT_EQ(with_blobs(""), "config.blobSchedule.bpo1: missing, but bpo1Time is set");
    EXPECT_EQ(with_blobs(R"("bpo1": {"target": 6, "max": 5, "baseFeeUpdateFraction": 1})"), "config.blobSchedule.bpo1.target: above max");
    EXPECT_EQ(with_blobs(R"("bpo1": {"target": 6, "max": 6, "baseFeeUpdateFraction": 0})"),
              "config.blobSchedule.bpo1.baseFeeUpdateFraction: zero");
    EXPECT_EQ(with_blobs(R"("bpo1": {"target": 6, "max": 9999999999, "baseFeeUpdateFraction": 1})"),
              "config.blobSchedule.bpo1.max: above 1048576");
}

TEST(Genesis, errors_of_accounts_and_header_name_the_field) {
    EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
    EXPECT_EQ(error_of_alloc(R"("0x12": {"balance": 1})"), "alloc.0x12: the name of this member is not hex of the right length");
    const std::string zero(40, '0');
    EXPECT_EQ(error_of_alloc('"' + zero + R"(": {})"), "alloc." + zero + ".balance: missing");
    EXPECT_EQ(error_of_alloc('"' + zero + R"(": {"balance": 1}, "0x)" + zero + R"(": {"balance": 1})"),
              "alloc: 0x" + zero + " is listed twice");
    EXPECT_EQ(error_of_alloc('"' + zero + R"(": {"balance": 1, "code": "0x1"})"), "alloc." + zero + ".code: not hex bytes");
    EXPECT_EQ(error_of_alloc('"' + zero + R"(": {"balance": 1, "storage": {"1": "2", "0x01": "3"}})"),
              "alloc." + zero + ".storage: a slot is listed twice");
    EXPECT_THAT(error_of_alloc('"' + zero + R"(": {"balance": 1, "nonce": "0xffffffffffffffff"})"), HasSubstr("EIP-2681"));
    EXPECT_EQ(error_of(R"({"config": {"chainId": 1}, "gasLimit": 1, "alloc": {}})"), "difficulty: missing");
    EXPECT_EQ(error_of(R"({"config": {"chainId": 1}, "difficulty": 1, "alloc": {}})"), "gasLimit: missing");
    EXPECT_EQ(error_of(R"({"config": {"chainId": 1}, "difficulty": 1, "gasLimit": 1})"), "alloc: missing");
    EXPECT_EQ(error_of(file_of(kConfig, "", R"("number": 3)")), "number: not 0");
    EXPECT_EQ(error_of(file_of(kConfig, "", R"("coinbase": "0x12")")), "coinbase: not hex of 20 bytes");
    EXPECT_THAT(error_of(file_of(kConfig, "", "\"stateRoot\": \"0x" + std::string(64, '1') + '"')),
                HasSubstr("stateRoot: not the root of alloc, which is 0x56e81f17"));
}

TEST(Genesis, a_file_that_is_too_long_is_refused_unread) {
    EXPECT_EQ(error_of(std::string(kMaxGenesisSize + 1, ' ')), "longer than 67108864 bytes");
}

}  // namespace
}  // namespace weft::chain
