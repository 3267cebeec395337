// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace weft {

/// Asks for all cache lines of an object that will be read soon.
template <typename T>
inline void prefetch(const T& object) noexcept {
    constexpr size_t kLine = 64;
    const char* const begin = reinterpret_cast<const char*>(&object);
    for (size_t i = 0; i < sizeof(T); i += kLine) __builtin_prefetch(begin + i);
}

}  // namespace weft
