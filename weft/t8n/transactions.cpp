// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/transactions.hpp"

#include "weft/crypto/secp256k1.hpp"
#include "weft/fixtures/json_types.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/t8n/numbers.hpp"
#include "weft/t8n/rejection.hpp"

#include <fmt/format.h>

namespace weft::t8n {
namespace {

using json::Json;
using types::Transaction;
using types::TransactionType;

constexpr uint64_t kLastType = static_cast<uint64_t>(TransactionType::SetCode);

void read_fees(const Json& json, Transaction& transaction) {
    const bool has_one_price = transaction.type == TransactionType::Legacy || transaction.type == TransactionType::AccessList;
    transaction.max_fee_per_gas = read_quantity(json[has_one_price ? "gasPrice" : "maxFeePerGas"]);
    transaction.max_priority_fee_per_gas = has_one_price ? transaction.max_fee_per_gas : read_quantity(json["maxPriorityFeePerGas"]);
}

void read_lists(const Json& json, Transaction& transaction) {
    if (transaction.type >= TransactionType::AccessList && json["accessList"].exists())
        transaction.access_list = fixtures::read_access_list(json["accessList"]);
    if (transaction.type == TransactionType::Blob) {
        transaction.max_fee_per_blob_gas = read_quantity(json["maxFeePerBlobGas"]);
        json["blobVersionedHashes"].for_each([&](const Json& hash) { transaction.blob_hashes.push_back(hash.fixed<hash32>()); });
    }
    if (transaction.type == TransactionType::SetCode)
        transaction.authorization_list = fixtures::read_authorization_list(json["authorizationList"]);
}

/// EIP-155: 27 or 28, or 35 + 2 * chain id + parity.
void set_legacy_v(const Json& json, const uint256& v, Transaction& transaction) {
    if (v == 27 || v == 28) {
        transaction.y_parity = v == 28;
        return;
    }
    const uint256 chain_id = (v - 35) >> 1;
    if (v < 35 || !chain_id.fits_u64()) {
        json.report("neither 27, 28 nor 35 and a chain id (EIP-155)");
        return;
    }
    transaction.chain_id = chain_id.low64();
    transaction.y_parity = ((v - 35).low64() & 1) != 0;
}

void read_signature(const Json& json, Transaction& transaction, uint64_t chain_id) {
    const Json v = json["v"].exists() ? json["v"] : json["yParity"];
    const uint256 v_value = read_optional_quantity(v).value_or(uint256{});
    transaction.r = read_optional_quantity(json["r"]).value_or(uint256{});
    transaction.s = read_optional_quantity(json["s"]).value_or(uint256{});
    const bool is_signed = !(v_value | transaction.r | transaction.s).is_zero();
    const bool is_legacy = transaction.type == TransactionType::Legacy;
    if (!is_signed && json["secretKey"].exists()) {
        const bool is_protected = !json["protected"].exists() || json["protected"].boolean();
        if (is_legacy && is_protected) transaction.chain_id = chain_id;
        const auto signature = crypto::sign(types::signing_hash(transaction), json["secretKey"].fixed<hash32>());
        if (!signature) return json["secretKey"].report("no valid secret key");
        transaction.r = signature->r;
        transaction.s = signature->s;
        transaction.y_parity = signature->y_parity;
    } else if (is_legacy) {
        if (is_signed) set_legacy_v(v, v_value, transaction);
    } else {
        if (v_value > 1) v.report("neither 0 nor 1");
        transaction.y_parity = v_value == 1;
    }
}

Transaction read_transaction(const Json& json, uint64_t chain_id) {
    Transaction transaction;
    const uint64_t type = read_optional_number(json["type"]).value_or(0);
    if (type > kLastType) {
        json["type"].report("no type of transaction");
        return transaction;
    }
    transaction.type = static_cast<TransactionType>(type);
    if (transaction.type != TransactionType::Legacy) transaction.chain_id = read_optional_number(json["chainId"]).value_or(chain_id);
    transaction.nonce = read_number(json["nonce"]);
    read_fees(json, transaction);
    transaction.gas_limit = read_number(json["gas"].exists() ? json["gas"] : json["gasLimit"]);
    transaction.value = read_optional_quantity(json["value"]).value_or(uint256{});
    transaction.data = (json["data"].exists() ? json["data"] : json["input"]).data();
    if (const Json to = json["to"]; to.exists() && !(to.is_string() && to.string().empty())) transaction.to = to.fixed<address>();
    read_lists(json, transaction);
    if (!json.errors().any()) read_signature(json, transaction, chain_id);
    return transaction;
}

/// The type that an encoded transaction claims to have.
TransactionType type_of(bytes_view encoded) {
    return encoded.empty() || encoded[0] > kLastType ? TransactionType::Legacy : static_cast<TransactionType>(encoded[0]);
}

}  // namespace

std::vector<Transaction> read_transactions(const Json& json, uint64_t chain_id) {
    std::vector<Transaction> transactions;
    if (json.exists()) json.for_each([&](const Json& item) { transactions.push_back(read_transaction(item, chain_id)); });
    return transactions;
}

Outcome<std::vector<Candidate>> decode_transactions(bytes_view body) {
    const auto broken = [](rlp::Error error) {
        return fail(ExitCode::rlp, fmt::format("the transactions are not an RLP list: {}", rlp::to_string(error)));
    };
    rlp::Decoder input(body);
    auto list = input.read_list();
    if (!list) return broken(list.error());
    if (const auto finished = input.finish(); !finished) return broken(finished.error());
    std::vector<Candidate> candidates;
    while (!list->at_end()) {
        const auto item = list->read_item();
        if (!item) return broken(item.error());
        const bytes_view encoded = item->is_list ? item->encoded : item->payload;
        auto transaction = types::decode_transaction(encoded);
        if (transaction)
            candidates.emplace_back(*std::move(transaction));
        else
            candidates.emplace_back(std::unexpected(rejection_text(transaction.error(), type_of(encoded))));
    }
    return candidates;
}

bytes encode_body(const std::vector<Transaction>& transactions) {
    bytes items;
    for (const Transaction& transaction : transactions) types::append_transaction_item(items, types::encode(transaction));
    return rlp::wrap_list(items);
}

}  // namespace weft::t8n
