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
/// nor the immediate bytes of a PUSH32 at the end leave the buffer, and knowing its valid jump destinations.
///
/// A transaction jumps to few of the destinations of a large contract. So each is looked into when it is jumped to for the first time,
/// from the 32 bytes before it: only a PUSH there can have it in its immediate. Code in which that takes long, or that is
/// asked for many destinations, is walked through once as a whole.
///
/// Thread safety: any number of threads may use one Code. What they find out about jump destinations is the same for all.
class Code {
  public:
    /// Zero bytes behind the code: the longest immediate (32) and a STOP; and as many as the search for jump destinations
    /// reads at once.
    static constexpr size_t kPadding = 64;

    explicit Code(bytes_view code);
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;

    [[nodiscard]] bytes_view view() const noexcept { return {data(), size_}; }
    /// The code, followed by kPadding zero bytes.
    [[nodiscard]] const uint8_t* data() const noexcept { return buffer_.get() + kFrontPadding; }
    [[nodiscard]] size_t size() const noexcept { return size_; }

    /// Bit i is set when byte i is known to be a valid jump destination. Covers size() bits rounded up to whole words.
    [[nodiscard]] const sync::Atomic<uint64_t>* known_jump_destinations() const noexcept { return known_.get(); }

    /// Whether the byte is a JUMPDEST and no immediate of a PUSH (Yellow Paper, section 9.4.3). Remembers that it is.
    [[nodiscard]] bool is_jump_destination(uint64_t position) const noexcept;

    /// Forgets what was found out about jump destinations. Nobody else uses the code meanwhile.
    void forget_jump_destinations() const noexcept;

    /// The delegate, when this code is a delegation designator 0xef0100 || address (EIP-7702).
    [[nodiscard]] std::optional<address> delegate() const noexcept;

  private:
    /// As many bytes as the longest immediate, so that those before any position can be read.
    static constexpr size_t kFrontPadding = 32;

    /// Whether it is one, from the bytes before it; nullopt: that takes too long by now.
    [[nodiscard]] std::optional<bool> ask_for(uint64_t position) const noexcept;
    void find_all() const noexcept;
    void walk_by_masks() const noexcept;
    void walk_by_instructions() const noexcept;

    std::unique_ptr<uint8_t[]> buffer_;
    size_t size_;
    // Relaxed: a set bit is true whoever set it, and no other memory depends on it. That a bit is not set means something only after
    // all_known_, which is released by who has set them all.
    std::unique_ptr<sync::Atomic<uint64_t>[]> known_;
    /// How many more bytes may be looked at for single questions. Written by those who ask, on a line that others do not read.
    alignas(sync::kCacheLine) mutable sync::Atomic<int64_t> budget_;
    mutable sync::Atomic<bool> all_known_{false};
};

/// The code of accounts without code.
[[nodiscard]] const Code& empty_code() noexcept;

/// keccak256 of the code, as accounts name it.
[[nodiscard]] hash32 code_hash_of(bytes_view code);

/// The designator that an authorization writes (EIP-7702).
[[nodiscard]] bytes delegation_designator(const address& delegate);

}  // namespace weft::state
