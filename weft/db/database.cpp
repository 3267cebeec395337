// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/database.hpp"

#include "weft/base/hex.hpp"
#include "weft/db/meta.hpp"
#include "weft/kv/gathering_store.hpp"
#include "weft/kv/rocks_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weft::db {

namespace {

/// Of the layout of the tables and their values. Whoever changes these raises it.
constexpr uint64_t kFormat = 5;

/// Bytes of keys and values that wait in memory, at most.
constexpr uint64_t kMostGathered = uint64_t{32} << 20U;

/// Of the half of the cache that is not RocksDB's, what goes to code and to undo records, each.
constexpr uint64_t kShare = 8;

std::filesystem::path store_folder(const std::filesystem::path& datadir) { return datadir / "db"; }

kv::RocksOptions rocks_options(const Options& options, bool create) {
    return {.cache_bytes = options.cache_bytes / 2, .max_open_files = options.max_open_files, .create = create};
}

/// Before anything else is made of what is there.
Expected<void> check_format(const kv::Reader& reader) {
    const auto format = TableReader(reader).get(Table::meta, kFormatKey);
    if (!format) return std::unexpected(format.error());
    if (!*format) return {};
    if ((*format)->size() != sizeof(uint64_t)) return damaged("the format", **format);
    const uint64_t found = number_at_end(**format);
    if (found == kFormat) return {};
    return fail(ErrorKind::unknown_format, fmt::format("the database has format {}, this version knows format {}", found, kFormat));
}

}  // namespace

Database::Database(std::unique_ptr<kv::Store> store, const Options& options)
    : options_(options),
      store_(std::move(store)),
      tables_(*store_),
      chain_(*store_),
      flat_(*store_, options.cache_bytes / 2 - 2 * (options.cache_bytes / 2 / kShare)),
      codes_(options.cache_bytes / 2 / kShare),
      undo_records_(options.cache_bytes / 2 / kShare),
      nodes_(*store_) {}

Expected<std::unique_ptr<Database>> Database::open(const std::filesystem::path& datadir, const Options& options, const Identity& identity) {
    auto store = kv::RocksStore::open(store_folder(datadir), schema(), rocks_options(options, options.create));
    if (!store) return fail(store.error());
    return open(std::move(*store), options, identity);
}

Expected<std::unique_ptr<Database>> Database::open_any(const std::filesystem::path& datadir, const Options& options) {
    auto store = kv::RocksStore::open(store_folder(datadir), schema(), rocks_options(options, false));
    if (!store) return fail(store.error());
    return open_store(std::move(*store), options, std::nullopt);
}

Expected<std::unique_ptr<Database>> Database::open(std::unique_ptr<kv::Store> store, const Options& options, const Identity& identity) {
    return open_store(std::move(store), options, identity);
}

Expected<std::unique_ptr<Database>> Database::open_store(std::unique_ptr<kv::Store> store, const Options& options,
                                                         const std::optional<Identity>& identity) {
    if (const auto checked = check_format(*store); !checked) return std::unexpected(checked.error());
    auto gathering = kv::GatheringStore::open(
        std::move(store), schema(), {.journal = id(Table::journal), .buffer_bytes = std::min(kMostGathered, options.cache_bytes / 8)});
    if (!gathering) return fail(gathering.error());
    kv::GatheringStore& gathered = **gathering;
    std::unique_ptr<Database> database(new Database(*std::move(gathering), options));
    if (const auto checked = database->check_identity(identity); !checked) return std::unexpected(checked.error());
    if (const auto loaded = database->load_head(); !loaded) return std::unexpected(loaded.error());
    if (const auto recovered = database->recover_derived(); !recovered) return std::unexpected(recovered.error());
    gathered.note_recovered();
    return database;
}

/// Compares what the database says it is with what is expected. A new one is told.
Expected<void> Database::check_identity(const std::optional<Identity>& expected) {
    const auto format = tables_.get(Table::meta, kFormatKey);
    if (!format) return std::unexpected(format.error());
    if (!*format) {
        if (!expected) return fail(ErrorKind::absent, "the database was never filled");
        identity_ = *expected;
        kv::Batch batch;
        batch.put(id(Table::meta), kFormatKey, number_key(kFormat));
        batch.put(id(Table::meta), kIdentityKey, encode(identity_));
        if (const auto written = store_->write(batch, kv::Durability::synced); !written) return fail(written.error());
        return {};
    }
    const auto stored = tables_.require(Table::meta, kIdentityKey, "the identity");
    if (!stored) return std::unexpected(stored.error());
    const auto found = decode_identity(*stored);
    if (!found) return damaged("the identity", *stored);
    if (expected && *expected != *found) {
        return fail(ErrorKind::wrong_chain,
                    fmt::format("the database is of chain {} with genesis block {}, not of chain {} with {}", found->chain_id,
                                to_hex(found->genesis_hash), expected->chain_id, to_hex(expected->genesis_hash)));
    }
    identity_ = *found;
    return {};
}

