// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

WEFT_BODY void lt(uint256* sp) noexcept { sp[-2] = uint64_t{load_word(sp[-1]) < load_word(sp[-2])}; }
WEFT_BODY void gt(uint256* sp) noexcept { sp[-2] = uint64_t{load_word(sp[-2]) < load_word(sp[-1])}; }
WEFT_BODY void slt(uint256* sp) noexcept { sp[-2] = uint64_t{weft::slt(load_word(sp[-1]), load_word(sp[-2]))}; }
WEFT_BODY void sgt(uint256* sp) noexcept { sp[-2] = uint64_t{weft::slt(load_word(sp[-2]), load_word(sp[-1]))}; }
WEFT_BODY void eq(uint256* sp) noexcept { sp[-2] = uint64_t{load_word(sp[-1]) == load_word(sp[-2])}; }
WEFT_BODY void iszero(uint256* sp) noexcept { sp[-1] = uint64_t{load_word(sp[-1]).is_zero()}; }
WEFT_BODY void bit_and(uint256* sp) noexcept { sp[-2] = load_word(sp[-1]) & load_word(sp[-2]); }
WEFT_BODY void bit_or(uint256* sp) noexcept { sp[-2] = load_word(sp[-1]) | load_word(sp[-2]); }
WEFT_BODY void bit_xor(uint256* sp) noexcept { sp[-2] = load_word(sp[-1]) ^ load_word(sp[-2]); }
WEFT_BODY void bit_not(uint256* sp) noexcept { sp[-1] = ~load_word(sp[-1]); }
WEFT_BODY void byte(uint256* sp) noexcept {
    const uint256& index = sp[-1];
    const bool inside = index.fits_u64() && index.w[0] < 32;
    // Byte 0 is the most significant one.
    const uint64_t from_low = 31 - (index.w[0] & 31);
    const uint64_t limb = sp[-2].w[from_low / 8];
    sp[-2] = inside ? limb >> (8 * (from_low % 8)) & 0xff : 0;
}

/// EIP-145
WEFT_BODY uint64_t shift_count(const uint256& count) noexcept { return count.fits_u64() ? count.w[0] : 256; }
WEFT_BODY void shl(uint256* sp) noexcept { sp[-2] = load_word(sp[-2]) << shift_count(load_word(sp[-1])); }
WEFT_BODY void shr(uint256* sp) noexcept { sp[-2] = load_word(sp[-2]) >> shift_count(load_word(sp[-1])); }
WEFT_BODY void sar(uint256* sp) noexcept { sp[-2] = weft::sar(load_word(sp[-2]), load_word(sp[-1])); }
/// EIP-7939
WEFT_BODY void clz(uint256* sp) noexcept { sp[-1] = uint64_t{count_leading_zeros(sp[-1])}; }

}  // namespace weft::evm::instructions
