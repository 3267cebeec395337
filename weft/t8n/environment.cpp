// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/environment.hpp"

#include "weft/chain/block_validation.hpp"
#include "weft/fixtures/json_types.hpp"
#include "weft/t8n/numbers.hpp"

#include <fmt/format.h>

namespace weft::t8n {
namespace {

using json::Json;
using types::Header;
using types::Revision;

std::unexpected<Failure> lacking(std::string message) { return fail(ExitCode::config, std::move(message)); }

Ommer read_ommer(const Json& json) {
    const uint64_t delta = read_number(json["delta"]);
    if (delta == 0 || delta > 7) json["delta"].report("not between 1 and 7");
    return {.delta = delta, .recipient = json["address"].fixed<address>()};
}

void read_parent(const Json& json, Environment& environment) {
    environment.parent_difficulty = read_optional_quantity(json["parentDifficulty"]);
    environment.parent_timestamp = read_optional_number(json["parentTimestamp"]).value_or(0);
    environment.parent_base_fee = read_optional_quantity(json["parentBaseFee"]);
    environment.parent_gas_used = read_optional_number(json["parentGasUsed"]).value_or(0);
    environment.parent_gas_limit = read_optional_number(json["parentGasLimit"]).value_or(0);
    environment.parent_excess_blob_gas = read_optional_number(json["parentExcessBlobGas"]);
    environment.parent_blob_gas_used = read_optional_number(json["parentBlobGasUsed"]);
    const auto ommers_hash = json["parentUncleHash"].optional_fixed<hash32>();
    if (ommers_hash && !ommers_hash->is_zero()) environment.parent_ommers_hash = *ommers_hash;
}

/// What is known of the parent of `header`, under the rules that held for it.
Header parent_of(const Environment& environment, const Fork& fork) {
    Header parent;
    parent.number = environment.number - 1;
    parent.timestamp = environment.parent_timestamp;
    parent.difficulty = environment.parent_difficulty.value_or(uint256{});
    parent.ommers_hash = environment.parent_ommers_hash;
    parent.gas_used = environment.parent_gas_used;
    parent.gas_limit = environment.parent_gas_limit;
    if (fork.rules_at(parent.number, parent.timestamp).revision >= Revision::London) parent.base_fee_per_gas = environment.parent_base_fee;
    parent.excess_blob_gas = environment.parent_excess_blob_gas;
    parent.blob_gas_used = environment.parent_blob_gas_used;
    return parent;
}

Outcome<uint256> difficulty_of(const Environment& environment, const Fork& fork, Revision revision) {
    if (environment.difficulty) return *environment.difficulty;
    if (!environment.parent_difficulty) return lacking("env has neither currentDifficulty nor parentDifficulty, from which it follows");
    if (environment.number == 0) return lacking("block 0 has no parent from which its difficulty follows: env lacks currentDifficulty");
    if (environment.timestamp <= environment.parent_timestamp)
        return lacking(fmt::format("the difficulty cannot be computed: currentTimestamp ({}) is not after parentTimestamp ({})",
                                   environment.timestamp, environment.parent_timestamp));
    return chain::difficulty_after(parent_of(environment, fork), environment.timestamp, revision, fork.bomb_delay_at(environment.number));
}

/// EIP-3675, EIP-4399.
Outcome<void> set_consensus_fields(const Environment& environment, const Fork& fork, Revision revision, Header& header) {
    if (revision < Revision::Paris) {
        const auto difficulty = difficulty_of(environment, fork, revision);
        if (!difficulty) return std::unexpected(difficulty.error());
        header.difficulty = *difficulty;
        return {};
    }
    if (!environment.random) return lacking("from Paris on env must have currentRandom");
    if (environment.difficulty && !environment.difficulty->is_zero())
        return lacking("from Paris on currentDifficulty must be zero or left out of env");
    header.prev_randao = to_hash32(*environment.random);
    return {};
}

/// EIP-1559.
Outcome<void> set_base_fee(const Environment& environment, const Fork& fork, Header& header) {
    header.base_fee_per_gas = environment.base_fee;
    if (environment.base_fee) return {};
    if (!environment.parent_base_fee || environment.number == 0)
        return lacking("from London on env must have currentBaseFee, or parentBaseFee from which it follows");
    header.base_fee_per_gas = chain::base_fee_after(parent_of(environment, fork));
    return {};
}

/// EIP-4788, EIP-4844.
Outcome<void> set_cancun_fields(const Environment& environment, const Fork& fork, const types::ChainRules& rules, Header& header) {
    if (!environment.parent_beacon_block_root) return lacking("from Cancun on env must have parentBeaconBlockRoot");
    header.parent_beacon_block_root = environment.parent_beacon_block_root;
    header.excess_blob_gas = environment.excess_blob_gas;
    if (!header.excess_blob_gas && environment.parent_excess_blob_gas && environment.parent_blob_gas_used)
        header.excess_blob_gas = chain::excess_blob_gas_after(parent_of(environment, fork), rules);
    return {};
}

}  // namespace

Environment read_environment(const Json& json) {
    Environment environment;
    environment.beneficiary = json["currentCoinbase"].fixed<address>();
    environment.gas_limit = read_number(json["currentGasLimit"]);
    environment.number = read_number(json["currentNumber"]);
    environment.timestamp = read_number(json["currentTimestamp"]);
    environment.difficulty = read_optional_quantity(json["currentDifficulty"]);
    environment.random = read_optional_quantity(json["currentRandom"]);
    environment.base_fee = read_optional_quantity(json["currentBaseFee"]);
    environment.excess_blob_gas = read_optional_number(json["currentExcessBlobGas"]);
    environment.parent_beacon_block_root = json["parentBeaconBlockRoot"].optional_fixed<hash32>();
    if (const Json withdrawals = json["withdrawals"]; withdrawals.exists()) {
        environment.withdrawals.emplace();
        withdrawals.for_each([&](const Json& item) { environment.withdrawals->push_back(fixtures::read_withdrawal(item)); });
    }
    if (const Json ommers = json["ommers"]; ommers.exists())
        ommers.for_each([&](const Json& item) { environment.ommers.push_back(read_ommer(item)); });
    if (const Json hashes = json["blockHashes"]; hashes.exists())
        hashes.for_each_member([&](std::string_view key, const Json& hash) {
            const auto number = parse_number(key);
            if (!number || !number->fits_u64())
                hash.report("the name of this member is not a block number");
            else
                environment.block_hashes[number->low64()] = hash.fixed<hash32>();
        });
    read_parent(json, environment);
    return environment;
}

Outcome<Header> header_of(const Environment& environment, const Fork& fork) {
    const types::ChainRules rules = fork.rules_at(environment.number, environment.timestamp);
    Header header;
    header.beneficiary = environment.beneficiary;
    header.gas_limit = environment.gas_limit;
    header.number = environment.number;
    header.timestamp = environment.timestamp;
    const auto parent_hash = environment.block_hashes.find(environment.number - 1);
    if (parent_hash != environment.block_hashes.end()) header.parent_hash = parent_hash->second;

    if (rules.revision >= Revision::London)
        if (const auto set = set_base_fee(environment, fork, header); !set) return std::unexpected(set.error());
    if (rules.revision >= Revision::Shanghai && !environment.withdrawals) return lacking("from Shanghai on env must have withdrawals");
    if (const auto set = set_consensus_fields(environment, fork, rules.revision, header); !set) return std::unexpected(set.error());
    if (rules.revision >= Revision::Cancun)
        if (const auto set = set_cancun_fields(environment, fork, rules, header); !set) return std::unexpected(set.error());
    return header;
}

}  // namespace weft::t8n
