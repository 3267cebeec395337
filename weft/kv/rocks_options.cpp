// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/rocks_options.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <limits>

namespace weft::kv {

namespace {

constexpr size_t kKibi = 1024;
constexpr size_t kMebi = kKibi * kKibi;

rocksdb::CompressionType compression_of(const TableSpec& spec) {
    // LZ4 takes little time and about halves code, logs and transactions. A library that was built without it stores them as they are.
    const auto supported = rocksdb::GetSupportedCompressions();
    const bool have_lz4 = std::ranges::find(supported, rocksdb::kLZ4Compression) != supported.end();
    return spec.compressible && have_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

}  // namespace

rocksdb::DBOptions database_options(const RocksOptions& options) {
    rocksdb::DBOptions db;
    db.create_if_missing = options.create;
    db.create_missing_column_families = true;

    // Whatever is damaged is an error when it is met. A log that ends in damage is read up to there; that nothing synced is missing
    // then is checked by DurableMark, which RocksDB itself cannot know.
    db.paranoid_checks = true;
    db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    db.track_and_verify_wals_in_manifest = true;
    // A reused log has old records behind the new ones, which a torn end must not be confused with.
    db.recycle_log_file_num = 0;
    // After a failed write the store stays failed until somebody opens it again and sees what is there.
    db.max_bgerror_resume_count = 0;

    // RocksStore reads the list of tables each time they are written out.
    db.max_manifest_file_size = 8 * kMebi;

    db.max_open_files = options.max_open_files;
    db.max_background_jobs = options.background_threads;
    // When tables are written out, and a new log begins, RocksStore says, after it has synced the log.
    db.db_write_buffer_size = 0;
    db.max_total_wal_size = std::numeric_limits<uint64_t>::max();
    // The kernel writes table files out in steps, not all at the sync at the end, during which commits would wait.
    db.bytes_per_sync = kMebi;
    db.skip_stats_update_on_db_open = true;

    db.statistics = rocksdb::CreateDBStatistics();
    db.statistics->set_stats_level(rocksdb::StatsLevel::kExceptDetailedTimers);
    db.info_log_level = rocksdb::WARN_LEVEL;
    db.keep_log_file_num = 4;
    db.stats_dump_period_sec = 0;
    db.stats_persist_period_sec = 0;
    return db;
}

rocksdb::ColumnFamilyOptions table_options(const TableSpec& spec, const RocksOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions blocks;
    blocks.block_cache = cache;
    // Their memory is then part of the cache's size, and not a quantity of its own that grows with the database.
    blocks.cache_index_and_filter_blocks = true;
    blocks.cache_index_and_filter_blocks_with_high_priority = true;
    blocks.pin_l0_filter_and_index_blocks_in_cache = true;
    // In parts, of which a lookup needs one: that of a whole file takes hundreds of kilobytes, and is read and checked anew for each lookup
    // once the cache is too small for all of them.
    blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    blocks.partition_filters = true;
    blocks.metadata_block_size = 4 * kKibi;
    blocks.pin_top_level_index_and_filter = true;
    blocks.format_version = 5;
    // A lookup reads a block: small ones where values are small. Long values fill a block each; larger ones keep the index small.
    blocks.block_size = spec.long_values ? 16 * kKibi : 4 * kKibi;
    blocks.verify_compression = spec.compressible;
    // Ten bits a key: one in a hundred lookups of what is not in a file reads it all the same.
    if (spec.often_missed) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

    rocksdb::ColumnFamilyOptions table;
    table.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    table.compression = compression_of(spec);
    // RocksStore writes all tables out at seven eighths of this together, so that none gets here alone.
    table.write_buffer_size = options.write_buffer_bytes;
    table.arena_block_size = std::clamp<size_t>(options.write_buffer_bytes / 64, 4 * kKibi, kMebi);
    // What is gathered comes in the order of keys: each is looked for from the place of the one before.
    if (spec.is_gathered) table.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(0));
    // Levels sized from the last one up waste about a tenth of the space, not up to a half.
    table.level_compaction_dynamic_level_bytes = true;
    // Keys are read in ranges of several lengths, always in order: no prefix is declared.
    return table;
}

rocksdb::WriteOptions write_options(Durability durability) {
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::synced;
    // A checksum of every entry, from the batch into the table in memory.
    options.protection_bytes_per_key = 8;
    return options;
}

rocksdb::ReadOptions read_options() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    // There are none: see RocksStore.
    options.ignore_range_deletions = true;
    return options;
}

}  // namespace weft::kv
