// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/execute.hpp"

namespace weft::evm {

/// The tracer of runs that nobody watches.
struct NoTrace {
    void before(const Frame&, const Registers&) noexcept {}
    void after(const Frame&, const Registers&, Step) noexcept {}
};

/// One instruction, by its fast body if that will do.
template <Opcode kOpcode, auto kBody>
[[gnu::always_inline]] inline Step execute_either(Registers& r, Frame& frame, uint256* stack) {
    const Step step = execute<kOpcode, kBody>(r, frame, stack);
    if constexpr (has_slow_body<kBody>)
        if (step == Step::slow) return execute<kOpcode, kSlowBody<kBody>>(r, frame, stack);
    return step;
}

/// The portable dispatcher: a loop around a switch over the handlers. The tracer sees the frame and its registers before and
/// after every instruction; a blocked one is seen again when it is executed again. One that has seen all it is there for ends the loop,
/// with Step::next.
template <typename Tracer>
Step run_switch_loop(Frame& frame, Tracer tracer) {
    const RevisionTable& table = *frame.context->table;
    uint256* const stack = frame.stack;
    Registers r{.pc = frame.pc, .sp = frame.sp, .gas = frame.gas};
    for (;;) {
        tracer.before(frame, r);
        Step step = Step::next;
        switch (table[*r.pc].handler) {
#define WEFT_CASE(handler, opcode, body)                              \
    case Handler::handler:                                            \
        step = execute_either<Opcode::opcode, body>(r, frame, stack); \
        break;
            WEFT_FOR_EACH_HANDLER(WEFT_CASE)
#undef WEFT_CASE
        }
        tracer.after(frame, r, step);
        bool leaves = step != Step::next;
        if constexpr (requires { tracer.has_seen_all(); }) leaves = leaves || tracer.has_seen_all();
        if (leaves) [[unlikely]] {
            frame.pc = r.pc;
            frame.sp = r.sp;
            frame.gas = r.gas;
            return step;
        }
    }
}

}  // namespace weft::evm
