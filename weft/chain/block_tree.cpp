// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/block_tree.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>
#include <utility>

namespace weft::chain {
namespace {

/// Ommers of a block are compared with this many generations before it (Yellow Paper, section 11.1).
constexpr size_t kOmmerGenerations = 8;

}  // namespace

void KnownBlock::release_block() {
    block.reset();
    senders.reset();
}

BlockTree::BlockTree(const types::Block& oldest, const hash32& hash, const uint256& total_difficulty, const TreeLimits& limits)
    : limits_(limits) {
    auto block = std::make_unique<KnownBlock>(KnownBlock{.header = oldest.header,
                                                         .ommers = oldest.ommers,
                                                         .block = nullptr,
                                                         .hash = hash,
                                                         .total_difficulty = total_difficulty,
                                                         .is_canonical = true});
    oldest_ = head_ = block.get();
    blocks_.emplace(hash, std::move(block));
}

KnownBlock* BlockTree::find(const hash32& hash) const {
    const auto found = blocks_.find(hash);
    return found == blocks_.end() ? nullptr : found->second.get();
}

void BlockTree::count_side(const KnownBlock& block, bool added) noexcept {
    side_blocks_ = added ? side_blocks_ + 1 : side_blocks_ - 1;
    side_bytes_ = added ? side_bytes_ + block.encoded_size : side_bytes_ - block.encoded_size;
}

bool BlockTree::has_room(size_t encoded_size) const noexcept {
    return side_blocks_ < std::max<size_t>(limits_.side_blocks, 1) &&
           encoded_size <= limits_.side_bytes - std::min(limits_.side_bytes, side_bytes_);
}

bool BlockTree::make_room(size_t encoded_size, const KnownBlock& parent) {
    const KnownBlock* kept = &parent;  // The top of the branch that is about to grow.
    while (!kept->is_canonical && !kept->parent->is_canonical) kept = kept->parent;
    for (KnownBlock* at = oldest_; at != nullptr && !has_room(encoded_size);) {
        KnownBlock* next = nullptr;
        std::vector<KnownBlock*> staying;
        for (KnownBlock* const child : at->children) {
            if (child->is_canonical) next = child;
            if (child->is_canonical || child == kept || has_room(encoded_size)) {
                staying.push_back(child);
            } else {
                forget_branch(*child, nullptr);
            }
        }
        at->children = std::move(staying);
        at = next;
    }
    return has_room(encoded_size);
}

KnownBlock* BlockTree::insert(std::shared_ptr<const types::Block> block, const hash32& hash, size_t encoded_size, KnownBlock& parent) {
    WEFT_ASSERT(!blocks_.contains(hash));
    if (!has_room(encoded_size) && !make_room(encoded_size, parent)) return nullptr;
    auto known = std::make_unique<KnownBlock>(KnownBlock{.header = block->header,
                                                         .ommers = block->ommers,
                                                         .block = block,
                                                         .hash = hash,
                                                         .total_difficulty = parent.total_difficulty,
                                                         .parent = &parent,
                                                         .encoded_size = encoded_size});
    known->total_difficulty += known->header.difficulty;
    count_side(*known, true);
    KnownBlock* const result = known.get();
    parent.children.push_back(result);
    blocks_.emplace(hash, std::move(known));
    return result;
}

KnownBlock& BlockTree::fork_of(KnownBlock& block) noexcept {
    KnownBlock* at = &block;
    while (!at->is_canonical) at = at->parent;
    return *at;
}

TreePath BlockTree::path(KnownBlock& from, KnownBlock& to) {
    TreePath path;
    KnownBlock* down = &from;
    KnownBlock* up = &to;
    while (down != up) {
        if (down->number() >= up->number()) {
            path.undo.push_back(down);
            down = down->parent;
        } else {
            path.execute.push_back(up);
            up = up->parent;
        }
    }
    path.fork = down;
    std::ranges::reverse(path.execute);
    return path;
}

void BlockTree::set_head(KnownBlock& block) {
    for (KnownBlock* at : path(*head_, block).undo) {
        at->is_canonical = false;
        count_side(*at, true);
    }
    for (KnownBlock* at = &block; !at->is_canonical; at = at->parent) {
        at->is_canonical = true;
        count_side(*at, false);
    }
    head_ = &block;
}

void BlockTree::forget_old_blocks() {
    const uint64_t kept = limits_.depth + kOmmerGenerations;
    while (head_->number() - oldest_->number() > kept) {
        const auto next = std::ranges::find(oldest_->children, true, &KnownBlock::is_canonical);
        KnownBlock* const heir = *next;
        oldest_->children.erase(next);
        KnownBlock* const gone = std::exchange(oldest_, heir);
        heir->parent = nullptr;
        for (KnownBlock* child : gone->children) forget_branch(*child, nullptr);
        blocks_.erase(gone->hash);
    }
}

void BlockTree::forget_branch(KnownBlock& top, const BadBlock* bad) {
    std::vector<KnownBlock*> pending{&top};
    while (!pending.empty()) {
        KnownBlock* const block = pending.back();
        pending.pop_back();
        WEFT_ASSERT(!block->is_canonical);
        pending.insert(pending.end(), block->children.begin(), block->children.end());
        if (bad != nullptr) remember_bad(block->hash, *bad);
        count_side(*block, false);
        blocks_.erase(block->hash);
    }
}

void BlockTree::mark_bad(const hash32& hash, const BrokenRule& rule) {
    const BadBlock bad{.hash = hash, .rule = rule};
    remember_bad(hash, bad);
    KnownBlock* const block = find(hash);
    if (block == nullptr) return;
    std::erase(block->parent->children, block);
    forget_branch(*block, &bad);
}

void BlockTree::remember_bad(const hash32& hash, const BadBlock& bad) {
    if (!bad_.insert_or_assign(hash, bad).second) return;
    bad_order_.push_back(hash);
    if (bad_order_.size() <= limits_.bad_blocks) return;
    bad_.erase(bad_order_.front());
    bad_order_.pop_front();
}

const BadBlock* BlockTree::bad(const hash32& hash) const {
    const auto found = bad_.find(hash);
    return found == bad_.end() ? nullptr : &found->second;
}

std::vector<Ancestor> BlockTree::ancestors_of(const KnownBlock& parent) {
    std::vector<Ancestor> ancestors;
    for (const KnownBlock* at = &parent; at != nullptr && ancestors.size() < kOmmerGenerations; at = at->parent)
        ancestors.push_back({.header = &at->header, .hash = at->hash, .ommers = at->ommers});
    return ancestors;
}

}  // namespace weft::chain
