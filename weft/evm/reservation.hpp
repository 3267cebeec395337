// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::evm {

/// Address space that is reserved at once and becomes usable from its start as needed, so that pointers into it stay valid
/// while it grows.
class Reservation {
  public:
    /// Reserves `size` bytes, rounded up to whole steps. Fails only when the process is out of address space, which ends it.
    explicit Reservation(uint64_t size);
    ~Reservation();
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    [[nodiscard]] uint8_t* data() const noexcept { return data_; }
    [[nodiscard]] uint64_t size() const noexcept { return size_; }

    /// Makes the bytes before `end` usable. Out of memory ends the process.
    void commit(const uint8_t* end) {
        if (end > committed_) [[unlikely]]
            extend(end);
    }
    /// Gives the memory behind the first `keep` bytes back to the system.
    void trim(uint64_t keep) noexcept;

  private:
    void extend(const uint8_t* end);

    uint64_t size_;
    uint8_t* data_;
    const uint8_t* committed_;
};

}  // namespace weft::evm
