// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/evm/frame.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weft::evm {

/// One executed instruction (EIP-3155). All views hold during the callback.
struct StepTrace {
    uint64_t pc = 0;
    uint8_t opcode = 0;
    std::string_view name;
    /// 1 for the outermost frame.
    unsigned depth = 1;
    // ---- Before the instruction. ----
    int64_t gas = 0;
    /// Bottom first.
    std::span<const uint256> stack;
    uint64_t memory_size = 0;
    bytes_view return_data;
    // ---- Its effect. ----
    /// What was charged, with the gas of the child that a call enters, without that of a creation.
    int64_t gas_cost = 0;
    /// The refund counter, with what the instruction adds.
    int64_t refund = 0;
    /// How the frame ended, when it ended here and exceptionally.
    std::optional<Status> error;
};

/// A frame that begins.
struct EnterTrace {
    FrameKind kind = FrameKind::call;
    unsigned depth = 1;
    int64_t gas = 0;
    address sender;
    /// The account that was called or comes into being.
    address target;
    uint256 value;
    /// Call data or init code.
    bytes_view input;
};

/// A frame that has ended.
struct ExitTrace {
    Status status = Status::success;
    unsigned depth = 1;
    int64_t gas_left = 0;
    bytes_view output;
};

/// Watches an execution. An instruction that enters a child is reported before the child is; one that a missing read holds up
/// is reported once, when it has been executed.
class TraceSink {
  public:
    virtual ~TraceSink() = default;
    virtual void on_step(const StepTrace& /*step*/) {}
    virtual void on_enter(const EnterTrace& /*frame*/) {}
    virtual void on_exit(const ExitTrace& /*frame*/) {}
};

/// How a frame ended, in words.
[[nodiscard]] std::string_view to_string(Status status) noexcept;

/// The name of an opcode in any revision; "opcode 0xNN not defined" for those that none has.
[[nodiscard]] std::string_view opcode_name(uint8_t opcode) noexcept;

}  // namespace weft::evm
