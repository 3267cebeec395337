// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/instructions/calls.hpp"

#include "weft/evm/precompiles/precompiles.hpp"

#include <algorithm>

namespace weft::evm::instructions {

namespace {

using state::AccountEntry;
using state::State;

/// The operands of a call.
struct CallOperands {
    uint256 gas;
    address target;
    uint256 value;
    MemoryRange input;
    MemoryRange output;
};

constexpr bool has_value_operand(FrameKind kind) noexcept { return kind == FrameKind::call || kind == FrameKind::call_code; }
/// Number of operands.
constexpr int operand_count(FrameKind kind) noexcept { return has_value_operand(kind) ? 7 : 6; }

CallOperands read_operands(const uint256* sp, FrameKind kind) noexcept {
    const uint256* rest = has_value_operand(kind) ? sp - 3 : sp - 2;
    return {
        .gas = sp[-1],
        .target = to_address(sp[-2]),
        .value = has_value_operand(kind) ? sp[-3] : uint256{},
        .input = memory_range(rest[-1], rest[-2]),
        .output = memory_range(rest[-3], rest[-4]),
    };
}

/// What a call meets at its target.
struct Callee {
    AccountEntry* account = nullptr;
    /// The delegate whose code runs instead (EIP-7702).
    AccountEntry* delegate = nullptr;
    const Precompile* precompile = nullptr;
    const state::Code* code = nullptr;
};

/// Charges for what is known without a read: memory, the first access, the transfer.
bool charge_known(Frame& frame, const CallOperands& operands, const AccountEntry& target) noexcept {
    const uint64_t end = std::max(operands.input.end(), operands.output.end());
    if (!charge(frame, growth_cost(frame, end))) return false;
    if (frame.context->rules->has_access_lists && !target.warm && !charge(frame, kColdAccountGas - kWarmAccessGas)) return false;
    return operands.value.is_zero() || charge(frame, kCallValueGas);
}

/// Reads the delegate and charges for its access (EIP-7702; execution-specs, access_delegation).
Step find_delegate(Frame& frame, Callee& callee) {
    if (!frame.context->rules->has_delegation) return Step::next;
    const auto delegate = callee.code->delegate();
    if (!delegate) return Step::next;
    State& state = *frame.context->state;
    callee.delegate = &state.entry(*delegate);
    const bool warm = callee.delegate->warm || callee.delegate == callee.account;
    if (!charge(frame, warm ? kWarmAccessGas : kColdAccountGas)) return halt(frame, Status::out_of_gas);
    if (!state.load(*callee.delegate)) return Step::blocked;
    // One level only: a designator found there is executed as code.
    callee.code = state.code(*callee.delegate);
    return callee.code == nullptr ? Step::blocked : Step::next;
}

/// Reads the target as far as the call depends on it.
Step find_callee(Frame& frame, FrameKind kind, const CallOperands& operands, Callee& callee) {
    const Rules& rules = *frame.context->rules;
    State& state = *frame.context->state;
    callee.precompile = find_precompile(operands.target, rules.revision);
    const bool existence_matters = kind == FrameKind::call && (!operands.value.is_zero() || !rules.clears_empty_accounts);
    if (callee.precompile != nullptr) {
        callee.code = &state::empty_code();
        return !existence_matters || state.load(*callee.account) ? Step::next : Step::blocked;
    }
    if (!state.load(*callee.account)) return Step::blocked;
    callee.code = state.code(*callee.account);
    if (callee.code == nullptr) return Step::blocked;
    return find_delegate(frame, callee);
}

/// Gas for an account that the call brings into being: until EIP-161 any that is absent, from then on one that is empty and
/// gets value.
int64_t new_account_gas(const Frame& frame, FrameKind kind, const CallOperands& operands, AccountEntry& target) noexcept {
    if (kind != FrameKind::call) return 0;
    State& state = *frame.context->state;
    if (!frame.context->rules->clears_empty_accounts) return state.exists(target) ? 0 : kNewAccountGas;
    return !operands.value.is_zero() && state.is_empty(target) ? kNewAccountGas : 0;
}

/// Takes the child's gas out of the frame; negative: out of gas. From EIP-150 on the caller keeps 1/64 and a larger wish is
/// cut; before, the wish has to be met.
int64_t take_child_gas(Frame& frame, const uint256& wish) noexcept {
    const int64_t available = frame.context->rules->keeps_one_64th ? frame.gas - frame.gas / 64 : frame.gas;
    const bool fits = wish.fits_u64() && wish.w[0] <= static_cast<uint64_t>(available);
    if (!fits && !frame.context->rules->keeps_one_64th) return -1;
    const int64_t gas = fits ? static_cast<int64_t>(wish.w[0]) : available;
    frame.gas -= gas;
    return gas;
}

/// Moves the value, or touches the target; part of what a failing call undoes.
void transfer(Frame& caller, FrameKind kind, const uint256& value, AccountEntry& target) {
    State& state = *caller.context->state;
    if (kind == FrameKind::call && !value.is_zero()) {
        state.subtract_balance(*caller.self, value);
        state.add_balance(target, value);
    } else if (kind == FrameKind::call || kind == FrameKind::static_call) {
        if (!caller.context->rules->clears_empty_accounts) state.ensure_exists(target);
        state.touch(target);
    }
}

void enter_callee(Frame& frame, FrameKind kind, const CallOperands& operands, const Callee& callee, uint256* child_stack, int64_t gas) {
    Frame& child = frame.context->push_frame(kind, child_stack);
    const bool own_account = kind == FrameKind::call || kind == FrameKind::static_call;
    child.gas = gas;
    child.input = view_of(frame, operands.input);
    child.self = own_account ? callee.account : frame.self;
    child.sender = kind == FrameKind::delegate_call ? frame.sender : frame.self->addr;
    child.value = kind == FrameKind::delegate_call ? frame.value : operands.value;
    child.is_static = frame.is_static || kind == FrameKind::static_call;
    child.target = operands.target;
    child.precompile = callee.precompile;
    child.return_offset = operands.output.offset;
    child.return_size = operands.output.size;
    Context::set_code(child, *callee.code);
    child.checkpoint = frame.context->state->checkpoint();
    transfer(frame, kind, operands.value, *callee.account);
}

Step start_call(Frame& frame, uint256* sp, FrameKind kind) {
    const CallOperands operands = read_operands(sp, kind);
    if (kind == FrameKind::call && frame.is_static && !operands.value.is_zero()) return halt(frame, Status::static_call_violation);
    Context& context = *frame.context;
    State& state = *context.state;
    Callee callee{.account = &state.entry(operands.target)};

    if (!charge_known(frame, operands, *callee.account)) return halt(frame, Status::out_of_gas);
    if (const Step step = find_callee(frame, kind, operands, callee); step != Step::next) return step;
    if (!charge(frame, new_account_gas(frame, kind, operands, *callee.account))) return halt(frame, Status::out_of_gas);
    int64_t child_gas = take_child_gas(frame, operands.gas);
    if (child_gas < 0) return halt(frame, Status::out_of_gas);
    context.gas_after_charge = frame.gas;
    if (!operands.value.is_zero()) child_gas += kCallStipend;

    if (context.rules->has_access_lists) {
        state.warm_up(*callee.account);
        if (callee.delegate != nullptr) state.warm_up(*callee.delegate);
    }
    grow_memory(frame, std::max(operands.input.end(), operands.output.end()));
    context.return_data.clear();
    uint256* result = sp - operand_count(kind);
    *result = 0;
    const bool affordable = operands.value.is_zero() || state.has_funds(*frame.self, operands.value);
    if (!affordable || frame.depth >= kMaxDepth) {
        frame.gas += child_gas;
        return Step::next;
    }
    enter_callee(frame, kind, operands, callee, result + 1, child_gas);
    return Step::enter;
}

}  // namespace

Step call(Frame& frame, uint256* sp) { return start_call(frame, sp, FrameKind::call); }
Step call_code(Frame& frame, uint256* sp) { return start_call(frame, sp, FrameKind::call_code); }
Step delegate_call(Frame& frame, uint256* sp) { return start_call(frame, sp, FrameKind::delegate_call); }
Step static_call(Frame& frame, uint256* sp) { return start_call(frame, sp, FrameKind::static_call); }

}  // namespace weft::evm::instructions
