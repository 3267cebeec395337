// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_view.hpp"

#include <set>
#include <utility>

namespace weft::state {

/// Answers the first question about every location with `pending`, and with the answer of another view from then on: for
/// tests that an execution which is suspended at each of its reads ends like one that is not.
///
/// Thread safety: none.
class HesitantView final : public StateView {
  public:
    /// `base` outlives this.
    explicit HesitantView(StateView& base) : base_(base) {}

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override {
        if (is_first(accounts_, addr)) return pending();
        return base_.account(addr);
    }
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        if (is_first(slots_, std::pair{addr, slot})) return pending();
        return base_.storage(addr, slot);
    }
    [[nodiscard]] ReadResult<const Code*> code(const hash32& code_hash) override {
        if (is_first(codes_, code_hash)) return pending();
        return base_.code(code_hash);
    }
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override {
        if (is_first(blocks_, number)) return pending();
        return base_.block_hash(number);
    }

    /// How often a read was put off; the ticket of the last one.
    [[nodiscard]] uint64_t hesitations() const noexcept { return hesitations_; }

  private:
    template <typename Location>
    static bool is_first(std::set<Location>& seen, const Location& location) {
        return seen.insert(location).second;
    }
    std::unexpected<ReadError> pending() noexcept {
        return std::unexpected(ReadError{.kind = ReadError::Kind::pending, .detail = ++hesitations_});
    }

    StateView& base_;
    std::set<address> accounts_;
    std::set<std::pair<address, uint256>> slots_;
    std::set<hash32> codes_;
    std::set<uint64_t> blocks_;
    uint64_t hesitations_ = 0;
};

}  // namespace weft::state
