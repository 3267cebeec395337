// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/error.hpp"

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weft::kv {

/// The file of a store that lists its tables' files (MANIFEST). It grows at its end, and is now and then begun anew under a larger number,
/// as whenever the store is opened. One that ends too soon lists an earlier store, of which everything may be there: RocksDB reads it so,
/// and deletes what it does not list.
struct TableList {
    uint64_t number = 0;  ///< 0: nothing is known of it.
    uint64_t bytes = 0;   ///< So much of it was synced.
    uint64_t hash = 0;    ///< Of these.
};

/// What a store had when it was last synced, as far as the store itself cannot know: neither a log nor a list of tables that ends too soon
/// looks damaged.
struct DurableContent {
    uint64_t sequence = 0;  ///< Of the last change in the log.
    TableList tables;
};

/// A file with the DurableContent of a store. Two places in it are written in turn, so that a torn write leaves the other: of valid ones
/// the later counts. None of the numbers ever gets smaller.
///
/// Thread safety: none.
class DurableMark {
  public:
    /// The file in `folder`; nullopt: there is none, or nothing in it makes sense.
    [[nodiscard]] static Expected<std::optional<DurableMark>> find(const std::shared_ptr<rocksdb::FileSystem>& files,
                                                                   const std::string& folder);
    /// Makes the file anew.
    [[nodiscard]] static Expected<DurableMark> create(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder,
                                                      const DurableContent& content);

    [[nodiscard]] const DurableContent& content() const noexcept { return content_; }
    /// Writes and syncs.
    [[nodiscard]] Expected<void> set(const DurableContent& content);

    [[nodiscard]] static std::string path_in(const std::string& folder) { return folder + "/DURABLE"; }

  private:
    explicit DurableMark(std::unique_ptr<rocksdb::FSRandomRWFile> file) : file_(std::move(file)) {}

    std::unique_ptr<rocksdb::FSRandomRWFile> file_;
    DurableContent content_;
    unsigned next_place_ = 0;
};

}  // namespace weft::kv
