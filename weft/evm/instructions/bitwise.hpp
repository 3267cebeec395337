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

/// The upper word of high:low shifted left, the lower word of high:low shifted right; 0 <= bits < 64.
WEFT_BODY uint64_t upper_shifted(uint64_t high, uint64_t low, unsigned bits) noexcept { return high << bits | low >> 1 >> (63 - bits); }
WEFT_BODY uint64_t lower_shifted(uint64_t high, uint64_t low, unsigned bits) noexcept { return low >> bits | high << 1 << (63 - bits); }

// Shifts first within the limbs, then by one and by two limbs: selections in registers instead of limbs at computed places.

WEFT_BODY uint256 shifted_left(const uint256& count, const uint256& value) noexcept {
    if (!count.fits_u64() || count.w[0] > 255) return 0;
    const auto bits = static_cast<unsigned>(count.w[0] % 64);
    uint256 r{value.w[0] << bits, upper_shifted(value.w[1], value.w[0], bits), upper_shifted(value.w[2], value.w[1], bits),
              upper_shifted(value.w[3], value.w[2], bits)};
    if ((count.w[0] & 64) != 0) r = {0, r.w[0], r.w[1], r.w[2]};
    if ((count.w[0] & 128) != 0) r = {0, 0, r.w[0], r.w[1]};
    return r;
}

/// `fill` comes in from above.
WEFT_BODY uint256 shifted_right(const uint256& count, const uint256& value, uint64_t fill) noexcept {
    if (!count.fits_u64() || count.w[0] > 255) return {fill, fill, fill, fill};
    const auto bits = static_cast<unsigned>(count.w[0] % 64);
    uint256 r{lower_shifted(value.w[1], value.w[0], bits), lower_shifted(value.w[2], value.w[1], bits),
              lower_shifted(value.w[3], value.w[2], bits), lower_shifted(fill, value.w[3], bits)};
    if ((count.w[0] & 64) != 0) r = {r.w[1], r.w[2], r.w[3], fill};
    if ((count.w[0] & 128) != 0) r = {r.w[2], r.w[3], fill, fill};
    return r;
}

/// EIP-145
WEFT_BODY void shl(uint256* sp) noexcept { sp[-2] = shifted_left(load_word(sp[-1]), load_word(sp[-2])); }
WEFT_BODY void shr(uint256* sp) noexcept { sp[-2] = shifted_right(load_word(sp[-1]), load_word(sp[-2]), 0); }
WEFT_BODY void sar(uint256* sp) noexcept {
    const uint256 value = load_word(sp[-2]);
    sp[-2] = shifted_right(load_word(sp[-1]), value, value.is_negative() ? ~uint64_t{0} : 0);
}
/// EIP-7939
WEFT_BODY void clz(uint256* sp) noexcept { sp[-1] = uint64_t{count_leading_zeros(sp[-1])}; }

}  // namespace weft::evm::instructions
