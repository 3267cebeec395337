// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/block_validation.hpp"

#include "weft/execution/transaction_execution.hpp"
#include "weft/trie/roots.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace weft::chain {
namespace {

using types::Header;
using types::Revision;

constexpr uint64_t kGasPerBlob = 131'072;              // EIP-4844: GAS_PER_BLOB
constexpr uint64_t kBlobBaseCost = 8'192;              // EIP-7918: BLOB_BASE_COST
constexpr uint64_t kMinGasLimit = 5'000;               // Yellow Paper, eq. 54
constexpr uint64_t kMaxGasLimit = 0x7fffffffffffffff;  // EIP-1985, and every client
constexpr uint64_t kGasLimitDivisor = 1'024;
constexpr uint64_t kElasticity = 2;                  // EIP-1559: ELASTICITY_MULTIPLIER
constexpr uint64_t kBaseFeeDivisor = 8;              // EIP-1559: BASE_FEE_MAX_CHANGE_DENOMINATOR
constexpr uint64_t kInitialBaseFee = 1'000'000'000;  // EIP-1559: INITIAL_BASE_FEE
constexpr uint64_t kMinDifficulty = 131'072;
constexpr size_t kMaxExtraData = 32;
constexpr size_t kMaxBlockSize = 10'485'760 - 2'097'152;  // EIP-7934: MAX_RLP_BLOCK_SIZE
constexpr uint64_t kDaoExtraDataBlocks = 10;
constexpr std::string_view kDaoExtraData = "dao-hard-fork";
constexpr size_t kMaxOmmers = 2;
constexpr size_t kOmmerGenerations = 7;  // the parent of an ommer is the second to seventh ancestor

bool starts_london(const Header& header, const Header& parent) noexcept {
    return header.base_fee_per_gas.has_value() && !parent.base_fee_per_gas.has_value();
}

bool has_fields_of(const Header& header, Revision revision) noexcept {
    return header.base_fee_per_gas.has_value() == (revision >= Revision::London) &&
           header.withdrawals_root.has_value() == (revision >= Revision::Shanghai) &&
           header.blob_gas_used.has_value() == (revision >= Revision::Cancun) &&
           header.excess_blob_gas.has_value() == (revision >= Revision::Cancun) &&
           header.parent_beacon_block_root.has_value() == (revision >= Revision::Cancun) &&
           header.requests_hash.has_value() == (revision >= Revision::Prague);
}

bool is_gas_limit_valid(const Header& header, const Header& parent) noexcept {
    const uint64_t previous = starts_london(header, parent) ? parent.gas_limit * kElasticity : parent.gas_limit;
    const uint64_t difference = header.gas_limit > previous ? header.gas_limit - previous : previous - header.gas_limit;
    return difference < previous / kGasLimitDivisor && header.gas_limit >= kMinGasLimit && header.gas_limit <= kMaxGasLimit;
}

bool is_extra_data_of_dao(const Header& header, const std::optional<uint64_t>& dao_block) noexcept {
    if (!dao_block || header.number < *dao_block || header.number - *dao_block >= kDaoExtraDataBlocks) return true;
    return std::ranges::equal(header.extra_data, kDaoExtraData, {}, {}, [](char c) { return static_cast<uint8_t>(c); });
}

std::optional<BlockFault> check_blob_fields(const Header& header, const HeaderContext& context) noexcept {
    if (*header.excess_blob_gas != excess_blob_gas_after(*context.parent, context.rules)) return BlockFault::excess_blob_gas_wrong;
    if (*header.blob_gas_used > context.rules.blob.max * kGasPerBlob) return BlockFault::blob_gas_used_above_limit;
    return std::nullopt;
}

std::optional<BlockFault> check_consensus_fields(const Header& header, const HeaderContext& context) noexcept {
    if (context.rules.revision >= Revision::Paris) {
        if (!header.difficulty.is_zero()) return BlockFault::difficulty_wrong;
        if (!header.nonce.is_zero()) return BlockFault::nonce_not_zero;
        return std::nullopt;
    }
    if (header.difficulty != difficulty_after(*context.parent, header.timestamp, context.rules.revision, context.bomb_delay))
        return BlockFault::difficulty_wrong;
    return std::nullopt;
}

/// Whether the ommer is already in this block or in a recent one.
bool is_included(const hash32& ommer_hash, std::span<const hash32> earlier, std::span<const Ancestor> ancestors) {
    if (std::ranges::find(earlier, ommer_hash) != earlier.end()) return true;
    return std::ranges::any_of(ancestors, [&](const Ancestor& ancestor) {
        return std::ranges::any_of(ancestor.ommers, [&](const Header& other) { return types::hash(other) == ommer_hash; });
    });
}

}  // namespace

