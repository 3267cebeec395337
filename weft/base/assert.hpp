// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft {

/// Prints the broken invariant and aborts. A failed assertion is a bug of weft, never the answer to bad input.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace weft

/// Checks an invariant in every build, release included.
#define WEFT_ASSERT(expression) \
    (__builtin_expect(static_cast<bool>(expression), 1) ? static_cast<void>(0) : ::weft::assertion_failed(#expression, __FILE__, __LINE__))
