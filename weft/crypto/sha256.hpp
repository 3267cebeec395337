// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

namespace weft::crypto {

/// SHA-256 (FIPS 180-4).
[[nodiscard]] hash32 sha256(bytes_view data) noexcept;

}  // namespace weft::crypto
