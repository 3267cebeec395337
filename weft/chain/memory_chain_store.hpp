// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/chain/chain_store.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/state/state_tries.hpp"

#include <unordered_map>

namespace weft::chain {

/// A chain in memory, for tests and for test suites: every block, and what undoes it.
class MemoryChainStore final : public ChainStore {
  public:
    [[nodiscard]] Result<std::optional<uint64_t>> head_number() override;
    [[nodiscard]] Result<std::optional<StoredBlock>> block(uint64_t number) override;
    [[nodiscard]] Result<std::optional<uint64_t>> number_of(const hash32& hash) override;
    [[nodiscard]] uint64_t oldest_rewind() override { return 0; }
    [[nodiscard]] state::StateView& state() override { return state_; }
    [[nodiscard]] Result<hash32> root_after(const state::StateDiff& diff) override;
    [[nodiscard]] Result<std::vector<hash32>> roots_after(std::span<const state::StateDiff> steps) override;
    [[nodiscard]] Result<void> commit(BlockCommit commit) override;
    [[nodiscard]] Result<std::optional<hash32>> settle() override;
    [[nodiscard]] Result<void> rewind(uint64_t number) override;

    /// The whole state after the head.
    [[nodiscard]] const state::MemoryState& content() const noexcept { return state_; }
    [[nodiscard]] const std::vector<types::Receipt>& receipts(uint64_t number) const { return entries_.at(number).receipts; }

  private:
    struct Entry {
        StoredBlock stored;
        std::vector<types::Receipt> receipts;
        state::StateDiff undo;
    };

    /// Applies a difference to the state and to its tries.
    void apply(const state::StateDiff& diff);
    void drop_head();

    std::vector<Entry> entries_;
    std::unordered_map<hash32, uint64_t> numbers_;
    state::MemoryState state_;
    state::StateTries tries_;
};

}  // namespace weft::chain
