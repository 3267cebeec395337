// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/database.hpp"
#include "weft/db/meta.hpp"
#include "weft/db/undo.hpp"
#include "weft/state/state_commitment.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft::db {

namespace {

/// Undo records that prune() forgets in one batch.
constexpr uint64_t kForgottenInABatch = 64;

/// Blocks that a commit indexes at most: twice as many as come, so that a shorter way to the index is reached soon.
constexpr uint64_t kIndexedAtOnce = 2;

}  // namespace

Expected<void> Database::rewind(uint64_t number) {
    const auto start = head_record();
    if (!start || number > start->head.number || number < start->first_number)
        return fail(ErrorKind::unknown_block, fmt::format("block {} is not on the canonical chain", number));
    if (number + 1 < start->history_start)
        return fail(ErrorKind::pruned, fmt::format("cannot go back to block {}, only to {}", number, start->history_start - 1));
    const auto hash = chain_.canonical_hash(number);
    if (!hash) return std::unexpected(hash.error());
    if (!*hash) return damaged("canonical block", number_key(number));
    {
        // From now on no more than this is certain.
        const sync::LockGuard lock(lock_);
        if (durable_head_ && durable_head_->number > number) durable_head_ = BlockId{.number = number, .hash = **hash};
    }
    for (auto record = start; record->head.number > number; record = head_record())
        if (auto undone = undo_head(*record); !undone) return undone;
    return flush();
}

/// Adds what makes the tries those of the parent of the head, whose state lies `diff` away.
Expected<void> Database::undo_nodes(kv::Batch& batch, const state::StateDiff& diff, const types::Header& head) {
    const auto parent = chain_.header(head.parent_hash);
    if (!parent) return std::unexpected(parent.error());
    if (!*parent) return damaged("header of block", head.parent_hash);
    Crew nobody;
    const auto commitment = state::commit(diff, head.state_root, nodes_, nobody);
    if (!commitment) return fail(commitment.error());
    if (commitment->root != (*parent)->state_root) return damaged("the undo record of block", number_key(head.number));
    put_tries(batch, commitment->nodes, {.number = head.number - 1, .state_root = commitment->root});
    return {};
}

/// Makes the parent of the head the head.
Expected<void> Database::undo_head(const HeadRecord& record) {
    const BlockId head = record.head;
    const auto block = chain_.block(head.hash);
    if (!block) return std::unexpected(block.error());
    if (!*block) return damaged("block", head.hash);

    kv::Batch batch;
    // recover_derived() goes forward only, from a block that the head descends from.
    batch.ask_for_places();
    const auto undo = undo_record(*store_, head.number);
    if (!undo) return std::unexpected(undo.error());
    if (head.number < record.index_end) erase_history(batch, **undo, head.number);
    const auto diff = undo_state(batch, tables_, **undo, head.number);
    if (!diff) return std::unexpected(diff.error());
    if (auto undone = undo_nodes(batch, *diff, (*block)->header); !undone) return undone;
    for (const hash32& hash : transaction_hashes(**block)) batch.erase(id(Table::transactions), hash);
    batch.erase(id(Table::canonical), number_key(head.number));
    HeadRecord next = record;
    next.head = {.number = head.number - 1, .hash = (*block)->header.parent_hash};
    next.index_end = std::min(record.index_end, head.number);
    batch.put(id(Table::meta), kHeadKey, encode(next));

    auto written = flat_.replace([&]() -> Expected<void> {
        if (const auto done = store_->write(batch, kv::Durability::later); !done) return fail(done.error());
        return {};
    });
    if (written) set_head(next, false);
    return written;
}

Expected<void> Database::forget_history(kv::Batch& batch, HeadRecord& record, uint64_t newest, uint64_t at_most) {
    const auto kept = [&] { return record.head.number + 1 - record.history_start; };
    for (; at_most > 0 && record.history_start <= newest && kept() > options_.history_blocks; --at_most) {
        const uint64_t oldest = record.history_start;
        if (oldest < record.index_end) {
            const auto undo = undo_record(*store_, oldest);
            if (!undo) return std::unexpected(undo.error());
            erase_history(batch, **undo, oldest);
        }
        if (auto forgotten = forget_state(batch, tables_, oldest); !forgotten) return forgotten;
        ++record.history_start;
    }
    return {};
}

Expected<void> Database::index_history(kv::Batch& batch, HeadRecord& record) {
    const uint64_t unindexed = std::max<uint64_t>(options_.unindexed_history, 1);
    for (uint64_t i = 0; i < kIndexedAtOnce; ++i) {
        const uint64_t next = std::max(record.index_end, record.history_start);
        if (next + unindexed > record.head.number) break;
        const auto undo = undo_record(*store_, next);
        if (!undo) return std::unexpected(undo.error());
        db::index_history(batch, **undo, next);
        record.index_end = next + 1;
    }
    return {};
}

Expected<std::shared_ptr<const UndoRecord>> Database::undo_record(const kv::Reader& reader, uint64_t number) {
    const auto hash = ChainStore(reader).canonical_hash(number);
    if (!hash) return std::unexpected(hash.error());
    if (!*hash) return damaged("canonical block", number_key(number));
    if (auto known = undo_records_.find(**hash)) return known;
    auto record = read_undo_record(TableReader(reader), number);
    if (!record) return std::unexpected(record.error());
    return undo_records_.put(**hash, std::make_shared<const UndoRecord>(*std::move(record)));
}

Expected<void> Database::prune() {
    for (;;) {
        auto record = head_record();
        if (!record) return {};
        const uint64_t before = record->history_start;
        kv::Batch batch;
        if (auto forgotten = forget_history(batch, *record, record->head.number, kForgottenInABatch); !forgotten) return forgotten;
        if (record->history_start == before) break;
        batch.put(id(Table::meta), kHeadKey, encode(*record));
        if (const auto written = store_->write(batch, kv::Durability::later); !written) return fail(written.error());
        set_head(*record, false);
    }
    if (auto flushed = flush(); !flushed) return flushed;
    for (const Table table : {Table::undo, Table::account_history, Table::storage_history, Table::storage, Table::nodes})
        if (const auto compacted = store_->compact(id(table)); !compacted) return fail(compacted.error());
    return {};
}

}  // namespace weft::db
