// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_view.hpp"

#include <cstdint>
#include <new>

namespace weft::state {

/// Answers like another view, but for one account, whose reading fails or throws: for tests.
///
/// Thread safety: that of the other view.
class FaultyView final : public StateView {
  public:
    enum class Fault : uint8_t { failure, exhausted_memory };

    /// `base` outlives this.
    FaultyView(StateView& base, const address& faulty, Fault fault) : base_(base), faulty_(faulty), fault_(fault) {}

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override {
        if (addr == faulty_ && fault_ == Fault::failure) return std::unexpected(ReadError{.kind = ReadError::Kind::failed, .detail = 5});
        if (addr == faulty_ && fault_ == Fault::exhausted_memory) throw std::bad_alloc();
        return base_.account(addr);
    }
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return base_.storage(addr, slot); }
    [[nodiscard]] ReadResult<const Code*> code(const hash32& code_hash) override { return base_.code(code_hash); }
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }

  private:
    StateView& base_;
    address faulty_;
    Fault fault_;
};

}  // namespace weft::state
