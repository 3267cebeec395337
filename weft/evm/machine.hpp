// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/message.hpp"
#include "weft/evm/repeated_hashes.hpp"
#include "weft/state/state.hpp"

#include <memory>
#include <span>

namespace weft::evm {

class TraceSink;  // weft/evm/tracer.hpp

/// Whether an execution came to its end or waits for a read (State::read_error() says for which).
enum class [[nodiscard]] Progress : uint8_t { finished, blocked };

/// How the outermost frame ended.
struct Outcome {
    Status status = Status::success;
    /// Gas left to the caller: zero after an exceptional halt.
    int64_t gas_left = 0;
    /// Return data, or revert data. Valid until the next start().
    bytes_view output;
};

/// The virtual machine with all it needs to run one message to its end: stack, memory, frames. It keeps its memory from
/// one message to the next, and a blocked execution rests in it until resume(), on any thread.
///
/// Thread safety: none; a machine runs one message at a time.
class Machine {
  public:
    Machine();
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Runs the outermost frame of a transaction over `state`, whose revision rules. The value is transferred, a creation
    /// is checked for a collision and its code deposited; a delegation designator in the recipient's code is followed
    /// (EIP-7702; warming the delegate is part of it). The caller has done everything that belongs to the transaction: nonce, gas purchase,
    /// warm sets. On a halt the state is back where it was at the start. `block` and `transaction` outlive the execution.
    /// `trace` may be null.
    Progress start(state::State& state, const BlockContext& block, const TransactionContext& transaction, const Message& message,
                   TraceSink* trace = nullptr);

    /// Goes on where a blocked execution waits.
    Progress resume();

    /// After Progress::blocked, and while an instruction uses the state: what all frames together have left.
    [[nodiscard]] int64_t gas_left() const noexcept;

    /// Valid after Progress::finished.
    [[nodiscard]] const Outcome& outcome() const noexcept;

    /// From here on, also in a message that has begun, what KECCAK256 makes of 64 bytes is remembered there, which
    /// outlives all execution; until then the machine has a place of its own.
    void use_hashes(RepeatedHashes& hashes) noexcept;

    /// Whether, from the next start() on, hashed_pairs() are kept.
    void keep_hashed_pairs(bool keep) noexcept;
    /// What KECCAK256 has made of 64 bytes since start(), each at least once, reverted or not.
    [[nodiscard]] std::span<const HashedPair> hashed_pairs() const noexcept;

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace weft::evm
