// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/sync.hpp"

#include <memory>
#include <optional>

namespace weft::state {

/// Immutable contract code, ready for the interpreter: padded with zero bytes (STOP) so that neither the program counter
/// nor the immediate bytes of a PUSH32 at the end leave the buffer, and carrying its valid jump destinations.
///
/// Thread safety: any number of threads may use one Code. The jump destinations are found on the first jump; two threads
/// that arrive together may both compute them, one result is kept, and both results are the same.
class Code {
  public:
    /// Zero bytes behind the code: the longest immediate (32) and a STOP; and as many as the search for jump destinations
    /// reads at once.
    static constexpr size_t kPadding = 64;

    explicit Code(bytes_view code);
    ~Code();
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;

    [[nodiscard]] bytes_view view() const noexcept { return {data_.get(), size_}; }
    /// The code, followed by kPadding zero bytes.
    [[nodiscard]] const uint8_t* data() const noexcept { return data_.get(); }
    [[nodiscard]] size_t size() const noexcept { return size_; }

    /// Bit i is set when byte i is a JUMPDEST and no immediate of a PUSH (Yellow Paper, section 9.4.3). Covers size() bits
    /// rounded up to whole words.
    [[nodiscard]] const uint64_t* jump_destinations() const noexcept;

    [[nodiscard]] bool is_jump_destination(uint64_t position) const noexcept {
        return position < size_ && ((jump_destinations()[position / 64] >> (position % 64)) & 1) != 0;
    }

    /// The delegate, when this code is a delegation designator 0xef0100 || address (EIP-7702).
    [[nodiscard]] std::optional<address> delegate() const noexcept;

  private:
    std::unique_ptr<uint8_t[]> data_;
    size_t size_;
    mutable sync::Atomic<const uint64_t*> jump_destinations_{nullptr};
};

/// The code of accounts without code.
[[nodiscard]] const Code& empty_code() noexcept;

/// keccak256 of the code, as accounts name it.
[[nodiscard]] hash32 code_hash_of(bytes_view code);

/// The designator that an authorization writes (EIP-7702).
[[nodiscard]] bytes delegation_designator(const address& delegate);

}  // namespace weft::state
