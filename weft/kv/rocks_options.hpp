// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/rocks_store.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <memory>

/// How RocksDB is set up, with the reasons.
namespace weft::kv {

[[nodiscard]] rocksdb::DBOptions database_options(const RocksOptions& options);

[[nodiscard]] rocksdb::ColumnFamilyOptions table_options(const TableSpec& spec, const RocksOptions& options,
                                                         const std::shared_ptr<rocksdb::Cache>& cache);

[[nodiscard]] rocksdb::WriteOptions write_options(Durability durability);

[[nodiscard]] rocksdb::ReadOptions read_options();

}  // namespace weft::kv
