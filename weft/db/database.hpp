// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/db/chain_store.hpp"
#include "weft/db/commit_memory.hpp"
#include "weft/db/error.hpp"
#include "weft/db/flat_state.hpp"
#include "weft/db/records.hpp"
#include "weft/db/shared_cache.hpp"
#include "weft/db/stored_state.hpp"
#include "weft/kv/store.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/trie/node_store.hpp"
#include "weft/types/block.hpp"
#include "weft/types/receipt.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A chain and its state on disk.
namespace weft::db {

struct Options {
    /// Memory to read from instead of the disk. Half goes to blocks of RocksDB's files, half to single values, code and undo records. What
    /// waits to be put into its tables (kv::GatheringStore) comes on top: an eighth of this, at most 32 MiB, and as much again that was put
    /// there last.
    uint64_t cache_bytes = 512U << 20U;
    /// States of so many blocks before the head can be read and gone back to.
    uint64_t history_blocks = 128;
    /// What the last so many of these replaced is looked for in their undo records, one after the other; what older ones replaced in an
    /// index, which every value that a block changes costs a write and later an erasure. At least 1.
    uint64_t unindexed_history = 128;
    int max_open_files = 512;
    /// Where there is no database, create one.
    bool create = true;
};

/// Everything that a block brings. All it refers to is only looked at during the commit, but for what the nodes lie in.
struct BlockCommit {
    const types::Block& block;
    /// Filters are not kept: who reads the receipts gets those of their logs.
    std::span<const types::Receipt> receipts;
    std::span<const address> senders;
    const state::StateDiff& diff;
    const trie::NodeChanges& nodes;
    /// Of the block and all before it.
    uint256 total_difficulty;
    /// Whether the block, and all before it, are durable on return. Otherwise they become durable together with a later one.
    bool sync = true;
};

struct Statistics {
    std::optional<BlockId> head;
    std::optional<BlockId> durable_head;
    /// The oldest block whose state can be read.
    uint64_t oldest_state = 0;
    std::vector<kv::TableStatistics> tables;
    std::vector<kv::Counter> counters;
};

/// A database in a folder of its own. It begins empty; the first block that is committed is the genesis block, with its whole state as
/// the difference from nothing. From then on each commit is the next block of the canonical chain.
///
/// A commit is there wholly or not at all, also after a crash at any moment. What is durable is never lost; what is not may be, from the
/// newest block backwards. After an error of writing the object refuses to write any more, and to read what it has not in memory; opening
/// the database again shows what there is.
///
/// Thread safety: any number of threads may read at any time. commit(), rewind(), flush(), prune(), put_* and forget_* are
/// called by one thread at a time.
class Database {
  public:
    /// Opens `<datadir>/db`, or creates it.
    [[nodiscard]] static Expected<std::unique_ptr<Database>> open(const std::filesystem::path& datadir, const Options& options,
                                                                  const Identity& identity);
    /// The same over a store with the tables of schema().
    [[nodiscard]] static Expected<std::unique_ptr<Database>> open(std::unique_ptr<kv::Store> store, const Options& options,
                                                                  const Identity& identity);
    /// Opens a database that is there, of whatever chain: for tools. `options.create` is ignored.
    [[nodiscard]] static Expected<std::unique_ptr<Database>> open_any(const std::filesystem::path& datadir, const Options& options);

