// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/instructions/system.hpp"

namespace weft::evm::instructions {

namespace {

using state::AccountEntry;
using state::State;

/// Whether the beneficiary's coming into being is charged: absent, from EIP-161 on empty and given a balance.
bool is_new_beneficiary(const Frame& frame, AccountEntry& beneficiary) noexcept {
    State& state = *frame.context->state;
    if (!frame.context->rules->clears_empty_accounts) return !state.exists(beneficiary);
    return state.is_empty(beneficiary) && !state.balance(*frame.self).is_zero();
}

void leave_balance(Frame& frame, AccountEntry& beneficiary) {
    State& state = *frame.context->state;
    const Rules& rules = *frame.context->rules;
    AccountEntry& self = *frame.self;
    const bool goes = !rules.self_destruct_keeps_existing || self.created;
    // A contract that survives and names itself keeps its balance; one that goes takes it along.
    if (&beneficiary == &self && !goes) return;
    const uint256 balance = state.balance(self);
    state.subtract_balance(self, balance);
    if (&beneficiary != &self) state.add_balance(beneficiary, balance);
    if (!goes) return;
    if (!self.destroyed) state.add_refund(rules.self_destruct_refund);
    state.destroy(self);
}

}  // namespace

Step self_destruct(Frame& frame, uint256* sp) {
    if (frame.is_static) return halt(frame, Status::static_call_violation);
    State& state = *frame.context->state;
    const Rules& rules = *frame.context->rules;
    AccountEntry& beneficiary = state.entry(to_address(sp[-1]));
    if (rules.has_access_lists && !beneficiary.warm && !charge(frame, kColdAccountGas)) return halt(frame, Status::out_of_gas);
    if (!state.load(beneficiary)) return Step::blocked;
    if (rules.self_destruct_new_account != 0 && is_new_beneficiary(frame, beneficiary) && !charge(frame, rules.self_destruct_new_account))
        return halt(frame, Status::out_of_gas);
    if (rules.has_access_lists) state.warm_up(beneficiary);
    leave_balance(frame, beneficiary);
    return halt(frame, Status::success);
}

}  // namespace weft::evm::instructions
