// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace weft {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "weft: invariant broken: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace weft
