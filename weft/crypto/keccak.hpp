// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <span>

namespace weft::crypto {

/// Keccak-256 as Ethereum uses it (Yellow Paper, KEC): rate 136 bytes and the original padding 0x01, not the 0x06 of
/// FIPS 202. Any length; safe from every thread.
[[nodiscard]] hash32 keccak256(bytes_view data) noexcept;

/// The digests of several messages: keccak256 of each, in lanes of wide registers where the processor has them, and then several times
/// as fast. Pass as many at a time as there are; their lengths may differ. `messages` and `digests` have the same size.
void keccak256_batch(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept;

/// keccak256 of the empty string: the code hash of an account without code.
inline constexpr hash32 kKeccakOfEmpty{{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
                                         0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}}};

}  // namespace weft::crypto
