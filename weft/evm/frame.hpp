// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/message.hpp"
#include "weft/evm/rules.hpp"
#include "weft/state/code.hpp"
#include "weft/state/state.hpp"

#include <memory>

namespace weft::evm {

struct Context;
struct Precompile;

/// What becomes of the frame after an instruction.
enum class [[nodiscard]] Step : uint8_t {
    next,     ///< It goes on with the next instruction.
    enter,    ///< A child frame is on top now; this frame goes on when the child has ended.
    halt,     ///< It has ended; Frame::status says how.
    blocked,  ///< A read has no answer: nothing happened, the instruction executes again.
    slow,     ///< Nothing happened: the fast body of an instruction leaves the case to the slow one.
};

/// The part of a frame that changes with every instruction; in machine registers while the frame runs.
struct Registers {
    const uint8_t* pc;
    uint256* sp;  ///< One above the top of the stack, which grows upwards.
    int64_t gas;
};

/// How a frame came about.
enum class FrameKind : uint8_t { call, call_code, delegate_call, static_call, create, create2 };

/// A message call or contract creation that runs or waits for a child (Yellow Paper, section 9.4, the machine state).
struct Frame {
    // ---- The registers at rest. `gas` also carries gas into and out of handlers that are not inlined. ----
    const uint8_t* pc = nullptr;
    uint256* sp = nullptr;
    int64_t gas = 0;

    // ---- Looked at by frequent instructions. ----
    uint8_t* memory = nullptr;
    uint64_t memory_size = 0;  ///< In bytes, a multiple of 32.
    const uint8_t* code_start = nullptr;
    uint64_t code_size = 0;
    /// The bitmap of state::Code.
    const sync::Atomic<uint64_t>* known_jump_destinations = nullptr;
    Context* context = nullptr;
    uint256* stack = nullptr;  ///< The bottom.
    uint64_t memory_room = 0;  ///< Bytes that the reserved memory still has for this frame.

    // ---- The message. ----
    const state::Code* code = nullptr;
    bytes_view input;
    /// The account whose storage and balance the code works on.
    state::AccountEntry* self = nullptr;
    address sender;
    uint256 value;
    FrameKind kind = FrameKind::call;
    bool is_static = false;  ///< EIP-214
    uint16_t depth = 0;
    /// Runs in place of code.
    const Precompile* precompile = nullptr;
    /// The account that was called, or that comes into being.
    address target;

    // ---- The end. ----
    Status status = Status::success;
    bytes_view output;
    /// Where the caller wants the output in its memory.
    uint64_t return_offset = 0;
    uint64_t return_size = 0;
    state::State::Checkpoint checkpoint{};
    /// Owns `code` of a creation.
    std::unique_ptr<const state::Code> init_code;

    [[nodiscard]] bool is_create() const noexcept { return kind == FrameKind::create || kind == FrameKind::create2; }
};

/// Ends the frame.
[[gnu::always_inline]] inline Step halt(Frame& frame, Status status) noexcept {
    frame.status = status;
    return Step::halt;
}

}  // namespace weft::evm
