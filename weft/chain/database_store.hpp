// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/io_pool.hpp"
#include "weft/base/sync.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/chain/chain_store.hpp"
#include "weft/chain/newest_block.hpp"
#include "weft/db/database.hpp"
#include "weft/state/asynchronous_view.hpp"
#include "weft/state/read_speed.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace weft::chain {

struct DatabaseStoreOptions {
    /// For the state root: the caller of root_after() and so many less one beside. Where reads are slow, up to `io_threads` wait for one
    /// each.
    unsigned threads = 1;
    /// A commit returns before the block is written, and before its state root is known if it is outstanding; the next one waits for both.
    bool write_behind = true;
    /// The database is synced when so many blocks, or bytes, are not durable yet, or so much time has passed since.
    uint64_t sync_blocks = 1024;
    uint64_t sync_bytes = uint64_t{64} << 20;
    std::chrono::milliseconds sync_interval{1'000};
    /// Memory for the tries of the head, so that the next state root need not read and decode what the one before has met. Never more than
    /// an eighth of the size of the database's cache, to which it comes in addition.
    size_t trie_bytes = size_t{64} << 20;
    /// Threads that wait for reads of state() to which the cache has no answer, so that who asks can do something else: reads are then
    /// `pending`. 0: none, who asks waits.
    unsigned io_threads = 0;
    /// They do so however fast the reads are, not only where state::ReadSpeed finds them slow: to compare with.
    bool are_reads_slow = false;
};

/// A chain in a database. Commits become durable in groups: after a crash the head is the last durable block or a later one.
///
/// With write_behind, the last block may still be on its way into the database while the next one executes: a thread, the writer, computes
/// its state root, if that is outstanding, and writes it if the root is that of its header. If it is still busy with the block before when
/// a block is committed, who commits computes the root meanwhile. An error of writing then shows at the next commit, flush or rewind; after
/// it the store refuses every further one, and opening the database again shows what it has.
///
/// Thread safety: as ChainStore.
/// Invariants: the head of the database is `newest_` or its parent; while a root is outstanding, its parent. The writer touches nothing but
/// the database, what is guarded, and, while a root is outstanding, the pools and the tries, which the caller then leaves alone.
class DatabaseStore final : public ChainStore {
  public:
    /// `database` outlives this; nobody else writes to it meanwhile.
    [[nodiscard]] static Result<std::unique_ptr<DatabaseStore>> open(db::Database& database, const DatabaseStoreOptions& options);
    /// Writes what is on its way. Without flush() the last blocks may not be durable.
    ~DatabaseStore() override;

    [[nodiscard]] Result<std::optional<uint64_t>> head_number() override;
    [[nodiscard]] Result<std::optional<StoredBlock>> block(uint64_t number) override;
    [[nodiscard]] Result<std::optional<uint64_t>> number_of(const hash32& hash) override;
    [[nodiscard]] uint64_t oldest_rewind() override;
    [[nodiscard]] state::StateView& state() override;
    [[nodiscard]] Result<hash32> root_after(const state::StateDiff& diff) override;
    [[nodiscard]] Result<std::vector<hash32>> roots_after(std::span<const state::StateDiff> steps) override;
    [[nodiscard]] Result<void> commit(BlockCommit commit) override;
    [[nodiscard]] Result<std::optional<hash32>> settle() override;
    [[nodiscard]] Result<void> rewind(uint64_t number) override;
    void remember_bad(const hash32& hash, std::string_view why) override;
    [[nodiscard]] Result<std::vector<RememberedBlock>> bad_blocks() override;

    /// Returns when nothing is on its way into the database. Error: it could not be written, or has another state root.
    [[nodiscard]] Result<void> await_writer();
    /// Makes every commit so far durable.
    [[nodiscard]] Result<void> flush();
    /// The head as it would be after a crash now, or an earlier block of its chain.
    [[nodiscard]] std::optional<db::BlockId> durable_head() const { return database_.durable_head(); }
    /// Why a read of state() failed, if one did since state() was called last.
    [[nodiscard]] std::optional<Error> read_failure() const;

  private:
    DatabaseStore(db::Database& database, const DatabaseStoreOptions& options);

    [[nodiscard]] Result<void> load_head();
    /// Lays state and nodes anew over the database.
    void lay(std::shared_ptr<const NewestBlock> newest);
    /// After the head, whose state root is not outstanding.
    [[nodiscard]] Result<trie::NodeReader*> nodes();
    [[nodiscard]] Result<state::StateCommitment> commitment_to(const state::StateDiff& diff, const hash32& root, trie::NodeReader& nodes);

    void serve();
    /// Computes the state root of a block if it is outstanding, and writes the block if the root is right. An error is one of writing.
    [[nodiscard]] Result<void> finish(NewestBlock& block);
    /// Computes the state root of a block. False: the block is not to be written, and `refusal_` says why.
    [[nodiscard]] bool settle_root(NewestBlock& block, trie::NodeReader& parent_nodes);
    [[nodiscard]] Result<void> write(const NewestBlock& block);
    /// While the mutex is held: why the newest block is refused.
    [[nodiscard]] std::unexpected<Error> refused() const;
    [[nodiscard]] bool is_sync_due(const NewestBlock& block);

    db::Database& database_;
    const DatabaseStoreOptions options_;
    ThreadPool pool_;
    std::optional<ThreadPool> waiting_pool_;  // once reads have been slow
    std::shared_ptr<const NewestBlock> newest_;
    std::optional<IoPool> io_pool_;  // none without threads
    state::ReadSpeed read_speed_;
    std::unique_ptr<NewestState> state_;
    std::optional<state::AsynchronousView> asynchronous_state_;  // over state_, if there is a pool
    std::unique_ptr<NewestNodes> nodes_;                         // over newest_, once somebody has asked
    hash32 head_root_;
    std::optional<state::StateCommitment> prepared_;
    /// Of whoever computes a state root.
    state::TrieCache tries_;

    // Of the one that writes: the writer, or the caller of commit().
    uint64_t unsynced_blocks_ = 0;
    uint64_t unsynced_bytes_ = 0;
    std::chrono::steady_clock::time_point last_sync_;

    sync::Mutex mutex_;
    sync::ConditionVariable changed_;
    std::shared_ptr<NewestBlock> on_its_way_;  // guarded by mutex_; null: nothing
    bool is_root_outstanding_ = false;         // guarded by mutex_; of newest_
    /// Guarded by mutex_: newest_ is not written, since its state has this root instead of the one that its header says, or this has
    /// failed.
    std::optional<Result<hash32>> refusal_;
    std::optional<Error> failure_;  // guarded by mutex_
    bool stopping_ = false;         // guarded by mutex_
    std::optional<sync::Thread> writer_;
};

}  // namespace weft::chain
