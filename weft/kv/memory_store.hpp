// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/kv/store.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weft::kv {

/// A store in memory, for tests. Walks and snapshots share the tables; the first write after that copies them.
class MemoryStore final : public Store {
  public:
    explicit MemoryStore(std::span<const TableSpec> schema);

    [[nodiscard]] Expected<std::optional<bytes>> get(TableId table, bytes_view key) const override;
    [[nodiscard]] std::unique_ptr<Cursor> walk(Range range) const override;
    [[nodiscard]] Expected<void> write(const Batch& batch, Durability durability) override;
    [[nodiscard]] Expected<void> sync() override { return {}; }
    [[nodiscard]] std::unique_ptr<Reader> snapshot() const override;
    [[nodiscard]] Expected<void> compact(TableId) override { return {}; }
    [[nodiscard]] Expected<void> verify_checksums() override { return {}; }
    [[nodiscard]] std::vector<TableStatistics> table_statistics() const override;
    [[nodiscard]] std::vector<Counter> counters() const override { return {}; }

  private:
    using Map = std::map<bytes, bytes>;
    struct Table {
        std::string name;
        std::shared_ptr<Map> map = std::make_shared<Map>();
        bool shared = false;  ///< Somebody walks over this map, or has it in a snapshot.
    };
    class MapCursor;
    class Snapshot;

    [[nodiscard]] static Expected<std::optional<bytes>> find(const Map& map, bytes_view key);
    void apply(const Batch::Change& change);

    mutable sync::Mutex mutex_;
    mutable std::vector<Table> tables_;  // guarded by mutex_; a shared map is never changed
};

}  // namespace weft::kv
