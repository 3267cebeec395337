// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/db/error.hpp"
#include "weft/kv/store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::db {

/// How far a long operation has got. `total` is zero where nobody knows.
struct Progress {
    std::string_view stage;
    uint64_t done = 0;
    uint64_t total = 0;
};
/// Called now and then; false: stop.
using ProgressCallback = std::function<bool(const Progress&)>;

struct VerifyReport {
    uint64_t blocks = 0;
    uint64_t transactions = 0;
    uint64_t accounts = 0;
    uint64_t slots = 0;
    uint64_t nodes = 0;
    uint64_t codes = 0;
    uint64_t undo_records = 0;
    /// What does not hang together, at most kMaxFindings lines. Empty: all is well.
    std::vector<std::string> findings;
    bool stopped = false;  ///< The callback said so; not everything was looked at.

    static constexpr size_t kMaxFindings = 100;
};

/// Checks the whole of a database as it is now: every canonical block follows its parent and matches its header, as do its receipts; the
/// indices say what the blocks say; the flat state gives the head's state root, and exactly the trie nodes that are stored; code hashes
/// to its name; every block of the kept history can be undone. Errors: something cannot be read at all.
///
/// Holds the leaves of the trie of accounts, and of one storage at a time, in memory.
[[nodiscard]] Expected<VerifyReport> verify(const kv::Store& store, const ProgressCallback& progress);

}  // namespace weft::db