std::string_view to_string(BlockFault fault) noexcept {
    switch (fault) {
        case BlockFault::parent_mismatch:
            return "the parent hash names another block";
        case BlockFault::number_not_consecutive:
            return "the number does not follow the parent's";
        case BlockFault::timestamp_not_after_parent:
            return "the timestamp is not after the parent's";
        case BlockFault::gas_limit_out_of_bounds:
            return "the gas limit is too far from the parent's, too low or too high";
        case BlockFault::gas_used_above_limit:
            return "the gas used exceeds the gas limit";
        case BlockFault::extra_data_too_long:
            return "the extra data is longer than 32 bytes";
        case BlockFault::extra_data_not_dao:
            return "the extra data is not that of the DAO fork (EIP-779)";
        case BlockFault::field_not_of_fork:
            return "the header lacks a field of its fork or carries one of a later fork";
        case BlockFault::base_fee_wrong:
            return "the base fee does not follow from the parent (EIP-1559)";
        case BlockFault::difficulty_wrong:
            return "the difficulty does not follow from the parent";
        case BlockFault::nonce_not_zero:
            return "the nonce is not zero (EIP-3675)";
        case BlockFault::excess_blob_gas_wrong:
            return "the excess blob gas does not follow from the parent (EIP-4844)";
        case BlockFault::blob_gas_used_above_limit:
            return "the blob gas used exceeds the block's maximum (EIP-4844)";
        case BlockFault::block_too_large:
            return "the block exceeds 8 MiB (EIP-7934)";
        case BlockFault::transactions_root_wrong:
            return "the transactions root is wrong";
        case BlockFault::ommers_hash_wrong:
            return "the ommers hash is wrong";
        case BlockFault::withdrawals_root_wrong:
            return "the withdrawals root is wrong (EIP-4895)";
        case BlockFault::withdrawals_not_of_fork:
            return "withdrawals before Shanghai, or none after it (EIP-4895)";
        case BlockFault::too_many_ommers:
            return "too many ommers";
        case BlockFault::ommer_unrelated:
            return "the parent of an ommer is no recent ancestor";
        case BlockFault::ommer_is_ancestor:
            return "an ommer is an ancestor";
        case BlockFault::ommer_repeated:
            return "an ommer was included before";
        case BlockFault::ommer_header_invalid:
            return "the header of an ommer is invalid";
        case BlockFault::gas_used_wrong:
            return "the gas used is wrong";
        case BlockFault::blob_gas_used_wrong:
            return "the blob gas used is wrong (EIP-4844)";
        case BlockFault::logs_bloom_wrong:
            return "the logs bloom is wrong";
        case BlockFault::receipts_root_wrong:
            return "the receipts root is wrong";
        case BlockFault::requests_hash_wrong:
            return "the requests hash is wrong (EIP-7685)";
        case BlockFault::state_root_wrong:
            return "the state root is wrong";
    }
    return "unknown rule";
}

HeaderContext HeaderContext::of(const Header& header, const Header& parent, const hash32& parent_hash, const ChainSpec& spec, bool merged) {
    return {
        .parent = &parent,
        .parent_hash = parent_hash,
        .rules = spec.rules_at(header.number, header.timestamp, merged),
        .bomb_delay = spec.bomb_delay_at(header.number),
        .dao_block = spec.dao_block,
    };
}

