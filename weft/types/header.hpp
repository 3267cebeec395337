// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/types/bloom.hpp"
#include "weft/types/decode_error.hpp"

#include <expected>
#include <optional>

namespace weft::types {

/// keccak256(rlp([])): the ommers hash of a block without ommers.
inline constexpr hash32 kEmptyOmmersHash{
    {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
      0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}}};

/// A block header of any fork. The optional fields come in the order of their forks: one may be present only if all
/// before it are.
struct Header {
    hash32 parent_hash;
    hash32 ommers_hash = kEmptyOmmersHash;
    address beneficiary;  ///< coinbase
    hash32 state_root;
    hash32 transactions_root;
    hash32 receipts_root;
    Bloom logs_bloom;
    uint256 difficulty;  ///< zero from Paris on
    uint64_t number = 0;
    uint64_t gas_limit = 0;
    uint64_t gas_used = 0;
    uint64_t timestamp = 0;  ///< seconds since 1970
    bytes extra_data;
    hash32 prev_randao;  ///< mix_hash before Paris (EIP-4399)
    FixedBytes<8> nonce;
    std::optional<uint256> base_fee_per_gas;         ///< London (EIP-1559)
    std::optional<hash32> withdrawals_root;          ///< Shanghai (EIP-4895)
    std::optional<uint64_t> blob_gas_used;           ///< Cancun (EIP-4844)
    std::optional<uint64_t> excess_blob_gas;         ///< Cancun (EIP-4844)
    std::optional<hash32> parent_beacon_block_root;  ///< Cancun (EIP-4788)
    std::optional<hash32> requests_hash;             ///< Prague (EIP-7685)

    friend bool operator==(const Header&, const Header&) = default;
};

/// Checks form only; extra_data may have any length here. Fields beyond requests_hash are an error.
[[nodiscard]] std::expected<Header, DecodeError> decode_header(bytes_view encoded);
/// Decodes the next item.
[[nodiscard]] std::expected<Header, DecodeError> decode_header_item(rlp::Decoder& items);

[[nodiscard]] bytes encode(const Header& header);
/// The block hash: keccak256 of the encoded header.
[[nodiscard]] hash32 hash(const Header& header);

}  // namespace weft::types
