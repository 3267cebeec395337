// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/store.hpp"

#include <filesystem>
#include <memory>
#include <span>

namespace rocksdb {
class FileSystem;
}

namespace weft::kv {

struct RocksOptions {
    /// For blocks of table files, their indices and filters. Memory for writes comes on top: `write_buffer_bytes`.
    uint64_t cache_bytes = 256U << 20U;
    /// Of all tables together; beyond, they are written out. While that goes on as much again is in use.
    uint64_t write_buffer_bytes = 128U << 20U;
    /// Fits the usual limit of 1024 for a process and leaves as many for sockets.
    int max_open_files = 512;
    int background_threads = 2;
    bool create = true;
    /// For tests: what stands in for the file system. Null: the real one.
    std::shared_ptr<rocksdb::FileSystem> file_system{};
};

/// A store in a folder of its own, kept by RocksDB. One process at a time has it open.
///
/// Everything that is read is checked against its checksum. Beside RocksDB's files lies one, DURABLE, that says up to where the log
/// was synced. After a crash the log ends where its checksums stop being right; that is no error as long as it is behind that place,
/// and damage if it is before. So a torn end of what was never promised is forgotten, and nothing promised is lost in silence. DURABLE also
/// says what the list of tables' files (MANIFEST) was, as of the first sync after tables were written out, or of closing: one that ends
/// sooner, or is another, is refused before RocksDB sees it, which would take it for the whole and delete the other files.
class RocksStore final : public Store {
  public:
    /// Opens the store in `folder`, or creates it. Tables of `schema` that are not there yet are added; tables that `schema` does not
    /// name are an error (unknown_format). Nothing is created in a folder that is not usable.
    [[nodiscard]] static Expected<std::unique_ptr<RocksStore>> open(const std::filesystem::path& folder, std::span<const TableSpec> schema,
                                                                    const RocksOptions& options);
    ~RocksStore() override;

    [[nodiscard]] Expected<std::optional<bytes>> get(TableId table, bytes_view key) const override;
    [[nodiscard]] std::unique_ptr<Cursor> walk(Range range) const override;
    [[nodiscard]] Expected<void> write(const Batch& batch, Durability durability) override;
    [[nodiscard]] Expected<void> sync() override;
    [[nodiscard]] std::unique_ptr<Reader> snapshot() const override;
    [[nodiscard]] Expected<void> compact(TableId table) override;
    [[nodiscard]] Expected<void> verify_checksums() override;
    [[nodiscard]] std::vector<TableStatistics> table_statistics() const override;
    [[nodiscard]] std::vector<Counter> counters() const override;

    /// Writes what is in memory to table files. Other writes wait.
    [[nodiscard]] Expected<void> flush();

  private:
    struct Parts;
    class Walk;
    class Snapshot;

    explicit RocksStore(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace weft::kv
