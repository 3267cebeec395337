// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/state/state_view.hpp"

namespace weft::test {

/// Keeps whoever reads one account from going on until another one is read: the first transaction of a block, say, by its sender, until a
/// later one has begun.
///
/// Thread safety: as the view below.
class HeldView final : public state::StateView {
  public:
    HeldView(state::StateView& base, const address& held, const address& until) : base_(base), held_(held), until_(until) {
        is_read_.close();
    }

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override {
        if (addr == until_) is_read_.open();
        if (addr == held_) is_read_.wait();
        return base_.account(addr);
    }
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        return base_.storage(addr, slot);
    }
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& hash) override { return base_.code(hash); }
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }

  private:
    state::StateView& base_;
    address held_;
    address until_;
    sync::Gate is_read_;
};

}  // namespace weft::test
