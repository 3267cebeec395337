// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>

namespace weft {

/// Random numbers for tests and measurements, the same everywhere for the same seed (splitmix64).
class Random {
  public:
    explicit Random(uint64_t seed) noexcept : state_(seed) {}

    uint64_t next() noexcept {
        uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// In [0, bound).
    uint64_t below(uint64_t bound) noexcept { return next() % bound; }
    /// True in `percent` of a hundred cases.
    bool chance(unsigned percent) noexcept { return below(100) < percent; }

    template <typename Range>
    const auto& pick(const Range& range) noexcept {
        return range[below(std::size(range))];
    }
    template <typename T>
    T pick(std::initializer_list<T> list) noexcept {
        return list.begin()[below(list.size())];
    }

  private:
    uint64_t state_;
};

}  // namespace weft
