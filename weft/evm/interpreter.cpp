// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/interpreter.hpp"

#include "weft/base/optimisation.hpp"
#include "weft/evm/execute.hpp"

#if !defined(WEFT_SWITCH_DISPATCH) && !(defined(__clang__) && __has_attribute(preserve_none) && __has_attribute(musttail))
#define WEFT_SWITCH_DISPATCH
#endif

#if defined(WEFT_SWITCH_DISPATCH)

#include "weft/evm/switch_loop.hpp"

namespace weft::evm {

Step interpret(Frame& frame) { return run_switch_loop(frame, NoTrace{}); }

}  // namespace weft::evm

#else

namespace weft::evm {

namespace {

struct DispatchTable;

/// Every handler is a function that ends in a call of the next one. Under preserve_none all arguments, and so the registers
/// of the virtual machine, stay in registers of the machine, and no handler saves any.
using HandlerFunction = Step(__attribute__((preserve_none)) *)(const uint8_t* pc, uint256* sp, int64_t gas, uint256* stack, Frame* frame,
                                                               const DispatchTable* table);

struct DispatchTable {
    std::array<HandlerFunction, 256> at;
};

/// The way out of the chain of handlers; a function of its own so that handlers need no stack frame for it.
[[clang::preserve_none, gnu::noinline]] Step leave(const uint8_t* pc, uint256* sp, int64_t gas, Step step, Frame* frame) {
    frame->pc = pc;
    frame->sp = sp;
    frame->gas = gas;
    return step;
}

/// Whether the instruction has jumped: what comes next is a JUMPDEST.
template <Opcode kOpcode>
[[gnu::always_inline]] inline bool has_jumped(const Registers& r, const uint8_t* pc) noexcept {
    return kOpcode == Opcode::JUMP || (kOpcode == Opcode::JUMPI && r.pc != pc + 1);
}

template <Opcode kOpcode, auto kBody>
[[clang::preserve_none]] Step handle(const uint8_t* pc, uint256* sp, int64_t gas, uint256* stack, Frame* frame,
                                     const DispatchTable* table) {
    Registers r{.pc = pc, .sp = sp, .gas = gas};
    Step step = execute<kOpcode, kBody>(r, *frame, stack);
    if constexpr (has_slow_body<kBody>)
        if (step == Step::slow) [[unlikely]]
            [[clang::musttail]] return handle<kOpcode, kSlowBody<kBody> >(pc, sp, gas, stack, frame, table);
    if (optimisation::kJumpWithDestination && step == Step::next && has_jumped<kOpcode>(r, pc))
        step = execute<Opcode::JUMPDEST, instructions::jump_destination>(r, *frame, stack);
    if (step != Step::next) [[unlikely]]
        return leave(r.pc, r.sp, r.gas, step, frame);
    [[clang::musttail]] return table->at[*r.pc](r.pc, r.sp, r.gas, stack, frame, table);
}

/// The function of every Handler, by its number.
constexpr HandlerFunction kFunctions[] = {
#define WEFT_FUNCTION(handler, opcode, body) &handle<Opcode::opcode, body>,
    WEFT_FOR_EACH_HANDLER(WEFT_FUNCTION)
#undef WEFT_FUNCTION
};

constexpr std::array<DispatchTable, types::kRevisionCount> kDispatchTables = [] {
    std::array<DispatchTable, types::kRevisionCount> tables{};
    for (size_t i = 0; i < tables.size(); ++i)
        for (size_t opcode = 0; opcode < 256; ++opcode)
            tables[i].at[opcode] = kFunctions[static_cast<uint8_t>(kRevisionTables[i][opcode].handler)];
    return tables;
}();

}  // namespace

Step interpret(Frame& frame) {
    const DispatchTable& table = kDispatchTables[static_cast<uint8_t>(frame.context->rules->revision)];
    return table.at[*frame.pc](frame.pc, frame.sp, frame.gas, frame.stack, &frame, &table);
}

}  // namespace weft::evm

#endif
