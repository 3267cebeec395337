// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/store.hpp"

#include <memory>
#include <utility>

namespace weft::test {

/// Another store under its own name, for stores that differ from one in a detail.
class ForwardingStore : public kv::Store {
  public:
    explicit ForwardingStore(std::shared_ptr<kv::Store> below) : below_(std::move(below)) {}

    [[nodiscard]] kv::Expected<std::optional<bytes>> get(kv::TableId table, bytes_view key) const override {
        return below_->get(table, key);
    }
    [[nodiscard]] std::unique_ptr<kv::Cursor> walk(kv::Range range) const override { return below_->walk(std::move(range)); }
    [[nodiscard]] kv::Expected<void> write(const kv::Batch& batch, kv::Durability durability) override {
        return below_->write(batch, durability);
    }
    [[nodiscard]] kv::Expected<void> sync() override { return below_->sync(); }
    [[nodiscard]] std::unique_ptr<kv::Reader> snapshot() const override { return below_->snapshot(); }
    [[nodiscard]] kv::Expected<void> compact(kv::TableId table) override { return below_->compact(table); }
    [[nodiscard]] kv::Expected<void> verify_checksums() override { return below_->verify_checksums(); }
    [[nodiscard]] std::vector<kv::TableStatistics> table_statistics() const override { return below_->table_statistics(); }
    [[nodiscard]] std::vector<kv::Counter> counters() const override { return below_->counters(); }

  private:
    std::shared_ptr<kv::Store> below_;
};

}  // namespace weft::test
