// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/repeated_modulus.hpp"
#include "weft/evm/frame.hpp"
#include "weft/evm/instruction_table.hpp"
#include "weft/evm/relative_words.hpp"
#include "weft/evm/repeated_hashes.hpp"
#include "weft/evm/reservation.hpp"

#include <memory>
#include <vector>

namespace weft::evm {

class TraceSink;

/// Address space for all memories of a machine. A frame whose memory does not fit runs out of gas; to get there takes more
/// gas than a transaction can have: 2^32 bytes in 1024 equal frames cost 3.4e10 (Yellow Paper, eq. 326).
inline constexpr uint64_t kMemoryReservation = uint64_t{1} << 32;
/// The outermost memory begins a little into the reservation. Loads and stores whose addresses agree in the low 12 bits hold
/// each other up; this keeps the first words of the memory apart from those of the stack.
inline constexpr uint64_t kMemoryOffset = 2048;
/// Every frame may fill its stack; children start where the parent's operands end.
inline constexpr uint64_t kStackReservation = uint64_t{kMaxDepth + 1} * kMaxStackHeight * sizeof(uint256);

/// What the frames of one machine share.
struct Context {
    state::State* state = nullptr;
    const BlockContext* block = nullptr;
    const TransactionContext* transaction = nullptr;
    const Rules* rules = nullptr;
    const RevisionTable* table = nullptr;
    TraceSink* trace = nullptr;
    /// Gas of the frame after the charge of its last CALL, child's gas included, or CREATE, without it; for traces.
    int64_t gas_after_charge = 0;
    /// Output of the last child of the running frame (EIP-211).
    bytes return_data;
    bytes precompile_output;
    /// What KECCAK256 made of 64 bytes; the machine says whose they are.
    RepeatedHashes* hashes = nullptr;
    /// The modulus of the last MULMOD.
    RepeatedModulus modulus;
    /// On the stack of the running frame.
    RelativeWords relative_words;

    Reservation stack{kStackReservation};
    Reservation memory{kMemoryReservation};
    std::vector<std::unique_ptr<Frame>> frames;
    size_t depth = 0;  ///< Number of live frames.

    [[nodiscard]] Frame& top() noexcept { return *frames[depth - 1]; }
    [[nodiscard]] Frame& parent() noexcept { return *frames[depth - 2]; }

    /// A new frame on top, with its own empty stack and memory. `stack_bottom` lies above all that its caller keeps.
    Frame& push_frame(FrameKind kind, uint256* stack_bottom);
    void pop_frame() noexcept;

    /// Points the frame at code that `owner` keeps alive.
    static void set_code(Frame& frame, const state::Code& code) noexcept;
};

/// Gas that cannot be paid, far enough from the limits of int64_t to be added to.
inline constexpr int64_t kUnpayable = INT64_MAX / 4;

/// Subtracts a cost of at most kUnpayable from the frame's gas; false: out of gas.
[[nodiscard]] inline bool charge(Frame& frame, int64_t cost) noexcept {
    frame.gas -= cost;
    return frame.gas >= 0;
}

[[nodiscard]] constexpr uint64_t words_of(uint64_t size) noexcept { return (size + 31) / 32; }

/// A part of the frame's memory that an instruction works on.
struct MemoryRange {
    uint64_t offset = 0;
    uint64_t size = 0;
    [[nodiscard]] uint64_t end() const noexcept { return offset + size; }
};

/// The range that two operands name. Without bytes the offset does not matter; a range out of reach ends where no gas pays
/// for it.
[[nodiscard]] inline MemoryRange memory_range(const uint256& offset, const uint256& size) noexcept {
    if (size.is_zero()) return {};
    const auto in_reach = [](const uint256& v) { return v.fits_u64() && v.w[0] <= kMemoryReservation; };
    if (!in_reach(offset) || !in_reach(size)) return {kMemoryReservation, kMemoryReservation};
    return {offset.w[0], size.w[0]};
}

/// Cost of growing the memory to `end` bytes (Yellow Paper, eq. 326), end < 2^34.
[[nodiscard]] inline int64_t growth_cost(const Frame& frame, uint64_t end) noexcept {
    if (end <= frame.memory_size) return 0;
    if (end > frame.memory_room) return kUnpayable;
    const uint64_t now = words_of(end);
    const uint64_t before = frame.memory_size / 32;
    return static_cast<int64_t>(3 * (now - before) + now * now / 512 - before * before / 512);
}

/// Makes the memory reach to `end` bytes, paid for and within the room; new bytes are zero.
void grow_memory(Frame& frame, uint64_t end);

/// Charges for a range and makes the memory cover it; false: out of gas.
[[nodiscard]] inline bool charge_memory(Frame& frame, const MemoryRange& range) {
    if (range.end() <= frame.memory_size) return true;
    if (!charge(frame, growth_cost(frame, range.end()))) return false;
    grow_memory(frame, range.end());
    return true;
}

[[nodiscard]] inline bytes_view view_of(const Frame& frame, const MemoryRange& range) noexcept {
    return {frame.memory + range.offset, range.size};
}

}  // namespace weft::evm
