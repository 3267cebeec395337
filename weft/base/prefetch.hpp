// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

#include <algorithm>
#include <cstddef>

namespace weft {

/// Asks for the cache lines of memory that will be read soon.
inline void prefetch(const void* begin, size_t size) noexcept {
    constexpr size_t kLine = 64;
    for (size_t i = 0; i < size; i += kLine) __builtin_prefetch(static_cast<const char*>(begin) + i);
}

/// The same for the beginning of bytes, which may be many.
inline void prefetch_beginning(bytes_view bytes) noexcept {
    constexpr size_t kMost = 512;
    prefetch(bytes.data(), std::min(bytes.size(), kMost));
}

/// The same for all of an object.
template <typename T>
inline void prefetch(const T& object) noexcept {
    prefetch(&object, sizeof(T));
}

/// Asks for the first cache line of an object that will be written soon, and that another core may have written last.
template <typename T>
inline void prefetch_to_write(const T& object) noexcept {
    __builtin_prefetch(&object, 1);
}

}  // namespace weft
