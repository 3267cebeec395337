// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/header.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/types/field_reader.hpp"

namespace weft::types {

namespace {

void append(bytes& out, uint64_t value) { rlp::encode_uint(out, value); }
void append(bytes& out, const uint256& value) { rlp::encode_uint(out, value); }
void append(bytes& out, bytes_view value) { rlp::encode_bytes(out, value); }

/// Appends a field of a later fork; `previous` says whether the one before it is there, which it must be.
template <typename T>
bool append_optional(bytes& out, const std::optional<T>& value, bool previous) {
    WEFT_ASSERT(previous || !value);
    if (value) append(out, *value);
    return value.has_value();
}

}  // namespace

std::expected<Header, DecodeError> decode_header_item(rlp::Decoder& items) {
    Header header;
    std::optional<DecodeError> error;
    FieldReader input(items, error);
    input.read_structure("header", [&](FieldReader& fields) {
        fields.read(header.parent_hash, "header.parent_hash");
        fields.read(header.ommers_hash, "header.ommers_hash");
        fields.read(header.beneficiary, "header.beneficiary");
        fields.read(header.state_root, "header.state_root");
        fields.read(header.transactions_root, "header.transactions_root");
        fields.read(header.receipts_root, "header.receipts_root");
        fields.read(header.logs_bloom, "header.logs_bloom");
        fields.read(header.difficulty, "header.difficulty");
        fields.read(header.number, "header.number");
        fields.read(header.gas_limit, "header.gas_limit");
        fields.read(header.gas_used, "header.gas_used");
        fields.read(header.timestamp, "header.timestamp");
        fields.read(header.extra_data, "header.extra_data");
        fields.read(header.prev_randao, "header.prev_randao");
        fields.read(header.nonce, "header.nonce");
        fields.read(header.base_fee_per_gas, "header.base_fee_per_gas");
        fields.read(header.withdrawals_root, "header.withdrawals_root");
        fields.read(header.blob_gas_used, "header.blob_gas_used");
        fields.read(header.excess_blob_gas, "header.excess_blob_gas");
        fields.read(header.parent_beacon_block_root, "header.parent_beacon_block_root");
        fields.read(header.requests_hash, "header.requests_hash");
    });
    if (error) return std::unexpected(*error);
    items = input.items();
    return header;
}

std::expected<Header, DecodeError> decode_header(bytes_view encoded) {
    rlp::Decoder items(encoded);
    auto header = decode_header_item(items);
    if (header && !items.at_end())
        return std::unexpected(DecodeError{.rule = DecodeRule::Rlp, .rlp = rlp::Error::TrailingBytes, .field = "header"});
    return header;
}

bytes encode(const Header& header) {
    bytes out;
    out.reserve(1024);
    rlp::ListBuilder list(out);
    append(out, header.parent_hash);
    append(out, header.ommers_hash);
    append(out, header.beneficiary);
    append(out, header.state_root);
    append(out, header.transactions_root);
    append(out, header.receipts_root);
    append(out, header.logs_bloom);
    append(out, header.difficulty);
    append(out, header.number);
    append(out, header.gas_limit);
    append(out, header.gas_used);
    append(out, header.timestamp);
    append(out, header.extra_data);
    append(out, header.prev_randao);
    append(out, header.nonce);
    bool present = append_optional(out, header.base_fee_per_gas, true);
    present = append_optional(out, header.withdrawals_root, present);
    present = append_optional(out, header.blob_gas_used, present);
    present = append_optional(out, header.excess_blob_gas, present);
    present = append_optional(out, header.parent_beacon_block_root, present);
    append_optional(out, header.requests_hash, present);
    list.finish();
    return out;
}

hash32 hash(const Header& header) { return crypto::keccak256(encode(header)); }

}  // namespace weft::types
