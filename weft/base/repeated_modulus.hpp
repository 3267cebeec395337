// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/uint256.hpp"

namespace weft {

/// mulmod() for callers that ask for one modulus many times in a row: a reciprocal of the modulus takes the place of the
/// long division.
class RepeatedModulus {
  public:
    [[nodiscard]] uint256 mulmod(const uint256& a, const uint256& b, const uint256& m) noexcept;

  private:
    void prepare() noexcept;

    /// At least 2^192, or zero: none yet.
    uint256 modulus_;
    uint256 normal_;      ///< The modulus shifted left until its top bit is set.
    uint256 reciprocal_;  ///< floor((2^512 - 1) / normal_) - 2^256
    unsigned shift_ = 0;
    bool is_prepared_ = false;  ///< The three above belong to modulus_.
};

}  // namespace weft
