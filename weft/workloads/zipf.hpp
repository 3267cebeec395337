// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/random.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace weft::workloads {

/// Draws numbers below a bound, k in proportion to 1 / (k + 1): Zipf's law with exponent 1, in integers, so that every machine draws
/// the same.
class Zipf {
  public:
    Zipf() = default;
    explicit Zipf(uint64_t bound) {
        constexpr uint64_t kUnit = uint64_t{1} << 40;
        uint64_t sum = 0;
        for (uint64_t k = 0; k < bound; ++k) sums_.push_back(sum += kUnit / (k + 1));
    }

    [[nodiscard]] uint64_t draw(Random& random) const {
        return static_cast<uint64_t>(std::ranges::upper_bound(sums_, random.below(sums_.back())) - sums_.begin());
    }

  private:
    std::vector<uint64_t> sums_;  ///< Of the weights up to and with each number.
};

}  // namespace weft::workloads
