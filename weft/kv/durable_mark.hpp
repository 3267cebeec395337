// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/error.hpp"

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <string>

namespace weft::kv {

/// A file that says up to which sequence number the log of a store was synced. Two places in it are written in turn, so that a torn
/// write leaves the other: the larger valid number counts.
///
/// Thread safety: none.
class DurableMark {
  public:
    /// Opens the file in `folder`. When there is none or no number in it can be read, it is made anew if `sequence`, what the store
    /// has, is zero, and is an error (corruption) otherwise. So is a number beyond `sequence`.
    [[nodiscard]] static Expected<DurableMark> open(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder,
                                                    uint64_t sequence);

    /// Writes and syncs.
    [[nodiscard]] Expected<void> set(uint64_t sequence);

    [[nodiscard]] static std::string path_in(const std::string& folder) { return folder + "/DURABLE"; }

  private:
    explicit DurableMark(std::unique_ptr<rocksdb::FSRandomRWFile> file) : file_(std::move(file)) {}

    std::unique_ptr<rocksdb::FSRandomRWFile> file_;
    unsigned next_place_ = 0;
};

}  // namespace weft::kv
