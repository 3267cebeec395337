// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/types/revision.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace weft::evm {

/// The price of what no amount of gas buys: an input beyond a limit (EIP-7823), or a cost of 2^64 and more. A caller
/// that holds this much gas still fails.
inline constexpr uint64_t kUnpayableGas = std::numeric_limits<uint64_t>::max();

/// A precompiled contract. A call first charges gas(input, revision); only a caller that has paid may call run, whose
/// time and memory are in proportion to that gas. A call that cannot pay, or whose run returns false, fails and loses
/// all gas given to it.
struct Precompile {
    std::string_view name;
    /// The whole address as a number.
    uint16_t number;
    types::Revision since;
    /// The cost in a revision not before `since`.
    uint64_t (*gas)(bytes_view input, types::Revision revision) noexcept;
    /// Replaces `output`. False: the input is invalid; `output` is then unspecified. `input` and `output` do not overlap.
    bool (*run)(bytes_view input, bytes& output);
};

/// Every precompiled contract of every revision, in the order of their addresses.
[[nodiscard]] std::span<const Precompile> all_precompiles() noexcept;

namespace detail {
/// Precondition: all bytes of the address but the last two are zero.
[[nodiscard]] const Precompile* find_precompile_by_number(uint16_t number, types::Revision revision) noexcept;
}  // namespace detail

/// The precompiled contract at `addr` in `revision`; nullptr when there is none.
[[nodiscard]] inline const Precompile* find_precompile(const address& addr, types::Revision revision) noexcept {
    uint64_t head = 0;
    uint64_t middle = 0;
    uint16_t before_number = 0;
    std::memcpy(&head, addr.data(), 8);
    std::memcpy(&middle, addr.data() + 8, 8);
    std::memcpy(&before_number, addr.data() + 16, 2);
    if ((head | middle | before_number) != 0) [[likely]]
        return nullptr;
    return detail::find_precompile_by_number(static_cast<uint16_t>(addr[18] << 8 | addr[19]), revision);
}

/// Whether the address is warm from the start of every transaction (EIP-2929).
[[nodiscard]] inline bool is_precompile(const address& addr, types::Revision revision) noexcept {
    return find_precompile(addr, revision) != nullptr;
}

}  // namespace weft::evm
