// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

namespace weft::types {

/// A validator's withdrawal (EIP-4895).
struct Withdrawal {
    uint64_t index = 0;
    uint64_t validator_index = 0;
    address recipient;    ///< `address` in the EIP
    uint64_t amount = 0;  ///< in Gwei

    friend bool operator==(const Withdrawal&, const Withdrawal&) = default;
};

[[nodiscard]] bytes encode(const Withdrawal& withdrawal);

}  // namespace weft::types
