// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

namespace weft::crypto {

/// base^exponent modulo modulus over big-endian numbers of any length (EIP-198), left-padded to the length of
/// `modulus`. Empty numbers are zero; 0^0 is 1; a zero modulus gives zero. The caller bounds the lengths.
[[nodiscard]] bytes modexp(bytes_view base, bytes_view exponent, bytes_view modulus);

}  // namespace weft::crypto
