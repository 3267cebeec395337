// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/instructions/creates.hpp"

#include "weft/evm/contract_address.hpp"

namespace weft::evm::instructions {

namespace {

using state::AccountEntry;
using state::State;

/// Charges for memory, the analysis of the init code (EIP-3860) and, for CREATE2, its hash.
bool charge_init_code(Frame& frame, FrameKind kind, const MemoryRange& init_code) noexcept {
    const int64_t per_word = frame.context->rules->initcode_word + (kind == FrameKind::create2 ? kKeccakWordGas : 0);
    return charge(frame, growth_cost(frame, init_code.end())) && charge(frame, per_word * static_cast<int64_t>(words_of(init_code.size)));
}

void enter_init_code(Frame& frame, FrameKind kind, const uint256& value, bytes_view init_code, AccountEntry& created, int64_t gas,
                     uint256* child_stack) {
    State& state = *frame.context->state;
    Frame& child = frame.context->push_frame(kind, child_stack);
    child.gas = gas;
    child.input = {};
    child.self = &created;
    child.sender = frame.self->addr;
    child.value = value;
    child.is_static = false;
    child.target = created.addr;
    child.init_code = std::make_unique<const state::Code>(init_code);
    Context::set_code(child, *child.init_code);
    child.checkpoint = state.checkpoint();
    state.create(created, frame.context->rules->new_contract_nonce);
    if (!value.is_zero()) {
        state.subtract_balance(*frame.self, value);
        state.add_balance(created, value);
    }
}

/// Runs once the init code is paid for and lies in memory.
Step start_paid_create(Frame& frame, uint256* sp, FrameKind kind, bytes_view init_code) {
    Context& context = *frame.context;
    State& state = *context.state;
    const uint256 value = sp[-1];
    uint256* result = sp - (kind == FrameKind::create2 ? 4 : 3);
    context.gas_after_charge = frame.gas;

    // These failures give all gas back (execution-specs, generic_create); the nonce limit is EIP-2681.
    const bool affordable = value.is_zero() || state.has_funds(*frame.self, value);
    const uint64_t nonce = state.nonce(*frame.self);
    if (!affordable || nonce == UINT64_MAX || frame.depth >= kMaxDepth) {
        context.return_data.clear();
        *result = 0;
        return Step::next;
    }

    const address created_address = kind == FrameKind::create2 ? create2_address(frame.self->addr, to_hash32(sp[-4]), init_code)
                                                               : create_address(frame.self->addr, nonce);
    AccountEntry* created = state.load(created_address);
    if (created == nullptr) return Step::blocked;

    const int64_t gas = context.rules->keeps_one_64th ? frame.gas - frame.gas / 64 : frame.gas;
    frame.gas -= gas;
    context.return_data.clear();
    *result = 0;
    state.set_nonce(*frame.self, nonce + 1);
    // EIP-2929: the address stays warm even when the creation fails.
    if (context.rules->has_access_lists) state.warm_up(*created);
    // A collision costs the gas that the creation would have had (EIP-684, EIP-7610).
    if (state.is_occupied(*created)) return Step::next;
    enter_init_code(frame, kind, value, init_code, *created, gas, result + 1);
    return Step::enter;
}

Step start_create(Frame& frame, uint256* sp, FrameKind kind) {
    if (frame.is_static) return halt(frame, Status::static_call_violation);
    const MemoryRange init_code = memory_range(sp[-2], sp[-3]);
    if (init_code.size > frame.context->rules->max_initcode_size) return halt(frame, Status::initcode_too_large);
    if (!charge_init_code(frame, kind, init_code)) return halt(frame, Status::out_of_gas);
    const uint64_t size_before = frame.memory_size;
    grow_memory(frame, init_code.end());
    const Step step = start_paid_create(frame, sp, kind, view_of(frame, init_code));
    // Growth is not seen before the instruction is done: it is paid for again.
    if (step == Step::blocked) frame.memory_size = size_before;
    return step;
}

}  // namespace

Step create(Frame& frame, uint256* sp) { return start_create(frame, sp, FrameKind::create); }
Step create2(Frame& frame, uint256* sp) { return start_create(frame, sp, FrameKind::create2); }

}  // namespace weft::evm::instructions
