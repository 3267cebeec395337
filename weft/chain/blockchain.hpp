// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/result.hpp"
#include "weft/chain/block_tree.hpp"
#include "weft/chain/chain_spec.hpp"
#include "weft/chain/chain_store.hpp"
#include "weft/chain/genesis.hpp"
#include "weft/chain/rejection.hpp"
#include "weft/execution/block_execution.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <optional>

namespace weft::chain {

/// Executes one block on a state; one of the executors. `block.recovery` is there: threads that are free may work on it.
using ExecuteBlock = std::function<execution::BlockOutcome(const execution::BlockInput& block, state::StateView& view,
                                                           const execution::BlockOptions& options)>;

/// Where a block went.
enum class Placement : uint8_t {
    known,        ///< It was there already.
    side,         ///< Beside the chain, or above its head. Its transactions have not been executed.
    head,         ///< On the head, and is the head now.
    reorganised,  ///< It is the head now, and other blocks left the chain.
};

struct Added {
    hash32 hash;
    Placement placement = Placement::known;
    /// Blocks that left the chain.
    size_t undone = 0;
};

/// A chain: takes blocks in any order in which parents come first, validates and executes them, and keeps the store at the head.
///
/// Until Paris the head is the block with the most total difficulty, of equal ones the first; seals of Ethash are not looked at,
/// whoever takes blocks from strangers checks them before. From Paris on the head is what the caller says by set_head(): proof of stake
/// is its business.
///
/// A block is executed when it becomes part of the chain, and its state root compared before the call returns, but by extend(). When one of
/// a branch turns out invalid, the chain goes back to the head that it had, and the block is remembered with its reason, by the store too;
/// descendants are refused by it.
///
/// Thread safety: none.
/// Invariants: the head of the tree is that of the store.
class Blockchain {
  public:
    /// On a store that is empty, which then gets the first block, or that holds the chain of this genesis. `store` outlives this.
    /// Errors: the store begins with another block, or fails.
    [[nodiscard]] static Result<Blockchain> open(const Genesis& genesis, ChainStore& store, ExecuteBlock execute,
                                                 const TreeLimits& limits = {});

    /// Adds a block, in RLP. Strict: whatever is not the canonical form of a block is refused.
    [[nodiscard]] std::expected<Added, Rejection> add(bytes_view encoded);
    /// Adds a block as decoded; `encoded_size`: length of its RLP. `senders`: if they are known already; they are taken when the revision
    /// is that of the block.
    [[nodiscard]] std::expected<Added, Rejection> add(types::Block block, size_t encoded_size,
                                                      std::optional<RecoveredSenders> senders = std::nullopt);

    /// Makes a known block the head: executes what is missing on the way to it, undoes what is too much.
    [[nodiscard]] std::expected<Added, Rejection> set_head(const hash32& hash);

    /// add(), and set_head() when the block follows the rules of Paris: for files, in which the last block is the head.
    [[nodiscard]] std::expected<Added, Rejection> append(bytes_view encoded);
    [[nodiscard]] std::expected<Added, Rejection> append(types::Block block, size_t encoded_size, std::optional<RecoveredSenders> senders);

    /// append(), but the state root of a block that follows the head is left outstanding: the store may compute it while the next block
    /// executes. Whatever is called next that changes the chain compares it first, and may be refused with the head's block: that is the
    /// head no more then, and what was asked for has not been done.
    [[nodiscard]] std::expected<Added, Rejection> extend(types::Block block, size_t encoded_size, std::optional<RecoveredSenders> senders);
    /// Compares the root that extend() has left outstanding. A refusal is that of the head, whose parent is the head then.
    [[nodiscard]] std::optional<Rejection> settle();

    /// Its state root may be outstanding after extend().
    [[nodiscard]] const KnownBlock& head() const noexcept { return tree_.head(); }
    /// A recent block, or one beside the chain. Null: not known.
    [[nodiscard]] const KnownBlock* find(const hash32& hash) const { return tree_.find(hash); }
    /// The invalid block that this one is or descends from; null: none is remembered.
    [[nodiscard]] const BadBlock* bad(const hash32& hash) const { return tree_.bad(hash); }
    [[nodiscard]] const ChainSpec& spec() const noexcept { return spec_; }
    /// The rules for a block on `parent`.
    [[nodiscard]] types::ChainRules rules_of(const types::Header& header, const KnownBlock& parent) const noexcept;

  private:
    using Refusal = std::optional<Rejection>;

    Blockchain(const Genesis& genesis, ChainStore& store, ExecuteBlock execute, BlockTree tree)
        : spec_(genesis.spec), store_(&store), execute_(std::move(execute)), tree_(std::move(tree)) {}

    [[nodiscard]] std::expected<KnownBlock*, Rejection> parent_of(const types::Block& block, const hash32& hash);
    [[nodiscard]] std::optional<BlockFault> validate(const types::Block& block, size_t encoded_size, const KnownBlock& parent) const;
    [[nodiscard]] std::optional<BranchTooDeep> too_deep(KnownBlock& parent) const;
    /// Validates a block and puts it into the tree; null: it is known.
    [[nodiscard]] std::expected<KnownBlock*, Rejection> insert(types::Block block, const hash32& hash, size_t encoded_size,
                                                               std::optional<RecoveredSenders> senders);
    [[nodiscard]] std::expected<Added, Rejection> switch_to(KnownBlock& block);
    [[nodiscard]] Refusal rewind(const TreePath& path);
    void mark_bad(const hash32& hash, const BrokenRule& rule);
    /// Executes the blocks of a branch on the head, one after another.
    [[nodiscard]] Refusal execute_branch(const std::vector<KnownBlock*>& branch);
    /// Executes a child of the head and makes it the head; its state root stays outstanding. A refusal is that of the block or of the head.
    [[nodiscard]] Refusal execute(KnownBlock& block);
    [[nodiscard]] std::optional<RejectionReason> commit(const KnownBlock& block, const execution::BlockInput& input,
                                                        execution::BlockOutcome outcome);
    /// The block is remembered if the reason is about it.
    [[nodiscard]] Rejection reject(const hash32& hash, const RejectionReason& reason);
    [[nodiscard]] std::expected<Added, Rejection> make_head_if_merged(const std::expected<Added, Rejection>& added);
    /// After a branch failed: makes `old_head` the head again.
    [[nodiscard]] Refusal restore(KnownBlock& old_head);

    ChainSpec spec_;
    ChainStore* store_;
    ExecuteBlock execute_;
    BlockTree tree_;
};

}  // namespace weft::chain
