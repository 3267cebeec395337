// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/output.hpp"

#include "weft/base/hex.hpp"
#include "weft/chain/block_validation.hpp"
#include "weft/execution/transaction_validation.hpp"
#include "weft/fixtures/logs_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace weft::t8n {
namespace {

using json::json_string;
using json::JsonItems;
using types::Revision;

/// The block has no hash yet. Logs and receipts carry this one, as geth's do.
constexpr hash32 kBlockHash{{0x13, 0x37}};

std::string hex(bytes_view data) { return json_string(to_hex(data)); }
std::string quantity(const uint256& value) { return json_string(to_hex_quantity(value)); }

/// Where a receipt and its logs stand in the block.
struct Position {
    size_t transaction = 0;
    size_t log = 0;
};

std::string log_json(const types::Log& log, const TransitionResult& result, const Position& position) {
    JsonItems topics;
    for (const hash32& topic : log.topics) topics.add(hex(topic));
    JsonItems json;
    json.add("address", hex(log.account));
    json.add("topics", topics.array());
    json.add("data", hex(log.data));
    json.add("blockNumber", quantity(result.header.number));
    json.add("transactionHash", hex(result.applied[position.transaction].hash));
    json.add("transactionIndex", quantity(position.transaction));
    json.add("blockHash", hex(kBlockHash));
    json.add("blockTimestamp", quantity(result.header.timestamp));
    json.add("logIndex", quantity(position.log));
    json.add("removed", "false");
    return json.object();
}

std::string receipt_json(const TransitionResult& result, Position& position) {
    const types::Receipt& receipt = result.receipts[position.transaction];
    const Applied& applied = result.applied[position.transaction];
    JsonItems logs;
    for (const types::Log& log : receipt.logs) {
        logs.add(log_json(log, result, position));
        ++position.log;
    }
    JsonItems json;
    if (receipt.type != types::TransactionType::Legacy) json.add("type", quantity(static_cast<uint64_t>(receipt.type)));
    json.add("root", receipt.post_state ? hex(*receipt.post_state) : json_string("0x"));
    json.add("status", quantity(receipt.status ? 1 : 0));
    json.add("cumulativeGasUsed", quantity(receipt.cumulative_gas_used));
    json.add("logsBloom", hex(receipt.bloom));
    json.add("logs", logs.array());
    json.add("transactionHash", hex(applied.hash));
    json.add("contractAddress", hex(applied.created.value_or(address{})));
    json.add("gasUsed", quantity(applied.gas_used));
    json.add("effectiveGasPrice", "null");
    if (receipt.type == types::TransactionType::Blob) {
        json.add("blobGasUsed", quantity(execution::blob_gas(result.transactions[position.transaction])));
        json.add("blobGasPrice", quantity(result.blob_base_fee));
    }
    json.add("blockHash", hex(kBlockHash));
    json.add("blockNumber", quantity(result.header.number));
    json.add("transactionIndex", quantity(position.transaction));
    ++position.transaction;
    return json.object();
}

std::string receipts_json(const TransitionResult& result) {
    JsonItems receipts;
    Position position;
    while (position.transaction < result.receipts.size()) receipts.add(receipt_json(result, position));
    return receipts.array();
}

std::string rejected_json(const std::vector<Rejection>& rejected) {
    JsonItems list;
    for (const Rejection& rejection : rejected) {
        JsonItems json;
        json.add("index", fmt::format("{}", rejection.index));
        json.add("error", json_string(rejection.error));
        list.add(json.object());
    }
    return list.array();
}

void add_roots(const TransitionResult& result, JsonItems& json) {
    std::vector<bytes> encoded;
    for (const types::Transaction& transaction : result.transactions) encoded.push_back(types::encode(transaction));
    std::vector<types::Log> logs;
    for (const types::Receipt& receipt : result.receipts) logs.insert(logs.end(), receipt.logs.begin(), receipt.logs.end());
    json.add("stateRoot", hex(result.state_root));
    json.add("txRoot", hex(chain::transactions_root(encoded)));
    json.add("receiptsRoot", hex(chain::receipts_root(result.receipts)));
    json.add("logsHash", hex(fixtures::logs_hash(logs)));
    json.add("logsBloom", hex(result.logs_bloom));
}

/// EIP-7685: type and data of each request that has data.
void add_requests(const TransitionResult& result, JsonItems& json) {
    if (result.rules.revision < Revision::Prague) {
        json.add("requests", "null");
        return;
    }
    JsonItems requests;
    for (const types::Request& request : result.requests) {
        if (request.data.empty()) continue;
        bytes encoded{request.type};
        encoded.insert(encoded.end(), request.data.begin(), request.data.end());
        requests.add(hex(encoded));
    }
    json.add("requestsHash", hex(types::requests_hash(result.requests)));
    json.add("requests", requests.array());
}

std::string storage_json(const state::MemoryState::AccountRecord& record) {
    std::vector<std::pair<uint256, uint256>> slots(record.storage.begin(), record.storage.end());
    std::ranges::sort(slots);
    JsonItems json;
    for (const auto& [slot, value] : slots) json.add(to_hex(to_hash32(slot)), hex(to_hash32(value)));
    return json.object();
}

std::string account_json(const state::MemoryState::AccountRecord& record, state::MemoryState& state) {
    JsonItems json;
    if (record.code_hash != state::kEmptyCodeHash)
        if (const auto code = state.code(record.code_hash)) json.add("code", hex((*code)->view()));
    if (!record.storage.empty()) json.add("storage", storage_json(record));
    json.add("balance", quantity(record.balance));
    if (record.nonce != 0) json.add("nonce", quantity(record.nonce));
    return json.object();
}

}  // namespace

std::string result_json(const Environment& environment, const TransitionResult& result) {
    const types::Header& header = result.header;
    JsonItems json;
    add_roots(result, json);
    json.add("receipts", receipts_json(result));
    if (!result.rejected.empty()) json.add("rejected", rejected_json(result.rejected));
    json.add("currentDifficulty", result.rules.revision >= Revision::Paris ? "null" : quantity(header.difficulty));
    json.add("gasUsed", quantity(result.gas_used));
    // Before London the base fee means nothing, and comes back as it was given.
    if (const auto base_fee = header.base_fee_per_gas ? header.base_fee_per_gas : environment.base_fee)
        json.add("currentBaseFee", quantity(*base_fee));
    if (environment.withdrawals) json.add("withdrawalsRoot", hex(chain::withdrawals_root(*environment.withdrawals)));
    if (header.excess_blob_gas) {
        json.add("currentExcessBlobGas", quantity(*header.excess_blob_gas));
        json.add("blobGasUsed", quantity(result.blob_gas_used));
    }
    add_requests(result, json);
    return json.object();
}

std::string alloc_json(state::MemoryState& state) {
    using Entry = std::pair<address, const state::MemoryState::AccountRecord*>;
    std::vector<Entry> accounts;
    for (const auto& [addr, record] : state.accounts()) accounts.emplace_back(addr, &record);
    std::ranges::sort(accounts, {}, &Entry::first);
    JsonItems json;
    for (const auto& [addr, record] : accounts) json.add(to_hex(addr), account_json(*record, state));
    return json.object();
}

}  // namespace weft::t8n
