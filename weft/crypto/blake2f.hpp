// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace weft::crypto {

/// The compression function F of BLAKE2b (RFC 7693, section 3.2) with a free number of rounds, as EIP-152 asks.
/// `h` is the state, updated in place; `m` the message block; `t` the offset counter, low word first; `final` marks
/// the last block. Time grows linearly with `rounds`, which may be any 32-bit number.
void blake2f(uint32_t rounds, std::array<uint64_t, 8>& h, const std::array<uint64_t, 16>& m, const std::array<uint64_t, 2>& t,
             bool final) noexcept;

}  // namespace weft::crypto