uint256 base_fee_after(const Header& parent) noexcept {
    if (!parent.base_fee_per_gas) return kInitialBaseFee;
    const uint256& base_fee = *parent.base_fee_per_gas;
    const uint64_t target = parent.gas_limit / kElasticity;
    if (parent.gas_used == target || target == 0) return base_fee;
    const auto step = [&](uint64_t distance) { return base_fee * uint256(distance) / uint256(target) / uint256(kBaseFeeDivisor); };
    if (parent.gas_used > target) return base_fee + std::max(step(parent.gas_used - target), uint256(1));
    return base_fee - step(target - parent.gas_used);
}

uint64_t excess_blob_gas_after(const Header& parent, const types::ChainRules& rules) noexcept {
    const uint64_t excess = parent.excess_blob_gas.value_or(0);
    const uint64_t used = parent.blob_gas_used.value_or(0);
    const uint64_t target = rules.blob.target * kGasPerBlob;
    const uint256 sum = uint256(excess) + uint256(used);
    if (sum < uint256(target)) return 0;
    if (rules.revision >= Revision::Osaka && rules.blob.max != 0) {
        // EIP-7918: while execution gas is dear, the price of blobs does not fall below the cost of checking them.
        const uint256 reserve = uint256(kBlobBaseCost) * parent.base_fee_per_gas.value_or(uint256{});
        const uint256 price = uint256(kGasPerBlob) * execution::blob_base_fee(excess, rules.blob);
        if (price < reserve) {
            const uint256 share = uint256(used) * uint256(rules.blob.max - rules.blob.target) / uint256(rules.blob.max);
            return (uint256(excess) + share).low64();
        }
    }
    return (sum - uint256(target)).low64();
}

uint256 difficulty_after(const Header& parent, uint64_t timestamp, Revision revision, uint64_t bomb_delay) noexcept {
    const uint64_t elapsed = timestamp - parent.timestamp;
    const uint256 unit = parent.difficulty >> 11;
    uint64_t down = 0;
    uint64_t up = 0;
    if (revision < Revision::Homestead) {
        (elapsed < 13 ? up : down) = 1;
    } else {
        // EIP-2; EIP-100 counts nine seconds, and one more step where the parent has ommers.
        const bool counts_ommers = revision >= Revision::Byzantium;
        up = counts_ommers && parent.ommers_hash != types::kEmptyOmmersHash ? 2 : 1;
        down = std::min<uint64_t>(elapsed / (counts_ommers ? 9 : 10), 99 + up);
    }
    const uint256 floor(kMinDifficulty);
    const uint256 raised = parent.difficulty + unit * uint256(up);
    const uint256 lowered = unit * uint256(down);
    uint256 difficulty = raised < lowered ? floor : std::max(raised - lowered, floor);

    const uint64_t number = parent.number + 1;
    const uint64_t periods = (number > bomb_delay ? number - bomb_delay : 0) / 100'000;
    if (periods > 1) difficulty += uint256(1) << (periods - 2);
    return difficulty;
}

std::optional<BlockFault> check_header(const Header& header, const HeaderContext& context) {
    const Header& parent = *context.parent;
    if (header.parent_hash != context.parent_hash) return BlockFault::parent_mismatch;
    if (header.number != parent.number + 1) return BlockFault::number_not_consecutive;
    if (header.timestamp <= parent.timestamp) return BlockFault::timestamp_not_after_parent;
    if (!has_fields_of(header, context.rules.revision)) return BlockFault::field_not_of_fork;
    if (!is_gas_limit_valid(header, parent)) return BlockFault::gas_limit_out_of_bounds;
    if (header.gas_used > header.gas_limit) return BlockFault::gas_used_above_limit;
    if (header.extra_data.size() > kMaxExtraData) return BlockFault::extra_data_too_long;
    if (!is_extra_data_of_dao(header, context.dao_block)) return BlockFault::extra_data_not_dao;
    if (header.base_fee_per_gas && *header.base_fee_per_gas != base_fee_after(parent)) return BlockFault::base_fee_wrong;
    if (const auto fault = check_consensus_fields(header, context)) return fault;
    if (context.rules.revision >= Revision::Cancun) return check_blob_fields(header, context);
    return std::nullopt;
}

