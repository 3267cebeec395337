// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace weft::test {

/// Blocks of memory that this process has taken from the C library, by whatever function: linking counting_allocator.cpp puts
/// counting versions in the place of malloc and its siblings, which operator new and C libraries call too. A block that
/// realloc moves or grows counts as a new one.
[[nodiscard]] uint64_t allocation_count() noexcept;

}  // namespace weft::test
