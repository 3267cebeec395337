// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/chain/database_store.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/trie/witness.hpp"
#include "weft/types/block.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weft::cli {

/// How blocks are committed where that is measured too.
struct CommitOptions {
    std::string store = "none";  ///< none, memory or rocksdb.
    unsigned threads = 1;        ///< For the state root.
    bool write_behind = true;

    [[nodiscard]] bool is_wanted() const { return store != "none"; }
};

/// A block, the state before it and what executing it gives. Refers to what the caller owns.
struct ExecutedOnState {
    types::Block block;  ///< Of its header only what does not follow from the state is of use.
    std::span<const std::optional<address>> senders;
    state::MemoryState& pre_state;
    const trie::WitnessNodes* witness = nullptr;  ///< Of the state before; null: `pre_state` is all of it.
    hash32 pre_state_root;                        ///< Beside a witness.
    const execution::BlockResult& result;
    bool has_state_roots = false;  ///< Receipts have them, and BlockResult::effects are there (before Byzantium).
};

/// A block that is executed and committed again and again, each time as the next block of a chain in a database whose head has the state
/// that the block is for. In between comes another block that takes back what it did and is as much to write; executing it is executing the
/// first on the state before that, as it is seen through what is to be taken back.
///
/// Thread safety: none.
class WholeBlock {
  public:
    using Execute = std::function<execution::BlockOutcome(state::StateView& view)>;
    /// Milliseconds.
    struct Times {
        double execution = 0;
        double commit = 0;  ///< Waiting for the block before and computing roots included, as far as that is not done meanwhile.
        [[nodiscard]] double all() const { return execution + commit; }
    };

    /// Puts the state into a new database, in a temporary folder if it is on disk. Error: what the database says, or a state root that is
    /// not the one it should be.
    [[nodiscard]] static Result<std::unique_ptr<WholeBlock>> open(ExecutedOnState block, const CommitOptions& options);
    ~WholeBlock();

    /// Executes on the state of the database, while nothing is written to it, and forgets the result. Error: it is another one than before.
    [[nodiscard]] Result<Times> execute(const Execute& execute);
    /// Executes and commits two blocks, of which each takes back what the other did and is as much to compute the root of and to write;
    /// gives the mean. With write_behind that of the block before is done beside the first, and that of the second is left, so that what is
    /// measured is one of many: two more come before, not timed, which give the writer as much to do as in the middle of a chain. Error:
    /// another result or root than before, or the database failed.
    [[nodiscard]] Result<Times> execute_and_commit(const Execute& execute);

    /// After the block.
    [[nodiscard]] const hash32& root() const noexcept { return root_; }

  private:
    class State;
    class StateBefore;
    class Folder;
    /// A copy of its own, which the store takes over.
    struct Commitment {
        types::Block block;
        state::StateDiff diff;
        std::vector<types::Receipt> receipts;
    };

    /// Two blocks, of which the second takes back what the first does.
    struct RoundTrip {
        Commitment there;
        Commitment back;
    };

    WholeBlock(ExecutedOnState block, const CommitOptions& options);

    [[nodiscard]] Result<void> open_database();
    [[nodiscard]] Result<void> put_state();
    /// Sets the roots after the block and those of its receipts.
    [[nodiscard]] Result<void> learn_roots();
    [[nodiscard]] execution::BlockOutcome run(const Execute& execute);
    /// Executes and commits the block, or the one that takes it back.
    [[nodiscard]] Result<Times> run_and_commit(const Execute& execute, execution::BlockOutcome& outcome, Commitment commitment);
    /// Gives the mean of both, and adds what came of them.
    [[nodiscard]] Result<Times> go_there_and_back(const Execute& execute, RoundTrip trip, std::vector<execution::BlockOutcome>& outcomes);
    void forget_analysis();
    [[nodiscard]] Result<void> check(const execution::BlockOutcome& outcome) const;
    [[nodiscard]] Commitment what_the_block_commits() const;
    /// The same receipts and transactions: as much to write.
    [[nodiscard]] Commitment what_takes_it_back() const;
    /// Makes it the next block of the chain.
    [[nodiscard]] Result<void> commit(Commitment commitment);
    [[nodiscard]] Result<void> settle();
    /// Makes the state that after the block, if it is not.
    [[nodiscard]] Result<void> put_block();
    /// Makes the state that before the block, if it is not.
    [[nodiscard]] Result<void> go_back();

    ExecutedOnState block_;
    CommitOptions options_;
    state::StateDiff undo_;
    hash32 pre_root_;
    hash32 root_;
    std::vector<types::Receipt> receipts_;
    std::vector<hash32> code_hashes_;
    std::unique_ptr<Folder> folder_;
    std::unique_ptr<db::Database> database_;
    std::unique_ptr<chain::DatabaseStore> store_;
    uint64_t head_number_ = 0;
    hash32 head_hash_;
    bool is_after_block_ = false;
};

}  // namespace weft::cli
