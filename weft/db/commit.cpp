// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/db/database.hpp"
#include "weft/db/meta.hpp"
#include "weft/db/undo.hpp"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <utility>

namespace weft::db {

namespace {

/// Undo records that a commit forgets at most: twice as many as it adds, so that a shorter history is reached soon.
constexpr uint64_t kForgottenAtOnce = 2;

/// Puts together what a block changes in the state, and how it was before.
class StateChanges {
  public:
    /// `keeps_history`: whether the block can be undone.
    StateChanges(FlatState& flat, CommitMemory& memory, uint64_t number, bool keeps_history)
        : flat_(flat),
          batch_(memory.batch),
          undo_(memory.undo),
          updates_(memory.updates),
          before_(memory.before),
          number_(number),
          keeps_history_(keeps_history) {}

    [[nodiscard]] Expected<void> add(const state::StateDiff& diff) {
        updates_.accounts.reserve(diff.accounts.size());
        for (const auto& [addr, change] : diff.accounts)
            if (auto added = add(addr, change); !added) return added;
        for (const auto& [hash, code] : diff.codes)
            if (code != nullptr) batch_.put(id(Table::codes), hash, code->view());
        return {};
    }

    [[nodiscard]] Expected<void> add(const trie::NodeChanges& nodes, const hash32& state_root) {
        for (const hash32& owner : nodes.wiped_owners)
            if (auto checked = check_wiped(owner); !checked) return checked;
        for (const trie::NodeChange& change : nodes.changes)
            if (change.path.size() > 64) return fail(ErrorKind::invalid_commit, "the path of a trie node has over 64 nibbles");
        put_tries(batch_, nodes, {.number = number_, .state_root = state_root});
        return {};
    }

    /// Adds the undo record, where there is to be one.
    void finish() {
        if (keeps_history_) undo_.put_into(batch_, id(Table::undo), number_key(number_));
    }

  private:
    /// The account after the block, before its slots are counted; notes storage that died.
    std::optional<AccountRecord> next_record(const address& addr, const std::optional<AccountRecord>& old,
                                             const state::AccountDiff& change) {
        const bool gone = !change.account || change.storage_wiped;
        if (old && old->slots != 0 && gone) {
            const UndoRecord::DeadStorage dead{.addr = addr, .incarnation = old->incarnation};
            if (keeps_history_)
                undo_.add(dead);
            else
                erase_storage(batch_, dead);
        }
        if (!change.account) return std::nullopt;
        AccountRecord record{.nonce = change.account->nonce, .balance = change.account->balance, .code_hash = change.account->code_hash};
        const bool fresh = !old || (gone && old->slots != 0);
        record.incarnation = fresh ? number_ : old->incarnation;
        record.slots = fresh ? 0 : old->slots;
        return record;
    }

    Expected<void> add(const address& addr, const state::AccountDiff& change) {
        auto old = flat_.account(addr);
        if (!old) return std::unexpected(std::move(old.error()));
        auto record = next_record(addr, *old, change);
        if (!record && !change.slots.empty())
            return fail(ErrorKind::invalid_commit, fmt::format("account {} is absent and has storage", to_hex(addr)));
        before_.addr = addr;
        before_.record = *old;
        before_.incarnation = record ? record->incarnation : 0;
        before_.slots.clear();
        if (record)
            if (auto added = add_slots(*record, change.slots); !added) return added;
        if (keeps_history_) undo_.add(before_);

        if (record)
            put(batch_, id(Table::accounts), addr, *record);
        else
            batch_.erase(id(Table::accounts), addr);
        if (!*old || (*old)->slots == 0 || !change.account || change.storage_wiped) may_be_wiped_.push_back(addr);
        updates_.accounts.emplace_back(addr, record);
        return {};
    }

    Expected<void> add_slots(AccountRecord& record, const std::vector<state::SlotValue>& slots) {
        const bool fresh = record.incarnation == number_;
        for (const auto& [slot, value] : slots) {
            const SlotKey key{.addr = before_.addr, .incarnation = record.incarnation, .slot = slot};
            const auto old = fresh ? Expected<uint256>{} : flat_.slot(key);
            if (!old) return std::unexpected(old.error());
            before_.slots.emplace_back(slot, *old);
            if (!old->is_zero() && record.slots == 0) return damaged("number of slots of account", before_.addr);
            record.slots += (value.is_zero() ? 0U : 1U);
            record.slots -= (old->is_zero() ? 0U : 1U);
            if (value.is_zero())
                batch_.erase(id(Table::storage), slot_key(key));
            else
                batch_.put(id(Table::storage), slot_key(key), encode_slot_value(value));
            updates_.slots.emplace_back(key, value);
        }
        return {};
    }

