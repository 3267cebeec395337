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

void append_outcome(bytes& out, const Receipt& receipt) {
    if (receipt.post_state)
        rlp::encode_bytes(out, *receipt.post_state);
    else
        rlp::encode_uint(out, uint64_t{receipt.status});
}

/// Of a receipt that is not of a legacy transaction.
std::optional<TransactionType> typed(uint64_t number) noexcept {
    if (number == 0 || number > static_cast<uint8_t>(TransactionType::SetCode)) return std::nullopt;
    return static_cast<TransactionType>(number);
}

}  // namespace

bytes encode(const Receipt& receipt) {
    bytes out;
    if (receipt.type != TransactionType::Legacy) out.push_back(static_cast<uint8_t>(receipt.type));
    rlp::ListBuilder list(out);
    append_outcome(out, receipt);
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
        const auto type = typed(encoded[0]);
        if (!type) return std::unexpected(DecodeError{.rule = DecodeRule::UnknownType, .field = "receipt.type"});
        receipt.type = *type;
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

bytes encode_compact(std::span<const Receipt> receipts) {
    bytes out;
    rlp::ListBuilder list(out);
    for (const Receipt& receipt : receipts) {
        rlp::ListBuilder fields(out);
        rlp::encode_uint(out, uint64_t{static_cast<uint8_t>(receipt.type)});
        append_outcome(out, receipt);
        rlp::encode_uint(out, receipt.cumulative_gas_used);
        append_logs(out, receipt.logs);
        fields.finish();
    }
    list.finish();
    return out;
}

std::expected<std::vector<Receipt>, DecodeError> decode_compact_receipts(bytes_view encoded) {
    std::vector<Receipt> receipts;
    std::optional<DecodeError> error;
    FieldReader input(rlp::Decoder(encoded), error);
    input.read_each("receipts", [&](FieldReader& list) {
        Receipt& receipt = receipts.emplace_back();
        list.read_structure("receipt", [&](FieldReader& fields) {
            uint64_t type = 0;
            fields.read(type, "receipt.type");
            if (type != 0) {
                if (const auto known = typed(type))
                    receipt.type = *known;
                else
                    fields.fail(DecodeRule::UnknownType, "receipt.type");
            }
            read_outcome(fields, receipt);
            fields.read(receipt.cumulative_gas_used, "receipt.cumulative_gas_used");
            read_logs(fields, receipt.logs);
        });
    });
    input.finish("receipts");
    if (error) return std::unexpected(*error);
    BloomBuilder filters;
    for (Receipt& receipt : receipts) filters.add(receipt.logs, receipt.bloom);
    filters.finish();
    return receipts;
}

}  // namespace weft::types