    [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
    [[nodiscard]] uint64_t cache_bytes() const noexcept { return options_.cache_bytes; }
    /// nullopt: not even the genesis block has been committed.
    [[nodiscard]] std::optional<BlockId> head() const;
    /// The head as it would be after a crash now, or an earlier block of its chain.
    [[nodiscard]] std::optional<BlockId> durable_head() const;
    /// The oldest block whose state can be read and gone back to.
    [[nodiscard]] std::optional<uint64_t> oldest_state() const;

    /// Makes a block the head: not_next, if it does not follow the head.
    [[nodiscard]] Expected<void> commit(const BlockCommit& commit);
    /// Makes every commit so far durable.
    [[nodiscard]] Expected<void> flush();
    /// Goes back to a block of the canonical chain. The blocks behind it stay, as blocks beside the chain. Durable on return. If it
    /// fails on the way, the head is one of the blocks in between.
    [[nodiscard]] Expected<void> rewind(uint64_t number);

    /// A block beside the canonical chain, not executed. Durable with the next sync.
    [[nodiscard]] Expected<void> put_side_block(const types::Block& block, const uint256& total_difficulty);
    /// Remembers that a block is invalid. Durable with the next sync. The oldest are forgotten beyond kMaxBadBlocks; of a longer reason the
    /// first kMaxReason bytes are kept.
    [[nodiscard]] Expected<void> put_bad_block(const hash32& hash, std::string_view why);
    /// For whoever has reason to believe that they were not invalid. Durable on return.
    [[nodiscard]] Expected<void> forget_bad_blocks();
    static constexpr size_t kMaxBadBlocks = 1024;
    static constexpr size_t kMaxReason = 1024;

    [[nodiscard]] std::unique_ptr<StoredState> head_state();
    /// The state after a canonical block. pruned: it is too old.
    [[nodiscard]] Expected<std::unique_ptr<StoredState>> state_at(uint64_t number);
    [[nodiscard]] trie::NodeReader& nodes() noexcept { return nodes_; }
    [[nodiscard]] const ChainStore& chain() const noexcept { return chain_; }

    /// Forgets history beyond `history_blocks`, which a commit does step by step, and gives back its space.
    [[nodiscard]] Expected<void> prune();
    [[nodiscard]] Statistics statistics() const;
    [[nodiscard]] kv::Store& store() noexcept { return *store_; }

  private:
    Database(std::unique_ptr<kv::Store> store, const Options& options);

    [[nodiscard]] static Expected<std::unique_ptr<Database>> open_store(std::unique_ptr<kv::Store> store, const Options& options,
                                                                        const std::optional<Identity>& identity);
    [[nodiscard]] Expected<void> check_identity(const std::optional<Identity>& expected);
    [[nodiscard]] Expected<void> load_head();
    /// After a crash the derived tables, tries and index of transactions, may be those of an earlier block than the head: makes them those
    /// of the head.
    [[nodiscard]] Expected<void> recover_derived();
    /// Adds what makes the tries of the block `known`, nullopt: of none, those of the head.
    [[nodiscard]] Expected<void> recover_tries(kv::Batch& batch, const BlockId& head, const std::optional<TrieHead>& known);
    void set_head(const HeadRecord& record, bool durable);
    [[nodiscard]] std::optional<HeadRecord> head_record() const;

    [[nodiscard]] Expected<void> check_follows(const BlockCommit& commit, const hash32& hash) const;
    [[nodiscard]] Expected<void> undo_head(const HeadRecord& record);
    [[nodiscard]] Expected<void> undo_nodes(kv::Batch& batch, const state::StateDiff& diff, const types::Header& head);
    /// Adds to a batch what forgets the oldest history that is too much, of at most so many blocks. `newest`: the last that has an undo
    /// record.
    [[nodiscard]] Expected<void> forget_history(kv::Batch& batch, HeadRecord& record, uint64_t newest, uint64_t at_most);
    /// Adds to a batch the index of blocks that are no longer among the last `unindexed_history`.
    [[nodiscard]] Expected<void> index_history(kv::Batch& batch, HeadRecord& record);
    /// Of a canonical block.
    [[nodiscard]] Expected<std::shared_ptr<const UndoRecord>> undo_record(const kv::Reader& reader, uint64_t number);

    const Options options_;
    std::unique_ptr<kv::Store> store_;
    TableReader tables_;
    ChainStore chain_;
    FlatState flat_;
    CodeCache codes_;
    UndoCache undo_records_;
    StoredNodes nodes_;
    CommitMemory commit_memory_;
    Identity identity_;
    mutable sync::SpinLock lock_;
    std::optional<HeadRecord> head_;       // guarded by lock_
    std::optional<BlockId> durable_head_;  // guarded by lock_
};

}  // namespace weft::db
