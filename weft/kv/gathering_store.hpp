// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/store.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weft::kv {

struct GatheringOptions {
    /// A table of the store below that nobody else uses: a number -> what a batch changed in gathered tables.
    TableId journal = 0;
    /// Memory for keys and values that wait. What was put into the tables last stays as well, so twice as much is in use.
    uint64_t buffer_bytes = uint64_t{16} << 20U;
    /// What is put into the tables in one batch below.
    uint64_t bytes_at_once = uint64_t{1} << 20U;
};

/// A store that spares the one below many small writes. What a batch changes in gathered tables (TableSpec::is_gathered) is written below
/// as one entry of a journal, together with the rest of the batch, and kept in memory. When the memory is used up, it is put into the
/// tables in the order of keys, each key once however often it was written, and the journal is emptied. A batch that does not fit, or asks
/// for it, goes there together with what waits. Walks over gathered tables and snapshots put everything there first; erasing a range is
/// erasing the keys that are in it.
///
/// Derived tables (TableSpec::is_derived) are left out of the journal. They go to their places in one batch, the one that empties it: so
/// they are, for whoever opens the store, those of the last batch before what the journal has. An empty entry says that a batch changed
/// nothing else.
///
/// What a batch promises is promised by the journal. The tables below may be anything between two states while they are filled; the journal
/// holds every key of the difference until all are there, and whoever opens the store reads it first.
///
/// Thread safety: as Store. Writes and what makes room for them are serialised by a mutex that readers of single keys do not take: such a
/// reader asks the memory first and the store below second, and a key leaves the memory only after it has come there.
class GatheringStore final : public Store {
  public:
    /// `below` has the tables of `schema`. Reads what the journal has. Error: that of the store below, or corruption.
    [[nodiscard]] static Expected<std::unique_ptr<GatheringStore>> open(std::unique_ptr<Store> below, std::span<const TableSpec> schema,
                                                                        const GatheringOptions& options);
    /// Puts into the tables what waits, unless the store has failed or is not recovered: the journal keeps it then.
    ~GatheringStore() override;

    /// To be called by whoever has opened the store, once derived tables are those of the last batch. Until then what the journal had stays
    /// there, unless it has to make room.
    void note_recovered();

    [[nodiscard]] Expected<std::optional<bytes>> get(TableId table, bytes_view key) const override;
    [[nodiscard]] std::unique_ptr<Cursor> walk(Range range) const override;
    [[nodiscard]] Expected<void> write(const Batch& batch, Durability durability) override;
    [[nodiscard]] Expected<void> sync() override;
    [[nodiscard]] std::unique_ptr<Reader> snapshot() const override;
    [[nodiscard]] Expected<void> compact(TableId table) override;
    [[nodiscard]] Expected<void> verify_checksums() override;
    /// Of the tables below, without what waits.
    [[nodiscard]] std::vector<TableStatistics> table_statistics() const override;
    [[nodiscard]] std::vector<Counter> counters() const override;

  private:
    struct Parts;
    explicit GatheringStore(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace weft::kv
