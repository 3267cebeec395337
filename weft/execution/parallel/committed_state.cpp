// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/committed_state.hpp"

namespace weft::execution::parallel {

CommittedState::CommittedState(MultiVersionMemory& memory, state::StateView& base) : memory_(memory), base_(base) {
    memory_.reset();
    advance();
}

/// View and memory are ready for the next position.
void CommittedState::advance() {
    memory_.reserve(next_ + 1);
    view_.begin(next_, memory_, base_, never_given_up_);
}

/// What is written is part of the difference, which is taken against the state before the block.
state::ReadResult<void> CommittedState::ask_for_bases() {
    while (auto* cell = memory_.written_without_base(next_)) {
        const auto answer = base_.account(MultiVersionMemory::address_of(*cell));
        if (!answer) return std::unexpected(answer.error());
        memory_.set_base(*cell, *answer);
    }
    return {};
}

state::ReadResult<void> CommittedState::apply(const state::TransactionChanges& changes, state::StateDiff* effect) {
    if (!memory_.has_published(next_)) memory_.publish(next_, changes);
    if (const auto asked = ask_for_bases(); !asked) return asked;
    // Mentioned in the effect, also if only storage changed; once read here, it can be read below.
    if (effect != nullptr)
        for (const state::AccountChange& change : changes)
            if (const auto before = view_.account(change.addr); !before) return std::unexpected(before.error());
    ++next_;
    advance();
    if (effect == nullptr) return {};
    for (const state::AccountChange& change : changes)
        effect->accounts[change.addr] = state::effect_of(change, view_.account(change.addr).value());
    return {};
}

state::ReadResult<state::StateDiff> CommittedState::diff() {
    memory_.settle(next_);
    return memory_.diff(base_);
}

}  // namespace weft::execution::parallel
