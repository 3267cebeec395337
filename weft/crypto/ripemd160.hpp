// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

namespace weft::crypto {

/// RIPEMD-160, 20 bytes.
[[nodiscard]] FixedBytes<20> ripemd160(bytes_view data) noexcept;

}  // namespace weft::crypto