    /// Undoing a wipe puts back the slots of the storage that died: all nodes of the owner must be of that.
    Expected<void> check_wiped(const hash32& owner) {
        if (wipeable_.empty())
            for (const address& addr : may_be_wiped_) wipeable_.insert(crypto::keccak256(addr));
        if (wipeable_.contains(owner)) return {};
        return fail(ErrorKind::invalid_commit, fmt::format("the nodes of {} are wiped, but no storage is", to_hex(owner)));
    }

    FlatState& flat_;
    kv::Batch& batch_;
    UndoEncoder& undo_;
    FlatUpdates& updates_;
    UndoRecord::AccountBefore& before_;
    uint64_t number_;
    bool keeps_history_;
    std::vector<address> may_be_wiped_;
    std::set<hash32> wipeable_;
};

}  // namespace

Expected<void> Database::check_follows(const BlockCommit& commit, const hash32& hash) const {
    const auto record = head_record();
    const types::Header& header = commit.block.header;
    if (!record && hash != identity_.genesis_hash)
        return fail(ErrorKind::not_next, fmt::format("block {} is not the genesis block {}", to_hex(hash), to_hex(identity_.genesis_hash)));
    if (record && (header.parent_hash != record->head.hash || header.number != record->head.number + 1)) {
        return fail(ErrorKind::not_next, fmt::format("block {} with parent {} does not follow the head, block {} {}", header.number,
                                                     to_hex(header.parent_hash), record->head.number, to_hex(record->head.hash)));
    }
    const size_t count = commit.block.transactions.size();
    // The genesis block and blocks without transactions have neither.
    if (commit.receipts.size() != count || commit.senders.size() != count)
        return fail(ErrorKind::invalid_commit, fmt::format("block {} has {} transactions, {} receipts and {} senders", header.number, count,
                                                           commit.receipts.size(), commit.senders.size()));
    return {};
}

Expected<void> Database::commit(const BlockCommit& commit) {
    const types::Block& block = commit.block;
    const BlockId block_id{.number = block.header.number, .hash = types::hash(block.header)};
    if (auto checked = check_follows(commit, block_id.hash); !checked) return checked;

    const auto old_head = head_record();
    HeadRecord record = old_head.value_or(HeadRecord{.head = {}, .first_number = block_id.number, .history_start = block_id.number + 1});
    record.head = block_id;
    const bool keeps_history = old_head.has_value() && options_.history_blocks != 0;

    commit_memory_.clear();
    kv::Batch& batch = commit_memory_.batch;
    put_block(batch, block, block_id.hash, commit.total_difficulty);
    put_outcome(batch, block_id, commit.receipts, commit.senders);
    put_transaction_places(batch, block);
    batch.put(id(Table::canonical), number_key(block_id.number), block_id.hash);

    StateChanges changes(flat_, commit_memory_, block_id.number, keeps_history);
    if (auto added = changes.add(commit.diff); !added) return added;
    if (auto added = changes.add(commit.nodes, block.header.state_root); !added) return added;
    changes.finish();
    const uint64_t at_once = keeps_history ? kForgottenAtOnce : std::numeric_limits<uint64_t>::max();
    if (auto forgotten = forget_history(batch, record, block_id.number - 1, at_once); !forgotten) return forgotten;
    if (!keeps_history) record.history_start = block_id.number + 1;
    if (auto indexed = index_history(batch, record); !indexed) return indexed;
    batch.put(id(Table::meta), kHeadKey, encode(record));

    const auto durability = commit.sync ? kv::Durability::synced : kv::Durability::later;
    auto written = flat_.update(commit_memory_.updates, [&]() -> Expected<void> {
        if (const auto done = store_->write(batch, durability); !done) return fail(done.error());
        return {};
    });
    if (!written) return written;
    for (const auto& [hash, code] : commit.diff.codes)
        if (code != nullptr) codes_.put(hash, code);
    set_head(record, commit.sync);
    return {};
}

}  // namespace weft::db