Expected<void> Database::load_head() {
    const auto stored = tables_.get(Table::meta, kHeadKey);
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return {};
    const auto record = decode_head_record(**stored);
    if (!record) return damaged("the head", **stored);
    const auto hash = chain_.canonical_hash(record->head.number);
    if (!hash) return std::unexpected(hash.error());
    if (*hash != record->head.hash) return damaged("the head", **stored);
    // What was read may not be synced, if the process before this one was killed.
    if (const auto synced = store_->sync(); !synced) return fail(synced.error());
    set_head(*record, true);
    return {};
}

void Database::set_head(const HeadRecord& record, bool durable) {
    const sync::LockGuard lock(lock_);
    head_ = record;
    if (durable) durable_head_ = record.head;
}

std::optional<HeadRecord> Database::head_record() const {
    const sync::LockGuard lock(lock_);
    return head_;
}

std::optional<BlockId> Database::head() const {
    const auto record = head_record();
    return record ? std::optional(record->head) : std::nullopt;
}

std::optional<BlockId> Database::durable_head() const {
    const sync::LockGuard lock(lock_);
    return durable_head_;
}

std::optional<uint64_t> Database::oldest_state() const {
    const auto record = head_record();
    return record ? std::optional(record->history_start - 1) : std::nullopt;
}

Expected<void> Database::flush() {
    const auto record = head_record();
    if (const auto synced = store_->sync(); !synced) return fail(synced.error());
    if (record) set_head(*record, true);
    return {};
}

Expected<void> Database::put_side_block(const types::Block& block, const uint256& total_difficulty) {
    kv::Batch batch;
    put_block(batch, block, types::hash(block.header), total_difficulty);
    if (const auto written = store_->write(batch, kv::Durability::later); !written) return fail(written.error());
    return {};
}

Expected<void> Database::put_bad_block(const hash32& hash, std::string_view why) {
    const auto known = chain_.bad_blocks();
    if (!known) return std::unexpected(known.error());
    kv::Batch batch;
    for (size_t i = 0; i + kMaxBadBlocks <= known->size(); ++i) batch.erase(id(Table::bad_blocks), (*known)[i].hash);
    db::put_bad_block(batch,
                      {.hash = hash, .order = known->empty() ? 0 : known->back().order + 1, .why = std::string(why.substr(0, kMaxReason))});
    if (const auto written = store_->write(batch, kv::Durability::later); !written) return fail(written.error());
    return {};
}

Expected<void> Database::forget_bad_blocks() {
    const auto known = chain_.bad_blocks();
    if (!known) return std::unexpected(known.error());
    kv::Batch batch;
    for (const BadBlock& bad : *known) batch.erase(id(Table::bad_blocks), bad.hash);
    if (const auto written = store_->write(batch, kv::Durability::synced); !written) return fail(written.error());
    return {};
}

std::unique_ptr<StoredState> Database::head_state() { return std::make_unique<HeadState>(*store_, codes_, flat_); }

Expected<std::unique_ptr<StoredState>> Database::state_at(uint64_t number) {
    // The snapshot says what is kept, not head_: that may have moved on meanwhile.
    auto snapshot = store_->snapshot();
    const auto stored = TableReader(*snapshot).get(Table::meta, kHeadKey);
    if (!stored) return std::unexpected(stored.error());
    const auto record = *stored ? decode_head_record(**stored) : std::nullopt;
    if (!record || number > record->head.number) return fail(ErrorKind::unknown_block, fmt::format("block {} is beyond the head", number));
    if (number < record->first_number) return fail(ErrorKind::unknown_block, fmt::format("block {} is before the genesis block", number));
    if (number + 1 < record->history_start)
        return fail(ErrorKind::pruned,
                    fmt::format("the state of block {} is not kept; the oldest is that of {}", number, record->history_start - 1));
    PastState::LaterBlocks later{.are_indexed = number + 1 < record->index_end, .records = {}};
    for (uint64_t block = std::max(number + 1, record->index_end); block <= record->head.number; ++block) {
        auto undo = undo_record(*snapshot, block);
        if (!undo) return std::unexpected(undo.error());
        later.records.push_back(*std::move(undo));
    }
    return std::make_unique<PastState>(std::move(snapshot), codes_, number, std::move(later));
}

Statistics Database::statistics() const {
    Statistics all{.head = head(),
                   .durable_head = durable_head(),
                   .oldest_state = oldest_state().value_or(0),
                   .tables = store_->table_statistics(),
                   .counters = store_->counters()};
    const auto add = [&](const auto& counts, const std::string& what) {
        all.counters.push_back({.name = what + " in the cache", .value = counts.entries});
        all.counters.push_back({.name = what + " found in the cache", .value = counts.hits});
        all.counters.push_back({.name = what + " not found in the cache", .value = counts.misses});
    };
    add(flat_.account_counts(), "accounts");
    add(flat_.slot_counts(), "slots");
    return all;
}

}  // namespace weft::db
