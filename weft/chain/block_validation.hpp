// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/uint256.hpp"
#include "weft/chain/chain_spec.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/types/block.hpp"
#include "weft/types/chain_rules.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// Whether a block is valid, apart from what executing its transactions decides. Only the proof-of-work seal is not looked
/// at.
namespace weft::chain {

/// The rule that a block breaks.
enum class BlockFault : uint8_t {
    // The header, given its parent.
    parent_mismatch,             ///< The parent hash names another block.
    number_not_consecutive,      ///< Yellow Paper, eq. 57
    timestamp_not_after_parent,  ///< Yellow Paper, eq. 56
    gas_limit_out_of_bounds,     ///< Yellow Paper, eq. 54; EIP-1559 doubles the limit of the parent of London's first block.
    gas_used_above_limit,        ///< Yellow Paper, eq. 53
    extra_data_too_long,         ///< Yellow Paper, eq. 58: at most 32 bytes.
    extra_data_not_dao,          ///< EIP-779: ten blocks from the fork on carry "dao-hard-fork".
    field_not_of_fork,           ///< A field of a later fork is present, or one of this fork is missing.
    base_fee_wrong,              ///< EIP-1559
    difficulty_wrong,            ///< Yellow Paper, eq. 45 to 51; EIP-100; zero from Paris on (EIP-3675).
    nonce_not_zero,              ///< EIP-3675
    excess_blob_gas_wrong,       ///< EIP-4844, EIP-7918
    blob_gas_used_above_limit,   ///< EIP-4844, EIP-7691, EIP-7892
    // The body, given the header.
    block_too_large,          ///< EIP-7934
    transactions_root_wrong,  ///< Yellow Paper, eq. 35
    ommers_hash_wrong,        ///< Yellow Paper, eq. 35
    withdrawals_root_wrong,   ///< EIP-4895
    withdrawals_not_of_fork,  ///< EIP-4895: a list of withdrawals before Shanghai, or none after it.
    too_many_ommers,          ///< Yellow Paper, section 11.1: at most two; none from Paris on (EIP-3675).
    ommer_unrelated,          ///< Its parent is no ancestor of the second to seventh generation.
    ommer_is_ancestor,        ///< The ommer is itself an ancestor.
    ommer_repeated,           ///< This block or a recent ancestor already holds it.
    ommer_header_invalid,     ///< Yellow Paper, eq. 157
    // The result of the execution, against the header.
    gas_used_wrong,
    blob_gas_used_wrong,  ///< EIP-4844
    logs_bloom_wrong,
    receipts_root_wrong,
    requests_hash_wrong,  ///< EIP-7685
    state_root_wrong,
};
[[nodiscard]] std::string_view to_string(BlockFault fault) noexcept;

/// What a header is compared with.
struct HeaderContext {
    const types::Header* parent = nullptr;
    hash32 parent_hash;
    types::ChainRules rules;
    uint64_t bomb_delay = 0;
    std::optional<uint64_t> dao_block;

    /// For `header` as a block of the chain `spec`. `merged`: as for ChainSpec::rules_at().
    [[nodiscard]] static HeaderContext of(const types::Header& header, const types::Header& parent, const hash32& parent_hash,
                                          const ChainSpec& spec, bool merged = false);
};

/// Base fee of the block after `parent` (EIP-1559). A parent from before London gives the initial base fee.
[[nodiscard]] uint256 base_fee_after(const types::Header& parent) noexcept;
/// Excess blob gas of the block after `parent`, under the rules of that block (EIP-4844, EIP-7918).
[[nodiscard]] uint64_t excess_blob_gas_after(const types::Header& parent, const types::ChainRules& rules) noexcept;
/// Difficulty of a proof-of-work block with that number and timestamp (Yellow Paper, eq. 45 to 51; EIP-100).
[[nodiscard]] uint256 difficulty_after(const types::Header& parent, uint64_t timestamp, types::Revision revision,
                                       uint64_t bomb_delay) noexcept;

[[nodiscard]] std::optional<BlockFault> check_header(const types::Header& header, const HeaderContext& context);

/// A body, as decoded. `encoded_size`: length of the block's RLP, header included.
[[nodiscard]] std::optional<BlockFault> check_body(const types::Block& block, size_t encoded_size, const types::ChainRules& rules);

/// A recent ancestor, as far as ommers are concerned.
struct Ancestor {
    const types::Header* header = nullptr;
    hash32 hash;
    std::span<const types::Header> ommers;
};

/// Checks the ommers of a block. `ancestors`: parent first, eight generations where there are as many.
[[nodiscard]] std::optional<BlockFault> check_ommers(std::span<const types::Header> ommers, std::span<const Ancestor> ancestors,
                                                     const ChainSpec& spec);

/// All that a header says of a result but the state root. `receipts` are those of the result, before Byzantium with their state roots.
[[nodiscard]] std::optional<BlockFault> check_result(const types::Header& header, const execution::BlockResult& result,
                                                     std::span<const types::Receipt> receipts);
[[nodiscard]] std::optional<BlockFault> check_state_root(const types::Header& header, const hash32& state_root);

/// Root of the trie of transactions, in their canonical form.
[[nodiscard]] hash32 transactions_root(std::span<const bytes> encoded_transactions);
[[nodiscard]] hash32 receipts_root(std::span<const types::Receipt> receipts);
[[nodiscard]] hash32 withdrawals_root(std::span<const types::Withdrawal> withdrawals);

}  // namespace weft::chain