std::optional<BlockFault> check_body(const types::Block& block, size_t encoded_size, const types::ChainRules& rules) {
    if (rules.revision >= Revision::Osaka && encoded_size > kMaxBlockSize) return BlockFault::block_too_large;
    if (block.header.transactions_root != transactions_root(block.encoded_transactions)) return BlockFault::transactions_root_wrong;
    if (block.header.ommers_hash != types::ommers_hash(block.ommers)) return BlockFault::ommers_hash_wrong;
    const size_t max_ommers = rules.revision >= Revision::Paris ? 0 : kMaxOmmers;
    if (block.ommers.size() > max_ommers) return BlockFault::too_many_ommers;
    if (block.withdrawals.has_value() != (rules.revision >= Revision::Shanghai)) return BlockFault::withdrawals_not_of_fork;
    if (block.withdrawals && block.header.withdrawals_root != withdrawals_root(*block.withdrawals))
        return BlockFault::withdrawals_root_wrong;
    return std::nullopt;
}

std::optional<BlockFault> check_ommers(std::span<const Header> ommers, std::span<const Ancestor> ancestors, const ChainSpec& spec) {
    std::vector<hash32> hashes;
    for (const Header& ommer : ommers) {
        const hash32 ommer_hash = types::hash(ommer);
        if (is_included(ommer_hash, hashes, ancestors)) return BlockFault::ommer_repeated;
        if (std::ranges::find(ancestors, ommer_hash, &Ancestor::hash) != ancestors.end()) return BlockFault::ommer_is_ancestor;
        hashes.push_back(ommer_hash);

        const auto recent = ancestors.first(std::min(ancestors.size(), kOmmerGenerations));
        const auto parent = std::ranges::find(recent, ommer.parent_hash, &Ancestor::hash);
        // A child of the parent would be a sibling of the block itself.
        if (parent == recent.end() || parent == recent.begin()) return BlockFault::ommer_unrelated;

        const HeaderContext context = HeaderContext::of(ommer, *parent->header, parent->hash, spec);
        if (check_header(ommer, context)) return BlockFault::ommer_header_invalid;
    }
    return std::nullopt;
}

std::optional<BlockFault> check_result(const Header& header, const execution::BlockResult& result,
                                       std::span<const types::Receipt> receipts) {
    if (header.gas_used != result.gas_used) return BlockFault::gas_used_wrong;
    if (header.blob_gas_used && *header.blob_gas_used != result.blob_gas_used) return BlockFault::blob_gas_used_wrong;
    if (header.logs_bloom != result.logs_bloom) return BlockFault::logs_bloom_wrong;
    if (header.receipts_root != receipts_root(receipts)) return BlockFault::receipts_root_wrong;
    if (header.requests_hash && *header.requests_hash != types::requests_hash(result.requests)) return BlockFault::requests_hash_wrong;
    return std::nullopt;
}

std::optional<BlockFault> check_state_root(const Header& header, const hash32& state_root) {
    return header.state_root == state_root ? std::nullopt : std::optional(BlockFault::state_root_wrong);
}

hash32 transactions_root(std::span<const bytes> encoded_transactions) { return trie::ordered_root(encoded_transactions); }

hash32 receipts_root(std::span<const types::Receipt> receipts) {
    std::vector<bytes> encoded;
    encoded.reserve(receipts.size());
    for (const types::Receipt& receipt : receipts) encoded.push_back(types::encode(receipt));
    return trie::ordered_root(encoded);
}

hash32 withdrawals_root(std::span<const types::Withdrawal> withdrawals) {
    std::vector<bytes> encoded;
    encoded.reserve(withdrawals.size());
    for (const types::Withdrawal& withdrawal : withdrawals) encoded.push_back(types::encode(withdrawal));
    return trie::ordered_root(encoded);
}

}  // namespace weft::chain
