// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/field_reader.hpp"
#include "weft/types/transaction.hpp"

namespace weft::types {

namespace {

void read_recipient(FieldReader& fields, std::optional<address>& to) {
    bytes_view recipient;
    fields.read(recipient, "transaction.to");
    if (!fields.ok() || recipient.empty()) return;
    if (recipient.size() != address::kSize) return fields.fail(rlp::Error::WrongLength, "transaction.to");
    to = fixed_from<address>(recipient);
}

void read_access_list(FieldReader& fields, AccessList& access_list) {
    fields.read_each("transaction.access_list", [&](FieldReader& rows) {
        AccessListEntry& entry = access_list.emplace_back();
        rows.read_structure("transaction.access_list", [&](FieldReader& row) {
            row.read(entry.account, "transaction.access_list.address");
            row.read_each("transaction.access_list.storage_keys",
                          [&](FieldReader& keys) { keys.read(entry.storage_keys.emplace_back(), "transaction.access_list.storage_keys"); });
        });
    });
}

void read_authorizations(FieldReader& fields, AuthorizationList& authorizations) {
    fields.read_each("transaction.authorization_list", [&](FieldReader& rows) {
        Authorization& authorization = authorizations.emplace_back();
        rows.read_structure("transaction.authorization_list", [&](FieldReader& row) {
            row.read(authorization.chain_id, "transaction.authorization_list.chain_id");
            row.read(authorization.delegate, "transaction.authorization_list.address");
            row.read(authorization.nonce, "transaction.authorization_list.nonce");
            uint64_t y_parity = 0;
            row.read(y_parity, "transaction.authorization_list.y_parity");
            if (y_parity > 0xff) row.fail(rlp::Error::IntegerTooLarge, "transaction.authorization_list.y_parity");
            authorization.y_parity = static_cast<uint8_t>(y_parity);
            row.read(authorization.r, "transaction.authorization_list.r");
            row.read(authorization.s, "transaction.authorization_list.s");
        });
    });
}

void read_signature(FieldReader& fields, Transaction& tx) {
    fields.read(tx.r, "transaction.r");
    fields.read(tx.s, "transaction.s");
}

/// EIP-155: v is 27 or 28, or 35 + 2 * chain_id + y_parity.
void read_legacy_v(FieldReader& fields, Transaction& tx) {
    uint256 v;
    fields.read(v, "transaction.v");
    if (!fields.ok()) return;
    if (v == 27 || v == 28) {
        tx.y_parity = v == 28;
        return;
    }
    if (v < 35) return fields.fail(DecodeRule::InvalidV, "transaction.v");
    const uint256 offset = v - 35;
    const uint256 chain_id = offset >> 1;
    if (!chain_id.fits_u64()) return fields.fail(DecodeRule::ChainIdTooLarge, "transaction.v");
    tx.chain_id = chain_id.low64();
    tx.y_parity = (offset.low64() & 1) != 0;
}

void read_legacy(FieldReader& fields, Transaction& tx) {
    fields.read(tx.nonce, "transaction.nonce");
    fields.read(tx.max_fee_per_gas, "transaction.gas_price");
    tx.max_priority_fee_per_gas = tx.max_fee_per_gas;
    fields.read(tx.gas_limit, "transaction.gas_limit");
    read_recipient(fields, tx.to);
    fields.read(tx.value, "transaction.value");
    fields.read(tx.data, "transaction.data");
    read_legacy_v(fields, tx);
    read_signature(fields, tx);
}

void read_typed(FieldReader& fields, Transaction& tx) {
    // EIP-4844: a list in the first place is the transaction itself, followed by its blobs.
    if (tx.type == TransactionType::Blob && fields.next_is_list()) return fields.fail(DecodeRule::BlobSidecar, "transaction");
    fields.read(tx.chain_id.emplace(), "transaction.chain_id");
    fields.read(tx.nonce, "transaction.nonce");
    if (tx.type == TransactionType::AccessList) {
        fields.read(tx.max_fee_per_gas, "transaction.gas_price");
        tx.max_priority_fee_per_gas = tx.max_fee_per_gas;
    } else {
        fields.read(tx.max_priority_fee_per_gas, "transaction.max_priority_fee_per_gas");
        fields.read(tx.max_fee_per_gas, "transaction.max_fee_per_gas");
    }
    fields.read(tx.gas_limit, "transaction.gas_limit");
    read_recipient(fields, tx.to);
    fields.read(tx.value, "transaction.value");
    fields.read(tx.data, "transaction.data");
    read_access_list(fields, tx.access_list);
    if (tx.type == TransactionType::Blob) {
        fields.read(tx.max_fee_per_blob_gas, "transaction.max_fee_per_blob_gas");
        fields.read_each("transaction.blob_hashes",
                         [&](FieldReader& hashes) { hashes.read(tx.blob_hashes.emplace_back(), "transaction.blob_hashes"); });
    }
    if (tx.type == TransactionType::SetCode) read_authorizations(fields, tx.authorization_list);
    uint64_t y_parity = 0;
    fields.read(y_parity, "transaction.y_parity");
    if (y_parity > 1) fields.fail(DecodeRule::InvalidYParity, "transaction.y_parity");
    tx.y_parity = y_parity == 1;
    read_signature(fields, tx);
    const bool may_create = tx.type == TransactionType::AccessList || tx.type == TransactionType::DynamicFee;
    if (!tx.to && !may_create) fields.fail(DecodeRule::MissingRecipient, "transaction.to");
}

constexpr uint8_t kFirstListByte = 0xc0;

}  // namespace

std::expected<Transaction, TransactionDecodeError> decode_transaction(bytes_view encoded) {
    if (encoded.empty()) return std::unexpected(DecodeError{.rule = DecodeRule::EmptyInput, .field = "transaction"});
    Transaction tx;
    const bool legacy = encoded[0] >= kFirstListByte;
    if (!legacy) {
        if (encoded[0] == 0 || encoded[0] > static_cast<uint8_t>(TransactionType::SetCode))
            return std::unexpected(DecodeError{.rule = DecodeRule::UnknownType, .field = "transaction.type"});
        tx.type = static_cast<TransactionType>(encoded[0]);
    }
    std::optional<DecodeError> error;
    FieldReader input(rlp::Decoder(legacy ? encoded : encoded.subspan(1)), error);
    input.read_structure("transaction", [&](FieldReader& fields) { legacy ? read_legacy(fields, tx) : read_typed(fields, tx); });
    input.finish("transaction");
    if (error) return std::unexpected(*error);
    return tx;
}

std::expected<bytes_view, TransactionDecodeError> read_transaction_item(rlp::Decoder& body) {
    const auto item = body.read_item();
    if (!item) return std::unexpected(DecodeError{.rule = DecodeRule::Rlp, .rlp = item.error(), .field = "transaction"});
    if (item->is_list) return item->encoded;
    // EIP-2718: what is wrapped in a string starts with a type byte.
    if (item->payload.empty()) return std::unexpected(DecodeError{.rule = DecodeRule::EmptyInput, .field = "transaction"});
    if (item->payload[0] >= kFirstListByte)
        return std::unexpected(DecodeError{.rule = DecodeRule::TypedInsideList, .field = "transaction"});
    return item->payload;
}

std::expected<Transaction, TransactionDecodeError> decode_transaction_item(rlp::Decoder& body) {
    const auto encoded = read_transaction_item(body);
    if (!encoded) return std::unexpected(encoded.error());
    return decode_transaction(*encoded);
}

}  // namespace weft::types
