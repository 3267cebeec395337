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
        /// Of a slot: there is an answer, watched_value() of the ticket `detail`, and the view wants to know what becomes of it, stored().
        watched,
    };
    Kind kind;
    uint64_t detail = 0;

    friend bool operator==(const ReadError&, const ReadError&) noexcept = default;
};

template <typename T>
using ReadResult = std::expected<T, ReadError>;

/// Who waits for reads that are under way.
class ReadListener {
  public:
    /// The read that `tag` stands for has ended: the question may be asked again. Called by any thread.
    virtual void read_ended(uint64_t tag) noexcept = 0;

  protected:
    ~ReadListener() = default;
};

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

    // The answers to reads that were `relative` or `watched`. Views that never answer so need not have them.
    [[nodiscard]] virtual uint256 relative_value(uint64_t ticket) const {
        static_cast<void>(ticket);
        return {};
    }
    [[nodiscard]] virtual uint256 watched_value(uint64_t ticket) const {
        static_cast<void>(ticket);
        return {};
    }
    /// The transaction has stored another value in a slot that is `watched`. It may do so again, or take it back.
    virtual void stored(uint64_t ticket, const uint256& value) { static_cast<void>(ticket), static_cast<void>(value); }

    /// Returns when a read that was `pending` or `blocked` may be asked again. Views that never answer so need not have it.
    virtual void wait(const ReadError& error) { static_cast<void>(error); }

    // Of use to a view whose reads are slow: others can go on meanwhile. Any view may do without.

    /// Calls listener.read_ended(tag) once when the read of a `pending` answer with that ticket has ended, however it ends; maybe before
    /// this returns. false: it never will, because the read has ended already or the view tells nobody.
    [[nodiscard]] virtual bool tell_when_ended(uint64_t ticket, ReadListener& listener, uint64_t tag) noexcept {
        static_cast<void>(ticket), static_cast<void>(listener), static_cast<void>(tag);
        return false;
    }

    /// Whether first answers are mostly `pending`, so that it pays to have many questions open at once, and to ask ahead.
    [[nodiscard]] virtual bool is_slow() const noexcept { return false; }

    /// The location will probably be asked for soon; of an account, its code as well.
    virtual void prefetch_account(const address& addr) { static_cast<void>(addr); }
    virtual void prefetch_storage(const address& addr, const uint256& slot) { static_cast<void>(addr), static_cast<void>(slot); }
};

}  // namespace weft::state
