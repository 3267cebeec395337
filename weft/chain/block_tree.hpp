// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/chain/block_validation.hpp"
#include "weft/chain/rejection.hpp"
#include "weft/types/block.hpp"

#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

namespace weft::chain {

/// The senders of a block's transactions, nullopt where the signature is invalid, under the rules of a revision.
struct RecoveredSenders {
    types::Revision revision = types::Revision::Frontier;
    std::vector<std::optional<address>> senders;
};

/// How much a BlockTree keeps.
struct TreeLimits {
    /// Blocks of the chain below the head from which branches may leave.
    uint64_t depth = 256;
    /// Blocks beside the chain (at least one), and the bytes of their encodings. Beyond that the lowest branches are forgotten.
    size_t side_blocks = 4096;
    size_t side_bytes = size_t{256} << 20;
    /// Invalid blocks that are remembered; the oldest are forgotten first.
    size_t bad_blocks = 4096;
};

/// A block whose ancestors are known.
struct KnownBlock {
    types::Header header;
    std::vector<types::Header> ommers;
    /// All of it. Null while the store keeps it.
    std::shared_ptr<const types::Block> block;
    hash32 hash;
    /// Of the block and all its ancestors.
    uint256 total_difficulty;
    /// Null for the oldest block of the tree.
    KnownBlock* parent = nullptr;
    /// The head or one of its ancestors.
    bool is_canonical = false;
    /// Length of the block's RLP.
    size_t encoded_size = 0;
    /// Where somebody recovered them beforehand; only as long as `block`.
    std::optional<RecoveredSenders> senders{};
    std::vector<KnownBlock*> children{};

    [[nodiscard]] uint64_t number() const noexcept { return header.number; }
    /// Forgets all but header and ommers, since somebody else keeps it.
    void release_block();
};

/// The way from one block to another through the last block that both descend from.
struct TreePath {
    KnownBlock* fork = nullptr;
    std::vector<KnownBlock*> undo;     ///< The highest first.
    std::vector<KnownBlock*> execute;  ///< The lowest first.
};

/// The most recent part of a chain with all the branches that leave it, and the invalid blocks that were met.
///
/// Thread safety: none. Blocks stay where they are until they are forgotten: when set_head() leaves them too far behind, or when they
/// turn out to be invalid.
/// Invariants: every block but the oldest has its parent; the canonical blocks are the head and its ancestors.
class BlockTree {
  public:
    /// `oldest`: a block of the chain, which becomes the head.
    BlockTree(const types::Block& oldest, const hash32& hash, const uint256& total_difficulty, const TreeLimits& limits);

    [[nodiscard]] KnownBlock& head() const noexcept { return *head_; }
    /// Null: not known.
    [[nodiscard]] KnownBlock* find(const hash32& hash) const;
    [[nodiscard]] size_t size() const noexcept { return blocks_.size(); }
    [[nodiscard]] const TreeLimits& limits() const noexcept { return limits_; }

    /// Adds a block, which is not known yet, as a child of `parent`. Null: its branch alone exceeds the limits.
    KnownBlock* insert(std::shared_ptr<const types::Block> block, const hash32& hash, size_t encoded_size, KnownBlock& parent);

    /// Whether total difficulty speaks for the block: it exceeds that of the head. Of equal ones the first that was seen stays.
    [[nodiscard]] bool is_heavier_than_head(const KnownBlock& block) const noexcept {
        return block.total_difficulty > head_->total_difficulty;
    }
    /// The last block of the chain that `block` is or descends from.
    [[nodiscard]] static KnownBlock& fork_of(KnownBlock& block) noexcept;
    [[nodiscard]] static TreePath path(KnownBlock& from, KnownBlock& to);

    /// Makes a block the head, whatever its difficulty.
    void set_head(KnownBlock& block);
    /// Forgets what lies more than `TreeLimits::depth` blocks, and the generations that ommers look back, below the head.
    void forget_old_blocks();

    /// Remembers that a block is invalid, and forgets it with its descendants, none of which is canonical; they count as invalid too.
    void mark_bad(const hash32& hash, const BrokenRule& rule);
    /// Remembers a block that descends from an invalid one.
    void mark_descendant_of_bad(const hash32& hash, const BadBlock& bad) { remember_bad(hash, bad); }
    /// The invalid block that this one is or descends from; null: none is remembered.
    [[nodiscard]] const BadBlock* bad(const hash32& hash) const;

    /// The ancestors of a block that its ommers are compared with, parent first.
    [[nodiscard]] static std::vector<Ancestor> ancestors_of(const KnownBlock& parent);

  private:
    [[nodiscard]] bool has_room(size_t encoded_size) const noexcept;
    /// Forgets branches, those first that leave the chain lowest, until there is room; not the one that `parent` is of.
    bool make_room(size_t encoded_size, const KnownBlock& parent);
    void remember_bad(const hash32& hash, const BadBlock& bad);
    /// Forgets a block and its descendants; `bad`: remembers them as such.
    void forget_branch(KnownBlock& top, const BadBlock* bad);
    void count_side(const KnownBlock& block, bool added) noexcept;

    TreeLimits limits_;
    std::unordered_map<hash32, std::unique_ptr<KnownBlock>> blocks_;
    KnownBlock* oldest_;
    KnownBlock* head_;
    size_t side_blocks_ = 0;
    size_t side_bytes_ = 0;
    std::unordered_map<hash32, BadBlock> bad_;
    std::deque<hash32> bad_order_;
};

}  // namespace weft::chain
