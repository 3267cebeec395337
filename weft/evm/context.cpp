// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/context.hpp"

#include <cstring>

namespace weft::evm {

Frame& Context::push_frame(FrameKind kind, uint256* stack_bottom) {
    if (frames.size() == depth) frames.push_back(std::make_unique<Frame>());
    Frame& frame = *frames[depth];
    uint8_t* memory_start = depth == 0 ? memory.data() + kMemoryOffset : frames[depth - 1]->memory + frames[depth - 1]->memory_size;
    stack.commit(reinterpret_cast<const uint8_t*>(stack_bottom + kMaxStackHeight));
    frame.sp = frame.stack = stack_bottom;
    frame.memory = memory_start;
    frame.memory_size = 0;
    frame.memory_room = static_cast<uint64_t>(memory.data() + memory.size() - memory_start);
    frame.context = this;
    frame.kind = kind;
    frame.depth = static_cast<uint16_t>(depth);
    frame.precompile = nullptr;
    frame.status = Status::success;
    frame.output = {};
    frame.return_offset = frame.return_size = 0;
    ++depth;
    return frame;
}

void Context::pop_frame() noexcept {
    top().init_code.reset();
    --depth;
}

void Context::set_code(Frame& frame, const state::Code& code) noexcept {
    frame.code = &code;
    frame.code_start = frame.pc = code.data();
    frame.code_size = code.size();
    frame.known_jump_destinations = code.known_jump_destinations();
}

void grow_memory(Frame& frame, uint64_t end) {
    if (end <= frame.memory_size) return;
    const uint64_t size = words_of(end) * 32;
    frame.context->memory.commit(frame.memory + size);
    std::memset(frame.memory + frame.memory_size, 0, size - frame.memory_size);
    frame.memory_size = size;
}

}  // namespace weft::evm
