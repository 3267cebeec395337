// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/simulation/fiber.hpp"

#include "weft/base/assert.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

namespace weft::simulation {

namespace {

/// makecontext() hands over nothing wider than an int.
void enter(unsigned high, unsigned low) {
    const auto* body = reinterpret_cast<const std::function<void()>*>(uint64_t{high} << 32 | low);  // NOLINT(performance-no-int-to-ptr)
    (*body)();
}

}  // namespace

Stack::Stack() {
    void* memory = mmap(nullptr, kGuard + kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    WEFT_ASSERT(memory != MAP_FAILED);
    WEFT_ASSERT(mprotect(memory, kGuard, PROT_NONE) == 0);
    memory_ = static_cast<std::byte*>(memory);
}

Stack::Stack(Stack&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}

Stack::~Stack() {
    if (memory_ != nullptr) munmap(memory_, kGuard + kSize);
}

std::byte* Stack::begin() const noexcept { return memory_ + kGuard; }

Fiber::Fiber(const Stack& stack, const std::function<void()>& body) {
    WEFT_ASSERT(getcontext(&context_) == 0);
    context_.uc_stack.ss_sp = stack.begin();
    context_.uc_stack.ss_size = Stack::size();
    context_.uc_link = nullptr;
    const auto argument = reinterpret_cast<uint64_t>(&body);
    makecontext(&context_, reinterpret_cast<void (*)()>(enter), 2, static_cast<unsigned>(argument >> 32), static_cast<unsigned>(argument));
}

void Fiber::switch_to(Fiber& other) { WEFT_ASSERT(swapcontext(&context_, &other.context_) == 0); }

}  // namespace weft::simulation
