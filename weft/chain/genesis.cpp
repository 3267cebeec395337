// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/genesis.hpp"

#include "weft/base/hex.hpp"
#include "weft/chain/genesis_config.hpp"
#include "weft/json/json.hpp"
#include "weft/state/key_order.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/trie/roots.hpp"
#include "weft/types/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace weft::chain {
namespace {

using json::Json;
using types::Revision;

constexpr uint64_t kInitialBaseFee = 1'000'000'000;  // EIP-1559: INITIAL_BASE_FEE
/// One more than any account of EIP-2681 can have.
constexpr uint64_t kMaxNonce = ~uint64_t{0};

std::vector<state::SlotValue> read_slots(const Json& storage) {
    std::vector<state::SlotValue> slots;
    storage.for_each_member([&](std::string_view key, const Json& word) {
        const uint256 value = word.quantity();
        if (!value.is_zero()) slots.push_back({.slot = json::quantity_key(key, word), .value = value});
    });
    state::sort_by_slot(slots);
    if (std::ranges::adjacent_find(slots, {}, &state::SlotValue::slot) != slots.end()) storage.report("a slot is listed twice");
    return slots;
}

state::AccountDiff read_account(const Json& json, state::StateDiff& allocation) {
    state::Account account;
    account.balance = json.any_case("balance").hex_or_decimal();
    if (const Json nonce = json.any_case("nonce"); nonce.exists()) account.nonce = nonce.hex_or_decimal64();
    if (account.nonce == kMaxNonce) json.any_case("nonce").report("above what an account can have (EIP-2681)");
    if (const Json code = json.any_case("code"); code.exists()) {
        const bytes content = code.data();
        account.code_hash = state::code_hash_of(content);
        if (!content.empty()) allocation.codes.try_emplace(account.code_hash, std::make_shared<const state::Code>(content));
    }
    state::AccountDiff diff{.account = account};
    if (const Json storage = json.any_case("storage"); storage.exists()) diff.slots = read_slots(storage);
    return diff;
}

state::StateDiff read_allocation(const Json& alloc) {
    state::StateDiff allocation;
    std::vector<std::pair<address, state::AccountDiff>> accounts;
    alloc.for_each_member([&](std::string_view key, const Json& value) {
        accounts.emplace_back(json::fixed_key<address>(key, value), read_account(value, allocation));
    });
    std::ranges::sort(accounts, {}, [](const auto& entry) { return entry.first; });
    const auto twice = std::ranges::adjacent_find(accounts, {}, [](const auto& entry) { return entry.first; });
    if (twice != accounts.end()) {
        alloc.report(fmt::format("{} is listed twice", to_hex(twice->first)));
        return {};
    }
    allocation.accounts = state::sorted_by_address(std::move(accounts));
    return allocation;
}

uint64_t optional64(const Json& root, std::string_view key) {
    const Json field = root.any_case(key);
    return field.exists() ? field.hex_or_decimal64() : 0;
}

template <typename T>
T optional_fixed(const Json& root, std::string_view key) {
    const Json field = root.any_case(key);
    return field.exists() ? field.fixed<T>() : T{};
}

/// The nonce of a header is eight bytes; files have it as a number.
FixedBytes<8> nonce_of(uint64_t number) noexcept {
    FixedBytes<8> nonce;
    for (size_t i = 8; i-- > 0; number >>= 8) nonce.bytes[i] = static_cast<uint8_t>(number);
    return nonce;
}

/// Fields of later forks, where these are active in the first block. A chain whose forks by time are active then has merged, whatever
/// its difficulty says.
void read_fork_fields(const Json& root, const ChainSpec& spec, types::Block& block) {
    types::Header& header = block.header;
    const auto is_active = [&](Revision revision) { return spec.rules_at(header.number, header.timestamp, true).revision >= revision; };
    if (spec.rules_at(0, 0).revision < Revision::London) return;
    const Json base_fee = root.any_case("baseFeePerGas");
    header.base_fee_per_gas = base_fee.exists() ? base_fee.hex_or_decimal() : uint256(kInitialBaseFee);
    if (!is_active(Revision::Shanghai)) return;
    header.withdrawals_root = trie::kEmptyRoot;
    block.withdrawals.emplace();
    if (!is_active(Revision::Cancun)) return;
    header.blob_gas_used = optional64(root, "blobGasUsed");
    header.excess_blob_gas = optional64(root, "excessBlobGas");
    header.parent_beacon_block_root = optional_fixed<hash32>(root, "parentBeaconBlockRoot");
    if (is_active(Revision::Prague)) header.requests_hash = types::requests_hash({});
}

types::Block read_block(const Json& root, const ChainSpec& spec) {
    types::Block block;
    types::Header& header = block.header;
    header.parent_hash = optional_fixed<hash32>(root, "parentHash");
    header.beneficiary = optional_fixed<address>(root, "coinbase");
    header.transactions_root = trie::kEmptyRoot;
    header.receipts_root = trie::kEmptyRoot;
    header.difficulty = root.any_case("difficulty").hex_or_decimal();
    header.number = optional64(root, "number");
    if (header.number != 0) root.any_case("number").report("not 0");
    header.gas_limit = root.any_case("gasLimit").hex_or_decimal64();
    header.gas_used = optional64(root, "gasUsed");
    header.timestamp = optional64(root, "timestamp");
    if (const Json extra = root.any_case("extraData"); extra.exists()) header.extra_data = extra.data();
    header.prev_randao = optional_fixed<hash32>(root, "mixHash");
    header.nonce = nonce_of(optional64(root, "nonce"));
    read_fork_fields(root, spec, block);
    return block;
}

hash32 root_of(const state::StateDiff& allocation) {
    state::MemoryState state;
    state.apply(allocation);
    return state.root();
}

Result<json::JsonDocument> parse_document(std::string_view text) {
    if (text.size() > kMaxGenesisSize) return fail(fmt::format("longer than {} bytes", kMaxGenesisSize));
    return json::JsonDocument::parse(json::quote_long_integers(text));
}

Result<Genesis> read_genesis(const json::JsonDocument& document, ChainSpec spec) {
    const Json root = document.root();
    Genesis genesis{.spec = std::move(spec), .block = {}, .hash = {}, .allocation = {}};
    genesis.block = read_block(root, genesis.spec);
    genesis.allocation = read_allocation(root.any_case("alloc"));
    if (document.errors().any()) return fail(document.errors().first());

    types::Header& header = genesis.block.header;
    header.state_root = root_of(genesis.allocation);
    const hash32 stated = optional_fixed<hash32>(root, "stateRoot");
    if (stated != hash32{} && stated != header.state_root)
        root.any_case("stateRoot").report(fmt::format("not the root of alloc, which is {}", to_hex(header.state_root)));
    if (document.errors().any()) return fail(document.errors().first());
    genesis.hash = types::hash(header);
    return genesis;
}

}  // namespace

Result<Genesis> parse_genesis(std::string_view json) {
    const auto document = parse_document(json);
    if (!document) return std::unexpected(document.error());
    ChainSpec spec = read_chain_config(document->root().any_case("config"));
    if (document->errors().any()) return fail(document->errors().first());
    return read_genesis(*document, std::move(spec));
}

Result<Genesis> parse_genesis(std::string_view json, const ChainSpec& spec) {
    const auto document = parse_document(json);
    if (!document) return std::unexpected(document.error());
    return read_genesis(*document, spec);
}

}  // namespace weft::chain
