// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/memory_store.hpp"

#include <utility>

namespace weft::kv {

class MemoryStore::MapCursor final : public Cursor {
  public:
    MapCursor(std::shared_ptr<const Map> map, const Range& range)
        : map_(std::move(map)), next_(map_->lower_bound(range.from)), end_(map_->end()) {
        if (!range.to.empty()) end_ = range.to <= range.from ? next_ : map_->lower_bound(range.to);
    }

    Expected<bool> next() override {
        if (next_ == end_) return false;
        at_ = next_++;
        return true;
    }
    bytes_view key() const override { return at_->first; }
    bytes_view value() const override { return at_->second; }

  private:
    std::shared_ptr<const Map> map_;
    Map::const_iterator next_;
    Map::const_iterator end_;
    Map::const_iterator at_;
};

class MemoryStore::Snapshot final : public Reader {
  public:
    explicit Snapshot(std::vector<std::shared_ptr<const Map>> maps) : maps_(std::move(maps)) {}

    Expected<std::optional<bytes>> get(TableId table, bytes_view key) const override { return find(*maps_[table], key); }
    std::unique_ptr<Cursor> walk(Range range) const override { return std::make_unique<MapCursor>(maps_[range.table], range); }

  private:
    std::vector<std::shared_ptr<const Map>> maps_;
};

MemoryStore::MemoryStore(std::span<const TableSpec> schema) {
    for (const TableSpec& spec : schema) tables_.push_back({.name = std::string(spec.name)});
}

Expected<std::optional<bytes>> MemoryStore::find(const Map& map, bytes_view key) {
    const auto found = map.find(bytes(key.begin(), key.end()));
    if (found == map.end()) return std::nullopt;
    return found->second;
}

Expected<std::optional<bytes>> MemoryStore::get(TableId table, bytes_view key) const {
    const sync::LockGuard lock(mutex_);
    return find(*tables_.at(table).map, key);
}

std::unique_ptr<Cursor> MemoryStore::walk(Range range) const {
    const sync::LockGuard lock(mutex_);
    Table& table = tables_.at(range.table);
    table.shared = true;
    return std::make_unique<MapCursor>(table.map, range);
}

std::unique_ptr<Reader> MemoryStore::snapshot() const {
    const sync::LockGuard lock(mutex_);
    std::vector<std::shared_ptr<const Map>> maps;
    for (Table& table : tables_) {
        table.shared = true;
        maps.push_back(table.map);
    }
    return std::make_unique<Snapshot>(std::move(maps));
}

Expected<void> MemoryStore::write(const Batch& batch, Durability) {
    const sync::LockGuard lock(mutex_);
    batch.for_each([this](const Batch::Change& change) { apply(change); });
    return {};
}

void MemoryStore::apply(const Batch::Change& change) {
    Table& table = tables_.at(change.table);
    if (std::exchange(table.shared, false)) table.map = std::make_shared<Map>(*table.map);
    bytes key(change.key.begin(), change.key.end());
    switch (change.action) {
        case Batch::Action::put:
            table.map->insert_or_assign(std::move(key), bytes(change.second.begin(), change.second.end()));
            break;
        case Batch::Action::erase:
            table.map->erase(key);
            break;
        case Batch::Action::erase_range: {
            const bytes end(change.second.begin(), change.second.end());
            if (key < end) table.map->erase(table.map->lower_bound(key), table.map->lower_bound(end));
            break;
        }
    }
}

std::vector<TableStatistics> MemoryStore::table_statistics() const {
    const sync::LockGuard lock(mutex_);
    std::vector<TableStatistics> all;
    for (const Table& table : tables_) {
        TableStatistics statistics{.name = table.name, .keys = table.map->size()};
        for (const auto& [key, value] : *table.map) statistics.memory_bytes += key.size() + value.size();
        all.push_back(std::move(statistics));
    }
    return all;
}

}  // namespace weft::kv
