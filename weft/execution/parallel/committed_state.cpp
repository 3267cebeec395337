// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/committed_state.hpp"

#include "weft/base/assert.hpp"

#include <utility>

namespace weft::execution::parallel {

CommittedState::CommittedState(MultiVersionMemory& memory, MultiVersionMemory::CellPool& pool, state::StateView& base, Crew& crew)
    : memory_(memory), base_(base), crew_(crew) {
    memory_.reset();
    view_.take_cells_from(pool);
}

/// At the next position. Most transactions are committed without one.
VersionedView& CommittedState::view() noexcept {
    if (std::exchange(viewed_, next_) != next_) view_.begin(next_, memory_, base_, never_given_up_);
    return view_;
}

void CommittedState::publish_credits(MultiVersionMemory::AccountCell& cell) {
    if (next_ != 0) memory_.publish_credits(cell, next_ - 1, view_.pool());
}

state::ReadResult<std::optional<state::Account>> CommittedState::account(const address& addr) {
    publish_credits(memory_.cell_of(addr, view_.pool()));
    return view().account(addr);
}

void CommittedState::publish_additions(MultiVersionMemory::SlotCell& cell) { memory_.publish_additions(cell, view_.pool()); }

state::ReadResult<uint256> CommittedState::storage(const address& addr, const uint256& slot) {
    if (memory_.has_additions()) publish_additions(memory_.cell_of(memory_.cell_of(addr, view_.pool()), slot, view_.pool()));
    return view().storage(addr, slot);
}

/// What is written is part of the difference, which is taken against the state before the block.
state::ReadResult<void> CommittedState::ask_for_bases(const WriteSet& writes) {
    while (auto* cell = MultiVersionMemory::written_without_base(writes)) {
        const auto answer = base_.account(MultiVersionMemory::address_of(*cell));
        if (!answer) return std::unexpected(answer.error());
        memory_.set_base(*cell, *answer);
    }
    return {};
}

void CommittedState::accept(WriteSet& published, Position positions) {
    WEFT_ASSERT(MultiVersionMemory::written_without_base(published) == nullptr);
    next_ += positions;
    memory_.accept(next_ - 1, published);
    published_ = nullptr;
}

state::ReadResult<void> CommittedState::apply(const state::TransactionChanges& changes, state::StateDiff* effect) {
    if (published_ == nullptr) {
        own_writes_.clear();
        memory_.publish(next_, own_writes_, changes, view().own_reads(), view_.pool());
        published_ = &own_writes_;
    }
    if (const auto asked = ask_for_bases(*published_); !asked) return asked;
    // Mentioned in the effect, also if only storage changed; once read here, it can be read below.
    if (effect != nullptr)
        for (const state::AccountChange& change : changes)
            if (const auto before = account(change.addr); !before) return std::unexpected(before.error());
    memory_.accept(next_, *published_);
    ++next_;
    published_ = nullptr;
    if (effect == nullptr) return {};
    for (const state::AccountChange& change : changes)
        effect->accounts[change.addr] = state::effect_of(change, account(change.addr).value());
    return {};
}

state::ReadResult<state::StateDiff> CommittedState::diff() {
    if (next_ != 0) memory_.publish_all_credits(next_ - 1, view_.pool());
    memory_.publish_all_additions(view_.pool());
    memory_.settle(next_);
    return memory_.diff(base_, crew_);
}

}  // namespace weft::execution::parallel
