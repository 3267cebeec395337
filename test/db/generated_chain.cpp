// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/db/generated_chain.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/state/key_order.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/roots.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft::test {

namespace {

constexpr size_t kAddresses = 10;
constexpr size_t kSlots = 8;
constexpr uint64_t kDifficulty = 7;

using Leaves = std::vector<std::pair<hash32, bytes>>;

/// All nodes of the tries of a state.
std::map<std::pair<hash32, bytes>, bytes> nodes_of(const state::MemoryState& state) {
    std::map<std::pair<hash32, bytes>, bytes> nodes;
    const auto add = [&](const hash32& owner, Leaves& leaves) {
        std::ranges::sort(leaves);
        return trie::sorted_root(leaves, [&](trie::nibbles_view path, bytes_view encoded) {
            nodes.emplace(std::pair(owner, bytes(path.begin(), path.end())), bytes(encoded.begin(), encoded.end()));
        });
    };
    Leaves accounts;
    for (const auto& [addr, record] : state.accounts()) {
        Leaves slots;
        for (const auto& [slot, value] : record.storage)
            slots.emplace_back(crypto::keccak256(to_hash32(slot)), trie::encode_storage_value(value));
        const hash32 owner = crypto::keccak256(addr);
        accounts.emplace_back(
            owner,
            trie::encode_account(
                {.nonce = record.nonce, .balance = record.balance, .storage_root = add(owner, slots), .code_hash = record.code_hash}));
    }
    (void)add(trie::kAccountTrie, accounts);
    return nodes;
}

/// What makes one set of nodes the other.
trie::NodeChanges changes_between(const std::map<std::pair<hash32, bytes>, bytes>& before,
                                  const std::map<std::pair<hash32, bytes>, bytes>& after, std::vector<hash32> wiped) {
    trie::NodeChanges changes{.wiped_owners = std::move(wiped), .changes = {}};
    const auto is_wiped = [&](const hash32& owner) { return std::ranges::find(changes.wiped_owners, owner) != changes.wiped_owners.end(); };
    std::map<std::pair<hash32, bytes>, bytes> changed;
    for (const auto& [place, node] : before)
        if (!after.contains(place) && !is_wiped(place.first)) changed[place] = {};
    for (const auto& [place, node] : after) {
        const auto old = before.find(place);
        if (is_wiped(place.first) || old == before.end() || old->second != node) changed[place] = node;
    }
    for (const auto& [place, node] : changed)
        changes.changes.push_back(
            {.owner = place.first, .path = changes.memory->copy(place.second), .encoded = changes.memory->copy(node)});
    return changes;
}

}  // namespace

GeneratedChain::GeneratedChain(uint64_t seed) : random_(seed) {
    for (size_t i = 0; i < kAddresses; ++i) addresses_.push_back(address_of(0x1000 + i * 0x0101010101));
    // Some of the last byte, as if made by hand, and some from everywhere.
    for (size_t i = 0; i < kSlots; ++i)
        slots_.push_back(i % 2 == 0 ? uint256{i} : to_uint256(crypto::keccak256(bytes{static_cast<uint8_t>(i)})));
    grow();
}

std::vector<state::SlotValue> GeneratedChain::random_slots(state::MemoryState& before, const address& addr, bool wiped) {
    std::vector<state::SlotValue> changed;
    for (const uint256& slot : slots_) {
        if (!random_.chance(40)) continue;
        const uint256 old = wiped ? uint256{} : before.storage(addr, slot).value();
        const uint256 value = random_.chance(35) ? uint256{} : uint256{random_.next(), 0, 0, random_.below(3)};
        if (value != old) changed.push_back({.slot = slot, .value = value});
    }
    state::sort_by_slot(changed);
    return changed;
}

std::optional<state::AccountDiff> GeneratedChain::random_change(state::MemoryState& before, const address& addr, state::StateDiff& diff) {
    const std::optional<state::Account> old = before.account(addr).value();
    if (random_.chance(20)) return state::difference(old, std::nullopt, true, {});
    state::Account next = old.value_or(state::Account{});
    const bool wiped = random_.chance(15);
    if (random_.chance(50)) next.nonce += 1;
    if (random_.chance(60)) next.balance = uint256{random_.next(), random_.below(2), 0, 0};
    if (random_.chance(15)) {
        const bytes code(random_.below(80) + 1, static_cast<uint8_t>(random_.below(256)));
        next.code_hash = state::code_hash_of(code);
        diff.codes.emplace(next.code_hash, std::make_shared<const state::Code>(code));
    }
    const auto slots = random_.chance(70) ? random_slots(before, addr, wiped || !old) : std::vector<state::SlotValue>{};
    return state::difference(old, next, wiped, slots);
}

