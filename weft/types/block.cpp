// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/block.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/types/field_reader.hpp"

namespace weft::types {

namespace {

void read_ommer(FieldReader& items, Block& block, std::optional<DecodeError>& error) {
    auto header = decode_header_item(items.items());
    if (header) {
        block.ommers.push_back(std::move(*header));
    } else {
        error = header.error();
    }
}

void read_transaction(FieldReader& items, Block& block, std::optional<DecodeError>& error) {
    const auto encoded = read_transaction_item(items.items());
    if (!encoded) {
        error = encoded.error();
        return;
    }
    auto transaction = decode_transaction(*encoded);
    if (!transaction) {
        error = transaction.error();
        return;
    }
    block.transactions.push_back(std::move(*transaction));
    block.encoded_transactions.emplace_back(encoded->begin(), encoded->end());
}

void read_withdrawals(FieldReader& fields, std::vector<Withdrawal>& withdrawals) {
    fields.read_each("block.withdrawals", [&](FieldReader& rows) {
        Withdrawal& withdrawal = withdrawals.emplace_back();
        rows.read_structure("block.withdrawals", [&](FieldReader& row) {
            row.read(withdrawal.index, "block.withdrawals.index");
            row.read(withdrawal.validator_index, "block.withdrawals.validator_index");
            row.read(withdrawal.recipient, "block.withdrawals.address");
            row.read(withdrawal.amount, "block.withdrawals.amount");
        });
    });
}

bytes encode_list(std::span<const Header> headers) {
    bytes payload;
    for (const Header& header : headers) rlp::append_raw(payload, encode(header));
    return rlp::wrap_list(payload);
}

}  // namespace

std::expected<Block, DecodeError> decode_block(bytes_view encoded) {
    Block block;
    std::optional<DecodeError> error;
    FieldReader input(rlp::Decoder(encoded), error);
    input.read_structure("block", [&](FieldReader& fields) {
        auto header = decode_header_item(fields.items());
        if (header) {
            block.header = std::move(*header);
        } else {
            error = header.error();
        }
        fields.read_each("block.transactions", [&](FieldReader& items) { read_transaction(items, block, error); });
        fields.read_each("block.ommers", [&](FieldReader& items) { read_ommer(items, block, error); });
        // EIP-4895: the body has withdrawals exactly when the header commits to them.
        if (fields.ok() && block.header.withdrawals_root) read_withdrawals(fields, block.withdrawals.emplace());
    });
    input.finish("block");
    if (error) return std::unexpected(*error);
    return block;
}

bytes encode(const Block& block) {
    const bool have_encodings = !block.encoded_transactions.empty();
    WEFT_ASSERT(!have_encodings || block.encoded_transactions.size() == block.transactions.size());
    bytes out;
    rlp::ListBuilder whole(out);
    rlp::append_raw(out, encode(block.header));
    rlp::ListBuilder transactions(out);
    for (size_t i = 0; i < block.transactions.size(); ++i)
        append_transaction_item(out, have_encodings ? block.encoded_transactions[i] : encode(block.transactions[i]));
    transactions.finish();
    rlp::append_raw(out, encode_list(block.ommers));
    if (block.withdrawals) {
        rlp::ListBuilder withdrawals(out);
        for (const Withdrawal& withdrawal : *block.withdrawals) rlp::append_raw(out, encode(withdrawal));
        withdrawals.finish();
    }
    whole.finish();
    return out;
}

hash32 ommers_hash(std::span<const Header> ommers) { return crypto::keccak256(encode_list(ommers)); }

}  // namespace weft::types
