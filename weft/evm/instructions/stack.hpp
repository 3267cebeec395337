// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

#include <cstring>

namespace weft::evm::instructions {

WEFT_BODY void pop(uint256*) noexcept {}
WEFT_BODY void push0(uint256* sp) noexcept { sp[0] = 0; }

/// The code is padded behind its end, so that eight bytes can be read at any immediate byte.
WEFT_BODY uint64_t load_be64(const uint8_t* data) noexcept {
    uint64_t value = 0;
    std::memcpy(&value, data, 8);
    return __builtin_bswap64(value);
}

template <unsigned kBytes>
WEFT_BODY Step push(Registers& r, Frame&) noexcept {
    constexpr unsigned kWholeLimbs = kBytes / 8;
    constexpr unsigned kRest = kBytes % 8;
    const uint8_t* immediate = r.pc + 1;
    uint256 word;
    for (unsigned i = 0; i < kWholeLimbs; ++i) word.w[i] = load_be64(immediate + kBytes - 8 * (i + 1));
    if constexpr (kBytes == 1)
        word.w[0] = *immediate;
    else if constexpr (kRest != 0)
        word.w[kWholeLimbs] = load_be64(immediate) >> (64 - 8 * kRest);
    *r.sp = word;
    return Step::next;
}

template <unsigned kPosition>
WEFT_BODY void dup(uint256* sp) noexcept {
    sp[0] = load_word(sp[-static_cast<int>(kPosition)]);
}

template <unsigned kPosition>
WEFT_BODY void swap(uint256* sp) noexcept {
    uint256& other = sp[-1 - static_cast<int>(kPosition)];
    const uint256 top = load_word(sp[-1]);
    const uint256 below = load_word(other);
    sp[-1] = below;
    other = top;
}

}  // namespace weft::evm::instructions
