// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace weft::state {

/// Elements with stable addresses that are kept and reused from one transaction to the next.
template <typename T>
class Pool {
  public:
    [[nodiscard]] uint32_t size() const noexcept { return size_; }
    [[nodiscard]] T& operator[](uint32_t i) noexcept { return chunks_[i / kChunk][i % kChunk]; }
    [[nodiscard]] const T& operator[](uint32_t i) const noexcept { return chunks_[i / kChunk][i % kChunk]; }
    /// The next element, as its last user left it.
    [[nodiscard]] T& append() {
        if (size_ == chunks_.size() * kChunk) [[unlikely]]
            grow();
        return (*this)[size_++];
    }
    /// The last element is free again.
    void remove_last() noexcept { --size_; }
    void clear() noexcept { size_ = 0; }

  private:
    [[gnu::noinline]] void grow() { chunks_.push_back(std::make_unique<T[]>(kChunk)); }

    static constexpr uint32_t kChunk = 64;
    std::vector<std::unique_ptr<T[]>> chunks_;
    uint32_t size_ = 0;
};

}  // namespace weft::state
