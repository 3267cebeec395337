// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/chain/database_store.hpp"
#include "weft/chain/genesis.hpp"
#include "weft/chain/rejection.hpp"
#include "weft/db/database.hpp"
#include "weft/db/records.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What a node does, put together out of chain, database and execution.
namespace weft::node {

struct ImportOptions {
    std::vector<std::filesystem::path> files;
    unsigned threads = 1;
    /// Read, decode and recover ahead, and write behind. Otherwise each block goes through all stages before the next one is read.
    bool overlaps = true;
    /// `threads` and `write_behind` follow from the two above.
    chain::DatabaseStoreOptions store{};
};

/// How far an import has got.
struct ImportProgress {
    uint64_t blocks = 0;   ///< imported
    uint64_t skipped = 0;  ///< in the database before
    uint64_t transactions = 0;
    uint64_t gas = 0;
    uint64_t bytes_read = 0;  ///< Of all files, as they are on the disk.
    db::BlockId head{};
    std::optional<db::BlockId> durable_head{};
};
/// Called after each block, whose state root may be outstanding where stages overlap: ImportProgress counts it once it is known. False:
/// stop.
using ImportCallback = std::function<bool(const ImportProgress&)>;

struct ImportFailure {
    enum class Kind : uint8_t {
        input,          ///< A file cannot be read, holds something else than blocks, or the blocks of another chain.
        invalid_block,  ///< A block breaks a rule.
        machine,        ///< The database or the machine failed.
    };
    Kind kind = Kind::machine;
    std::string message;  ///< One line: which file and block, what is wrong.
};

struct ImportResult {
    ImportProgress done;
    std::optional<ImportFailure> failure{};
    bool is_stopped = false;  ///< The callback said so.
};

/// Continues the chain of a database by the blocks of files, which may begin anywhere at or below its head; into an empty database goes
/// the genesis block first. Blocks are validated, executed on all threads, and committed with their state roots.
///
/// Whatever ends it, the blocks before are durable on return, unless it is the database that failed. The stages of different blocks
/// overlap: one thread reads and decodes, some recover senders, this one executes on the threads of the executor, one computes state roots
/// on as many and writes. What is between them is bounded (FeedLimits, DatabaseStore).
[[nodiscard]] ImportResult import_blocks(const chain::Genesis& genesis, db::Database& database, const ImportOptions& options,
                                         const ImportCallback& callback = {});

}  // namespace weft::node
