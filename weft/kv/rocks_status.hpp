// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/error.hpp"

#include <rocksdb/status.h>

#include <expected>
#include <string_view>

/// What RocksDB says, in the words of the store.
namespace weft::kv {

[[nodiscard]] ErrorKind kind_of(const rocksdb::Status& status) noexcept;

/// `doing`: what was tried, and where.
[[nodiscard]] std::unexpected<Error> failed(const rocksdb::Status& status, std::string_view doing);

}  // namespace weft::kv
