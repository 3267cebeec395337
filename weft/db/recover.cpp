// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/database.hpp"
#include "weft/db/meta.hpp"
#include "weft/db/undo.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/trie/roots.hpp"

#include <map>
#include <set>
#include <utility>

namespace weft::db {

namespace {

/// Accounts that blocks changed, with the slots that they changed in each incarnation.
using Changed = std::map<address, std::map<uint64_t, std::set<uint256>>>;

constexpr size_t kIncarnationKeySize = address::kSize + sizeof(uint64_t);

/// What the journal of the store has of the flat state: all that has been changed since the tries were written. False: its keys are none.
bool list_changed(bytes_view entry, Changed& changed) {
    bool is_right = true;
    const bool is_whole = kv::Batch::read_changes(entry, [&](const kv::Batch::Change& change) {
        if (change.table == id(Table::accounts)) {
            is_right = is_right && change.key.size() == address::kSize;
            if (is_right) changed[fixed_from<address>(change.key)];
        } else if (change.table == id(Table::storage)) {
            is_right = is_right && change.key.size() == kIncarnationKeySize + hash32::kSize;
            if (!is_right) return;
            const uint64_t incarnation = number_at_end(change.key.first(kIncarnationKeySize));
            changed[fixed_from<address>(change.key.first(address::kSize))][incarnation].insert(
                from_be(change.key.subspan(kIncarnationKeySize)));
        }
    });
    return is_whole && is_right;
}

/// How an account differs from what it was after the block `since`; nullopt: after no block at all.
Expected<state::AccountDiff> diff_of(FlatState& flat, const address& addr, const std::map<uint64_t, std::set<uint256>>& slots,
                                     const std::optional<uint64_t>& since) {
    state::AccountDiff diff;
    const auto record = flat.account(addr);
    if (!record) return std::unexpected(record.error());
    if (!*record) return diff;
    const uint64_t incarnation = (*record)->incarnation;
    diff.account = (*record)->account();
    diff.storage_wiped = !since || incarnation > *since;
    const auto changed = slots.find(incarnation);
    if (changed == slots.end()) return diff;
    for (const uint256& slot : changed->second) {
        const auto value = flat.slot({.addr = addr, .incarnation = incarnation, .slot = slot});
        if (!value) return std::unexpected(value.error());
        diff.slots.push_back({.slot = slot, .value = *value});
    }
    return diff;
}

}  // namespace

Expected<void> Database::recover_derived() {
    const auto record = head_record();
    if (!record) return {};
    const auto stored = tables_.get(Table::trie_head, kHeadKey);
    if (!stored) return std::unexpected(stored.error());
    std::optional<TrieHead> known;
    if (*stored && !(known = decode_trie_head(**stored))) return damaged("the head of the tries", **stored);
    if (known && known->number == record->head.number) return {};

    kv::Batch batch;
    const uint64_t first = known ? known->number + 1 : record->first_number;
    for (uint64_t number = first; number <= record->head.number; ++number) {
        const auto hash = chain_.canonical_hash(number);
        if (!hash) return std::unexpected(hash.error());
        const auto block = *hash ? chain_.block(**hash) : Expected<std::optional<types::Block>>();
        if (!block) return std::unexpected(block.error());
        if (!*block) return damaged("canonical block", number_key(number));
        put_transaction_places(batch, **block);
    }
    if (auto recovered = recover_tries(batch, record->head, known); !recovered) return recovered;
    if (const auto written = store_->write(batch, kv::Durability::later); !written) return fail(written.error());
    return {};
}

Expected<void> Database::recover_tries(kv::Batch& batch, const BlockId& head, const std::optional<TrieHead>& known) {
    Changed changed;
    const auto listed = tables_.for_each(Table::journal, {}, [&](bytes_view key, bytes_view entry) -> Expected<bool> {
        if (!list_changed(entry, changed)) return damaged("the journal entry", key);
        return true;
    });
    if (!listed) return listed;
    std::vector<std::pair<address, state::AccountDiff>> accounts;
    for (const auto& [addr, slots] : changed) {
        auto diff = diff_of(flat_, addr, slots, known ? std::optional(known->number) : std::nullopt);
        if (!diff) return std::unexpected(std::move(diff.error()));
        accounts.emplace_back(addr, *std::move(diff));
    }
    const state::StateDiff diff{.accounts = state::sorted_by_address(std::move(accounts)), .codes = {}};

    const auto header = chain_.header(head.hash);
    if (!header) return std::unexpected(header.error());
    if (!*header) return damaged("header of block", head.hash);
    Crew nobody;
    const auto commitment = state::commit(diff, known ? known->state_root : trie::kEmptyRoot, nodes_, nobody);
    if (!commitment) return fail(commitment.error());
    if (commitment->root != (*header)->state_root) return damaged("the state of block", number_key(head.number));
    put_tries(batch, commitment->nodes, {.number = head.number, .state_root = commitment->root});
    return {};
}

}  // namespace weft::db
