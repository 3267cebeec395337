// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/tracer.hpp"

#include "weft/base/hex.hpp"
#include "weft/evm/interpreter.hpp"
#include "weft/evm/switch_loop.hpp"

#include <vector>

namespace weft::evm {

namespace {

/// Keeps what an instruction found, and reports it when the instruction is done.
class SinkTrace {
  public:
    explicit SinkTrace(TraceSink& sink) noexcept : sink_(sink) {}

    void before(const Frame& frame, const Registers& r) {
        stack_.assign(static_cast<const uint256*>(frame.stack), static_cast<const uint256*>(r.sp));
        return_data_ = frame.context->return_data;
        frame.context->gas_after_charge = -1;
        step_ = {
            .pc = static_cast<uint64_t>(r.pc - frame.code_start),
            .opcode = *r.pc,
            .name = opcode_name(*r.pc),
            .depth = frame.depth + 1U,
            .gas = r.gas,
            .stack = stack_,
            .memory_size = frame.memory_size,
            .return_data = return_data_,
            .gas_cost = 0,
            .refund = 0,
            .error = {},
        };
    }

    void after(const Frame& frame, const Registers& r, Step step) {
        // Where there is no code, no instruction was executed: what ran is the padding.
        if (step == Step::blocked || frame.code_size == 0) return;
        step_.refund = frame.context->state->refund();
        const bool failed = step == Step::halt && frame.status != Status::success && frame.status != Status::revert;
        if (failed) {
            step_.error = frame.status;
            // A charge that could not be paid leaves the gas negative.
            const bool known = r.gas < 0 && r.gas > -kUnpayable / 2;
            step_.gas_cost = known ? step_.gas - r.gas : (*frame.context->table)[step_.opcode].gas;
        } else {
            const int64_t charged = frame.context->gas_after_charge;
            step_.gas_cost = step_.gas - (charged >= 0 ? charged : r.gas);
        }
        sink_.on_step(step_);
    }

  private:
    TraceSink& sink_;
    StepTrace step_;
    std::vector<uint256> stack_;
    bytes return_data_;
};

/// The names of all opcodes, those that no revision defines included.
const std::array<std::string, 256>& all_names() {
    static const std::array<std::string, 256> names = [] {
        std::array<std::string, 256> all;
        for (unsigned i = 0; i < 256; ++i) {
            const auto byte = static_cast<uint8_t>(i);
            const std::string_view mnemonic = kInstructions[i].mnemonic;
            all[i] = mnemonic.empty() ? "opcode " + to_hex(bytes_view{&byte, 1}) + " not defined" : std::string(mnemonic);
        }
        return all;
    }();
    return names;
}

}  // namespace

Step interpret_traced(Frame& frame) { return run_switch_loop(frame, SinkTrace{*frame.context->trace}); }

std::string_view opcode_name(uint8_t opcode) noexcept { return all_names()[opcode]; }

std::string_view to_string(Status status) noexcept {
    switch (status) {
        case Status::success:
            return "success";
        case Status::revert:
            return "execution reverted";
        case Status::out_of_gas:
            return "out of gas";
        case Status::invalid_opcode:
            return "invalid opcode";
        case Status::stack_underflow:
            return "stack underflow";
        case Status::stack_overflow:
            return "stack overflow";
        case Status::bad_jump_destination:
            return "invalid jump destination";
        case Status::static_call_violation:
            return "write in a static call";
        case Status::return_data_out_of_bounds:
            return "return data out of bounds";
        case Status::create_collision:
            return "contract address collision";
        case Status::invalid_code_prefix:
            return "code begins with 0xef";
        case Status::code_too_large:
            return "code too large";
        case Status::initcode_too_large:
            return "init code too large";
        case Status::precompile_failure:
            return "precompile failed";
        case Status::nonce_overflow:
            return "nonce overflow";
        case Status::depth_limit:
            return "call depth limit reached";
        case Status::blocked:
            return "blocked";
    }
    return "";
}

}  // namespace weft::evm
