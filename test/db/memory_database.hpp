// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/db/generated_chain.hpp"
#include "test/db/memory_file_system.hpp"
#include "weft/kv/rocks_store.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

namespace weft::test {

using Files = std::shared_ptr<MemoryFileSystem>;

/// A database on such a disk. It soon writes tables out, unless `write_buffer_bytes` says otherwise.
inline db::Expected<std::unique_ptr<db::Database>> open_on(const Files& files, const GeneratedChain& chain,
                                                           uint64_t write_buffer_bytes = 48 << 10) {
    auto store = kv::RocksStore::open(
        "/data/db", db::schema(),
        {.cache_bytes = 1 << 20, .write_buffer_bytes = write_buffer_bytes, .background_threads = 1, .file_system = files});
    if (!store) return db::fail(store.error());
    return db::Database::open(std::move(*store), {.cache_bytes = 1 << 16, .history_blocks = 6, .unindexed_history = 3}, chain.identity());
}

/// A number of at least one, for those who run a test by hand.
inline uint64_t from_environment(const char* name, uint64_t otherwise) {
    const char* given = std::getenv(name);
    return given != nullptr ? std::max<uint64_t>(std::strtoull(given, nullptr, 10), 1) : otherwise;
}

}  // namespace weft::test
