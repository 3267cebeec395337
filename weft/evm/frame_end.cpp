// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/frame_end.hpp"

#include "weft/evm/precompiles/precompiles.hpp"

#include <algorithm>
#include <cstring>

namespace weft::evm {

namespace {

/// Deploys what the init code returned (Yellow Paper, section 7.1; execution-specs, process_create_message).
Status deposit_code(Frame& frame) {
    const Rules& rules = *frame.context->rules;
    bytes_view code = frame.output;
    if (rules.rejects_code_ef && !code.empty() && code[0] == 0xef) return Status::invalid_code_prefix;
    if (code.size() > rules.max_code_size) return Status::code_too_large;
    const auto cost = kCodeDepositGas * static_cast<int64_t>(code.size());
    if (cost > frame.gas) {
        if (!rules.creation_survives_unpaid_deposit) return Status::out_of_gas;
        // Frontier: the contract stays without code and the gas is left.
        frame.output = {};
        return Status::success;
    }
    frame.gas -= cost;
    if (!code.empty()) frame.context->state->set_code(*frame.self, code);
    return Status::success;
}

}  // namespace

void run_precompile(Frame& frame) {
    const Precompile& precompile = *frame.precompile;
    const uint64_t cost = precompile.gas(frame.input, frame.context->rules->revision);
    if (cost > static_cast<uint64_t>(frame.gas)) {
        frame.status = Status::out_of_gas;
        return;
    }
    frame.gas -= static_cast<int64_t>(cost);
    bytes& output = frame.context->precompile_output;
    output.clear();
    frame.status = precompile.run(frame.input, output) ? Status::success : Status::precompile_failure;
    frame.output = output;
}

void settle_frame(Frame& frame) {
    Context& context = *frame.context;
    if (frame.status == Status::success && frame.is_create()) frame.status = deposit_code(frame);
    if (frame.status != Status::success) context.state->revert(frame.checkpoint);
    if (frame.status != Status::success && frame.status != Status::revert) {
        frame.gas = 0;
        frame.output = {};
    }
    context.return_data.assign(frame.output.begin(), frame.output.end());
}

void return_to_caller(Context& context) {
    const Frame& child = context.top();
    Frame& parent = context.parent();
    parent.gas += child.gas;
    uint256& result = parent.sp[-1];
    if (child.is_create()) {
        // EIP-211: a creation that succeeds returns no data.
        if (child.status == Status::success) {
            result = to_uint256(child.self->addr);
            context.return_data.clear();
        }
    } else {
        result = uint64_t{child.status == Status::success};
        const size_t count = std::min<size_t>(child.return_size, context.return_data.size());
        if (count > 0) std::memcpy(parent.memory + child.return_offset, context.return_data.data(), count);
    }
    context.pop_frame();
}

}  // namespace weft::evm
