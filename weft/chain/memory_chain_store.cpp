// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/memory_chain_store.hpp"

#include "weft/base/assert.hpp"

#include <utility>

namespace weft::chain {

Result<std::optional<uint64_t>> MemoryChainStore::head_number() {
    return entries_.empty() ? std::nullopt : std::optional<uint64_t>(entries_.size() - 1);
}

Result<std::optional<StoredBlock>> MemoryChainStore::block(uint64_t number) {
    if (number >= entries_.size()) return std::nullopt;
    return entries_[number].stored;
}

Result<std::optional<uint64_t>> MemoryChainStore::number_of(const hash32& hash) {
    const auto found = numbers_.find(hash);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

void MemoryChainStore::apply(const state::StateDiff& diff) {
    state_.apply(diff);
    // Nothing of a whole trie is missing.
    const auto applied = tries_.apply(diff);
    WEFT_ASSERT(applied.has_value());
}

Result<std::vector<hash32>> MemoryChainStore::roots_after(std::span<const state::StateDiff> steps) {
    std::vector<hash32> roots;
    std::vector<state::StateDiff> undo;
    for (const state::StateDiff& step : steps) {
        undo.push_back(state_.undo_of(step));
        apply(step);
        roots.push_back(tries_.root());
    }
    for (size_t i = undo.size(); i-- > 0;) apply(undo[i]);
    return roots;
}

Result<hash32> MemoryChainStore::root_after(const state::StateDiff& diff) {
    const auto roots = roots_after({&diff, 1});
    if (!roots) return std::unexpected(roots.error());
    return roots->front();
}

Result<void> MemoryChainStore::commit(BlockCommit commit) {
    const uint64_t number = commit.block->header.number;
    if (number != entries_.size()) return fail("the block does not follow the head");
    entries_.push_back({
        .stored = {.block = std::move(commit.block), .hash = commit.hash, .total_difficulty = commit.total_difficulty},
        .receipts = std::move(commit.receipts),
        .undo = state_.undo_of(commit.diff),
    });
    numbers_.emplace(commit.hash, number);
    apply(commit.diff);
    state_.set_block_hash(number, commit.hash);
    return {};
}

Result<std::optional<hash32>> MemoryChainStore::settle() {
    const hash32 root = tries_.root();
    if (entries_.empty() || entries_.back().stored.block->header.state_root == root) return std::nullopt;
    drop_head();
    return root;
}

void MemoryChainStore::drop_head() {
    apply(entries_.back().undo);
    numbers_.erase(entries_.back().stored.hash);
    entries_.pop_back();
}

Result<void> MemoryChainStore::rewind(uint64_t number) {
    while (entries_.size() > number + 1) drop_head();
    return {};
}

}  // namespace weft::chain
