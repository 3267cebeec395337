// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hash.hpp"

#include <random>

namespace weft {

// Alone in this file: a program that must do the same work in every run defines the function itself, and the linker then
// leaves this one out (bench/instructions.cpp).
uint64_t random_seed() {
    std::random_device entropy;
    return (uint64_t{entropy()} << 32) | entropy();
}

}  // namespace weft