state::StateDiff GeneratedChain::random_diff(state::MemoryState& before) {
    state::StateDiff diff;
    std::vector<std::pair<address, state::AccountDiff>> changed;
    for (const address& addr : addresses_) {
        if (!random_.chance(40)) continue;
        if (auto change = random_change(before, addr, diff)) changed.emplace_back(addr, std::move(*change));
    }
    diff.accounts = state::sorted_by_address(std::move(changed));
    return diff;
}

void GeneratedChain::fill(GeneratedBlock& next, const GeneratedBlock* parent) {
    types::Header& header = next.block.header;
    header.number = parent != nullptr ? parent->block.header.number + 1 : 0;
    header.parent_hash = parent != nullptr ? parent->hash : hash32{};
    header.difficulty = kDifficulty;
    header.state_root = next.state.root();
    header.extra_data = bytes(8, static_cast<uint8_t>(random_.next()));
    header.gas_limit = random_.next();
    const uint64_t count = parent != nullptr ? random_.below(4) : 0;
    std::vector<bytes> receipts;
    for (uint64_t i = 0; i < count; ++i) {
        types::Transaction transaction;
        transaction.nonce = random_.next();
        transaction.data = bytes(random_.below(60), 0x17);
        transaction.r = transaction.s = 1;
        next.block.encoded_transactions.push_back(types::encode(transaction));
        next.block.transactions.push_back(std::move(transaction));
        types::Receipt receipt;
        receipt.status = true;
        receipt.cumulative_gas_used = random_.below(1000);
        if (random_.chance(50)) receipt.logs.push_back({.account = random_.pick(addresses_), .topics = {header.parent_hash}, .data = {}});
        receipt.bloom = types::bloom_of(receipt.logs);
        receipts.push_back(types::encode(receipt));
        next.receipts.push_back(std::move(receipt));
        next.senders.push_back(random_.pick(addresses_));
    }
    header.transactions_root = trie::ordered_root(next.block.encoded_transactions);
    header.receipts_root = trie::ordered_root(receipts);
    next.hash = types::hash(header);
    next.total_difficulty = (parent != nullptr ? parent->total_difficulty : uint256{}) + kDifficulty;
}

const GeneratedBlock& GeneratedChain::grow() {
    const GeneratedBlock* parent = blocks_.empty() ? nullptr : blocks_.back().get();
    auto next = std::make_shared<GeneratedBlock>();
    if (parent != nullptr) next->state = parent->state;
    next->diff = random_diff(next->state);
    std::vector<hash32> wiped;
    for (const auto& [addr, change] : next->diff.accounts) {
        // Whoever keeps the tries may wipe, or erase node by node.
        const bool may = !change.account || change.storage_wiped;
        if (may && random_.chance(80)) wiped.push_back(crypto::keccak256(addr));
    }
    next->state.apply(next->diff);
    next->trie = nodes_of(next->state);
    next->nodes = changes_between(parent != nullptr ? parent->trie : std::map<std::pair<hash32, bytes>, bytes>{}, next->trie, wiped);
    fill(*next, parent);
    next->state.set_block_hash(next->block.header.number, next->hash);
    blocks_.push_back(std::move(next));
    return *blocks_.back();
}

std::string GeneratedChain::difference(state::StateView& state, const GeneratedBlock& block) const {
    // Reading does not change it.
    auto& expected = const_cast<state::MemoryState&>(block.state);
    for (const address& addr : addresses_) {
        const auto account = state.account(addr);
        if (!account || *account != expected.account(addr).value()) return fmt::format("account {}", to_hex(addr));
        for (const uint256& slot : slots_) {
            const auto value = state.storage(addr, slot);
            if (!value || *value != expected.storage(addr, slot).value())
                return fmt::format("account {}, slot {}", to_hex(addr), to_hex_quantity(slot));
        }
        if (!*account || (*account)->code_hash == state::kEmptyCodeHash) continue;
        const auto code = state.code((*account)->code_hash);
        if (!code || state::code_hash_of((*code)->view()) != (*account)->code_hash) return fmt::format("code of {}", to_hex(addr));
    }
    for (uint64_t number = 0; number <= block.block.header.number; ++number)
        if (state.block_hash(number).value_or(hash32{}) != at(number).hash) return fmt::format("hash of block {}", number);
    return {};
}

std::string GeneratedChain::node_difference(db::Database& database, const GeneratedBlock& block) {
    for (const auto& [place, node] : block.trie) {
        trie::NodeMemory memory;
        const auto found = database.nodes().node(place.first, place.second, memory);
        if (!found || !std::ranges::equal(*found, node)) return fmt::format("node {} of {}", to_hex(place.second), to_hex(place.first));
    }
    size_t count = 0;
    const auto cursor = database.store().walk({.table = db::id(db::Table::nodes)});
    while (cursor->next().value_or(false)) ++count;
    return count == block.trie.size() ? "" : fmt::format("{} nodes instead of {}", count, block.trie.size());
}

}  // namespace weft::test
