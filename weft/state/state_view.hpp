// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/state/account.hpp"
#include "weft/state/code.hpp"

#include <expected>
#include <optional>

namespace weft::state {

/// Why a read has no answer yet, or never.
struct ReadError {
    enum class Kind : uint8_t {
        blocked,  ///< Transaction `detail` of this block, still unfinished, is known to write the location.
        pending,  ///< The read is under way; `detail` is its ticket.
        failed,   ///< The storage failed; `detail` is the view's own error code.
        /// Of a slot: there is an answer, but likely another one in the end. Who can do with that (RelativeSlot) asks for it by the ticket
        /// `detail`.
        relative,
    };
    Kind kind;
    uint64_t detail = 0;

    friend bool operator==(const ReadError&, const ReadError&) noexcept = default;
};

template <typename T>
using ReadResult = std::expected<T, ReadError>;

/// The state that transactions execute on: the one seam between the engine and whoever keeps the state.
///
/// Thread safety: executors call all members from several threads at once; an implementation allows that.
/// Stability: until the block's execution ends, the same question gets the same answer, and every Code that was handed
/// out stays alive.
class StateView {
  public:
    virtual ~StateView() = default;

    /// The account, or nullopt where there is none.
    [[nodiscard]] virtual ReadResult<std::optional<Account>> account(const address& addr) = 0;

    /// The value of a storage slot; zero where nothing is stored.
    [[nodiscard]] virtual ReadResult<uint256> storage(const address& addr, const uint256& slot) = 0;

    /// The code with that hash, of an account that this view returned. Never called for kEmptyCodeHash.
    [[nodiscard]] virtual ReadResult<const Code*> code(const hash32& code_hash) = 0;

    /// The hash of block `number`, one of the 256 ancestors of the block that executes (Yellow Paper, BLOCKHASH).
    [[nodiscard]] virtual ReadResult<hash32> block_hash(uint64_t number) = 0;

    /// The answer to a read that was `relative`. Views that never answer so need not have it.
    [[nodiscard]] virtual uint256 relative_value(uint64_t ticket) const {
        static_cast<void>(ticket);
        return {};
    }

    /// Returns when a read that was `pending` or `blocked` may be asked again. Views that never answer so need not have it.
    virtual void wait(const ReadError& error) { static_cast<void>(error); }
};

}  // namespace weft::state
