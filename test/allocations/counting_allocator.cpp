// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/allocations/counting_allocator.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

// The names under which glibc offers its own allocator to whoever replaces the public names.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
void* __libc_malloc(size_t size) noexcept;
void* __libc_calloc(size_t count, size_t size) noexcept;
void* __libc_realloc(void* block, size_t size) noexcept;
void* __libc_memalign(size_t alignment, size_t size) noexcept;
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace {

std::atomic<uint64_t> count{0};

}  // namespace

namespace weft::test {

uint64_t allocation_count() noexcept { return count.load(); }

}  // namespace weft::test

extern "C" {

void* malloc(size_t size) noexcept {
    ++count;
    return __libc_malloc(size);
}

void* calloc(size_t elements, size_t size) noexcept {
    ++count;
    return __libc_calloc(elements, size);
}

void* realloc(void* block, size_t size) noexcept {
    ++count;
    return __libc_realloc(block, size);
}

void* memalign(size_t alignment, size_t size) noexcept {
    ++count;
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept {
    ++count;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) noexcept {
    ++count;
    *block = __libc_memalign(alignment, size);
    return *block == nullptr ? ENOMEM : 0;
}
}
