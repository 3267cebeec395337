// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"

#include <boost/container/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft {

/// Bytes one behind the other, whose room is not cleared before they are written.
class Buffer {
  public:
    [[nodiscard]] bool empty() const noexcept { return data_.empty(); }
    [[nodiscard]] size_t size() const noexcept { return data_.size(); }
    [[nodiscard]] bytes_view view() const noexcept { return {data_.data(), data_.size()}; }

    /// Room for `more` bytes behind the last one, to be written by the caller; valid until there is more.
    [[nodiscard]] uint8_t* grow(size_t more) {
        const size_t end = data_.size();
        data_.resize(end + more, boost::container::default_init);
        return data_.data() + end;
    }
    void append(bytes_view part) {
        if (!part.empty()) std::memcpy(grow(part.size()), part.data(), part.size());
    }
    /// Keeps the memory for what comes next, unless it is large.
    void clear() noexcept {
        constexpr size_t kLarge = size_t{8} << 20U;
        if (data_.capacity() > kLarge)
            data_ = Data();
        else
            data_.clear();
    }

  private:
    using Data = boost::container::vector<uint8_t>;

    Data data_;
};

}  // namespace weft
