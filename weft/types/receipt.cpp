// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/receipt.hpp"

#include "weft/rlp/encode.hpp"
#include "weft/types/field_reader.hpp"

namespace weft::types {

namespace {

void read_outcome(FieldReader& fields, Receipt& receipt) {
    bytes_view outcome;
    fields.read(outcome, "receipt.status");
    if (!fields.ok()) return;
    if (outcome.size() == hash32::kSize && receipt.type == TransactionType::Legacy) {
        receipt.post_state = fixed_from<hash32>(outcome);
    } else if (outcome.size() == 1 && outcome[0] == 1) {
        receipt.status = true;
    } else if (!outcome.empty()) {
        fields.fail(DecodeRule::InvalidStatus, "receipt.status");
    }
}

void read_logs(FieldReader& fields, std::vector<Log>& logs) {
    fields.read_each("receipt.logs", [&](FieldReader& rows) {
        Log& log = logs.emplace_back();
        rows.read_structure("receipt.logs", [&](FieldReader& row) {
            row.read(log.account, "receipt.logs.address");
            row.read_each("receipt.logs.topics",
                          [&](FieldReader& topics) { topics.read(log.topics.emplace_back(), "receipt.logs.topics"); });
            row.read(log.data, "receipt.logs.data");
        });
    });
}

void append_logs(bytes& out, const std::vector<Log>& logs) {
    rlp::ListBuilder list(out);
    for (const Log& log : logs) {
        size_t topics_length = 0;
        for (const hash32& topic : log.topics) topics_length += rlp::length_of(topic);
        rlp::encode_list_header(out, rlp::length_of(log.account) + rlp::length_of_list(topics_length) + rlp::length_of(log.data));
        rlp::encode_bytes(out, log.account);
        rlp::encode_list_header(out, topics_length);
        for (const hash32& topic : log.topics) rlp::encode_bytes(out, topic);
        rlp::encode_bytes(out, log.data);
    }
    list.finish();
}

}  // namespace

bytes encode(const Receipt& receipt) {
    bytes out;
    if (receipt.type != TransactionType::Legacy) out.push_back(static_cast<uint8_t>(receipt.type));
    rlp::ListBuilder list(out);
    if (receipt.post_state) {
        rlp::encode_bytes(out, *receipt.post_state);
    } else {
        rlp::encode_uint(out, uint64_t{receipt.status});
    }
    rlp::encode_uint(out, receipt.cumulative_gas_used);
    rlp::encode_bytes(out, receipt.bloom);
    append_logs(out, receipt.logs);
    list.finish();
    return out;
}

std::expected<Receipt, DecodeError> decode_receipt(bytes_view encoded) {
    if (encoded.empty()) return std::unexpected(DecodeError{.rule = DecodeRule::EmptyInput, .field = "receipt"});
    Receipt receipt;
    const bool legacy = encoded[0] >= 0xc0;
    if (!legacy) {
        if (encoded[0] == 0 || encoded[0] > static_cast<uint8_t>(TransactionType::SetCode))
            return std::unexpected(DecodeError{.rule = DecodeRule::UnknownType, .field = "receipt.type"});
        receipt.type = static_cast<TransactionType>(encoded[0]);
    }
    std::optional<DecodeError> error;
    FieldReader input(rlp::Decoder(legacy ? encoded : encoded.subspan(1)), error);
    input.read_structure("receipt", [&](FieldReader& fields) {
        read_outcome(fields, receipt);
        fields.read(receipt.cumulative_gas_used, "receipt.cumulative_gas_used");
        fields.read(receipt.bloom, "receipt.bloom");
        read_logs(fields, receipt.logs);
    });
    input.finish("receipt");
    if (error) return std::unexpected(*error);
    return receipt;
}

}  // namespace weft::types
