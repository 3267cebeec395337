// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/kv/batch.hpp"
#include "weft/kv/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Ordered tables of byte strings on disk, behind one interface.
namespace weft::kv {

/// A table and what it is like, by which a store chooses how to keep it.
struct TableSpec {
    std::string_view name;
    /// Values repeat themselves (transactions, logs, code) and are worth compressing; hashes and balances are not.
    bool compressible = false;
    /// Single keys are looked up, and often those that are not there: worth a filter. Without: only ever found or walked over.
    bool often_missed = false;
    /// Values have kilobytes and are read whole.
    bool long_values = false;
    /// Many small values, which are soon written again: worth gathering before they go to their places (GatheringStore).
    bool is_gathered = false;
    /// Gathered, and made out of other tables, so that values of puts may be shared: a store that gathers may lose what it has not put into
    /// its places when the process ends without closing it. All such tables are then as they were at one moment, that of some batch, and
    /// whoever opens the store makes them anew.
    bool is_derived = false;
};

/// Keys from `from` on and before `to`, in lexicographic order. An empty `to`: to the end of the table.
struct Range {
    TableId table = 0;
    bytes from{};
    bytes to{};
    /// A walk over much that is not needed again soon, and should not push other things out of the cache.
    bool passing = false;
};

/// Walks over a range, as it was when the walk began. Thread safety: none; the store outlives it.
class Cursor {
  public:
    Cursor() = default;
    virtual ~Cursor() = default;
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    /// Goes to the next key, at first to the first. False: there is none.
    [[nodiscard]] virtual Expected<bool> next() = 0;
    /// Of the key that next() went to; valid until the next call.
    [[nodiscard]] virtual bytes_view key() const = 0;
    [[nodiscard]] virtual bytes_view value() const = 0;
};

/// Thread safety: any number of threads may read at once, and while one writes.
class Reader {
  public:
    Reader() = default;
    virtual ~Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The value of a key; nullopt: there is none.
    [[nodiscard]] virtual Expected<std::optional<bytes>> get(TableId table, bytes_view key) const = 0;
    [[nodiscard]] virtual std::unique_ptr<Cursor> walk(Range range) const = 0;
};

/// What is said of a table to people. All are estimates.
struct TableStatistics {
    std::string name;
    uint64_t keys = 0;
    uint64_t disk_bytes = 0;
    uint64_t memory_bytes = 0;  ///< Written, and not yet in a table file.
};

struct Counter {
    std::string name;
    uint64_t value = 0;
};

enum class Durability : uint8_t {
    later,   ///< Survives the end of the process, and a crash of the machine only after a later sync.
    synced,  ///< On return the batch, and all before it, survive a crash of the machine.
};

/// Thread safety: as Reader; batches are written one after the other, whoever asks.
/// Invariants: a batch is there wholly or not at all, also after a crash; if it is there, so are all before it. After an error of a
/// write the store refuses further ones with an error until it is opened again, and reads as well, but for those of snapshots: what it
/// holds may or may not include that batch.
class Store : public Reader {
  public:
    [[nodiscard]] virtual Expected<void> write(const Batch& batch, Durability durability) = 0;
    /// Makes every batch so far durable.
    [[nodiscard]] virtual Expected<void> sync() = 0;
    /// The tables as they are now, for as long as the reader lives; the store outlives it.
    [[nodiscard]] virtual std::unique_ptr<Reader> snapshot() const = 0;

    /// Gives back the space of what was erased or replaced in a table. May take long.
    [[nodiscard]] virtual Expected<void> compact(TableId table) = 0;
    /// Checks the checksums of everything that is stored. May take long.
    [[nodiscard]] virtual Expected<void> verify_checksums() = 0;
    [[nodiscard]] virtual std::vector<TableStatistics> table_statistics() const = 0;
    [[nodiscard]] virtual std::vector<Counter> counters() const = 0;
};

/// The first key behind all that begin with `prefix`; empty: there is none.
[[nodiscard]] bytes behind_prefix(bytes_view prefix);

/// All keys of a table that begin with `prefix`.
[[nodiscard]] Range with_prefix(TableId table, bytes_view prefix);

}  // namespace weft::kv
