// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/transaction.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/rlp/encode.hpp"

namespace weft::types {

namespace {

void append_access_list(bytes& out, const AccessList& access_list) {
    rlp::ListBuilder list(out);
    for (const AccessListEntry& entry : access_list) {
        rlp::ListBuilder row(out);
        rlp::encode_bytes(out, entry.account);
        rlp::ListBuilder keys(out);
        for (const hash32& key : entry.storage_keys) rlp::encode_bytes(out, key);
        keys.finish();
        row.finish();
    }
    list.finish();
}

void append_blob_hashes(bytes& out, const std::vector<hash32>& blob_hashes) {
    rlp::ListBuilder list(out);
    for (const hash32& hash : blob_hashes) rlp::encode_bytes(out, hash);
    list.finish();
}

void append_authorizations(bytes& out, const AuthorizationList& authorizations) {
    rlp::ListBuilder list(out);
    for (const Authorization& authorization : authorizations) {
        rlp::ListBuilder row(out);
        rlp::encode_uint(out, authorization.chain_id);
        rlp::encode_bytes(out, authorization.delegate);
        rlp::encode_uint(out, authorization.nonce);
        rlp::encode_uint(out, uint64_t{authorization.y_parity});
        rlp::encode_uint(out, authorization.r);
        rlp::encode_uint(out, authorization.s);
        row.finish();
    }
    list.finish();
}

/// Fields that types 1 to 4 start with, then those that only one of them has, up to the signature.
void append_typed_fields(bytes& out, const Transaction& tx) {
    WEFT_ASSERT(tx.chain_id.has_value());
    rlp::encode_uint(out, *tx.chain_id);
    rlp::encode_uint(out, tx.nonce);
    if (tx.type != TransactionType::AccessList) rlp::encode_uint(out, tx.max_priority_fee_per_gas);
    rlp::encode_uint(out, tx.max_fee_per_gas);
    rlp::encode_uint(out, tx.gas_limit);
    rlp::encode_bytes(out, tx.to ? bytes_view(*tx.to) : bytes_view{});
    rlp::encode_uint(out, tx.value);
    rlp::encode_bytes(out, tx.data);
    append_access_list(out, tx.access_list);
    if (tx.type == TransactionType::Blob) {
        rlp::encode_uint(out, tx.max_fee_per_blob_gas);
        append_blob_hashes(out, tx.blob_hashes);
    }
    if (tx.type == TransactionType::SetCode) append_authorizations(out, tx.authorization_list);
}

void append_legacy_fields(bytes& out, const Transaction& tx) {
    rlp::encode_uint(out, tx.nonce);
    rlp::encode_uint(out, tx.max_fee_per_gas);
    rlp::encode_uint(out, tx.gas_limit);
    rlp::encode_bytes(out, tx.to ? bytes_view(*tx.to) : bytes_view{});
    rlp::encode_uint(out, tx.value);
    rlp::encode_bytes(out, tx.data);
}

/// EIP-155.
uint256 legacy_v(const Transaction& tx) noexcept {
    const uint256 parity{tx.y_parity ? 1U : 0U};
    return tx.chain_id ? (uint256{*tx.chain_id} << 1) + 35 + parity : 27 + parity;
}

}  // namespace

Revision first_revision(TransactionType type) noexcept {
    switch (type) {
        case TransactionType::Legacy:
            return Revision::Frontier;
        case TransactionType::AccessList:
            return Revision::Berlin;
        case TransactionType::DynamicFee:
            return Revision::London;
        case TransactionType::Blob:
            return Revision::Cancun;
        case TransactionType::SetCode:
            return Revision::Prague;
    }
    WEFT_ASSERT(false);
}

bytes encode(const Transaction& transaction) {
    bytes out;
    const bool legacy = transaction.type == TransactionType::Legacy;
    if (!legacy) out.push_back(static_cast<uint8_t>(transaction.type));
    rlp::ListBuilder list(out);
    if (legacy) {
        append_legacy_fields(out, transaction);
        rlp::encode_uint(out, legacy_v(transaction));
    } else {
        append_typed_fields(out, transaction);
        rlp::encode_uint(out, uint64_t{transaction.y_parity});
    }
    rlp::encode_uint(out, transaction.r);
    rlp::encode_uint(out, transaction.s);
    list.finish();
    return out;
}

void append_transaction_item(bytes& out, bytes_view encoded) {
    const bool legacy = !encoded.empty() && encoded[0] >= 0xc0;
    if (legacy) {
        rlp::append_raw(out, encoded);
    } else {
        rlp::encode_bytes(out, encoded);
    }
}

hash32 hash(const Transaction& transaction) { return crypto::keccak256(encode(transaction)); }

hash32 signing_hash(const Transaction& transaction) {
    bytes message;
    const bool legacy = transaction.type == TransactionType::Legacy;
    if (!legacy) message.push_back(static_cast<uint8_t>(transaction.type));
    rlp::ListBuilder list(message);
    if (legacy) {
        append_legacy_fields(message, transaction);
        if (transaction.chain_id) {
            rlp::encode_uint(message, *transaction.chain_id);
            rlp::encode_uint(message, uint64_t{0});
            rlp::encode_uint(message, uint64_t{0});
        }
    } else {
        append_typed_fields(message, transaction);
    }
    list.finish();
    return crypto::keccak256(message);
}

bool is_low_s(const uint256& s) noexcept { return s <= crypto::kSecp256k1HalfOrder; }

std::optional<address> recover_sender(const Transaction& transaction, Revision revision) {
    return recover_sender(transaction, signing_hash(transaction), revision);
}

std::optional<address> recover_sender(const Transaction& transaction, const hash32& signed_hash, Revision revision) {
    if (revision >= Revision::Homestead && !is_low_s(transaction.s)) return std::nullopt;
    const bool replay_protected = transaction.type == TransactionType::Legacy && transaction.chain_id.has_value();
    if (replay_protected && revision < Revision::SpuriousDragon) return std::nullopt;
    return crypto::recover_address(signed_hash, transaction.r, transaction.s, transaction.y_parity);
}

}  // namespace weft::types
