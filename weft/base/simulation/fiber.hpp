// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>

namespace weft::simulation {

/// Memory to run on, with a page before it that nothing may touch.
class Stack {
  public:
    Stack();
    Stack(Stack&& other) noexcept;
    Stack& operator=(Stack&& other) = delete;
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    ~Stack();

    [[nodiscard]] std::byte* begin() const noexcept;
    [[nodiscard]] static constexpr size_t size() noexcept { return kSize; }

  private:
    static constexpr size_t kSize = size_t{1} << 20;
    static constexpr size_t kGuard = 4096;
    std::byte* memory_ = nullptr;
};

/// A flow of control. Fibers of one thread take turns: each runs until it switches to another. None is switched away from while it
/// handles an exception.
class Fiber {
  public:
    /// What the thread does by itself.
    Fiber() = default;
    /// Runs `body`, which does not return, on `stack`. Both outlive the fiber.
    Fiber(const Stack& stack, const std::function<void()>& body);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    ~Fiber() = default;

    /// Called by this fiber: `other` runs until somebody switches back.
    void switch_to(Fiber& other);

  private:
    ucontext_t context_{};
};

}  // namespace weft::simulation
