// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/random.hpp"
#include "weft/base/sync.hpp"
#include "weft/state/state_view.hpp"

#include <optional>

namespace weft::test {

/// How a ShakyView disturbs its readers, in hundredths of all reads.
struct Disturbance {
    uint64_t seed = 0;
    unsigned pending = 0;
    unsigned blocked = 0;
    unsigned yield = 0;
    /// Reading this account, or its storage, fails.
    std::optional<address> broken_account;
};

/// Another view's answers, some of them late: reads are pending or blocked at random, and threads lose their core at random, so
/// that the same block meets many schedules. An answer that is given is always the same.
class ShakyView final : public state::StateView {
  public:
    static constexpr uint64_t kFailure = 77;
    /// After so many reads all come at once: what begins again at every late read would else never end.
    static constexpr uint64_t kDisturbedReads = 1'000;

    ShakyView(state::StateView& view, const Disturbance& disturbance) : view_(view), disturbance_(disturbance) {}

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override {
        if (const auto error = disturb(&addr)) return std::unexpected(*error);
        return view_.account(addr);
    }
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        if (const auto error = disturb(&addr)) return std::unexpected(*error);
        return view_.storage(addr, slot);
    }
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override {
        if (const auto error = disturb(nullptr)) return std::unexpected(*error);
        return view_.code(code_hash);
    }
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override {
        if (const auto error = disturb(nullptr)) return std::unexpected(*error);
        return view_.block_hash(number);
    }
    void wait(const state::ReadError& /*error*/) override { sync::yield(); }

  private:
    [[nodiscard]] std::optional<state::ReadError> disturb(const address* addr) {
        if (addr != nullptr && disturbance_.broken_account == *addr)
            return state::ReadError{.kind = state::ReadError::Kind::failed, .detail = kFailure};
        if (disturbance_.pending + disturbance_.blocked + disturbance_.yield == 0) return std::nullopt;
        // Relaxed: any number will do.
        const uint64_t read = reads_.fetch_add(1, sync::kRelaxed);
        if (read >= kDisturbedReads) return std::nullopt;
        uint64_t dice = Random(disturbance_.seed + read).below(100);
        if (dice < disturbance_.pending) return state::ReadError{.kind = state::ReadError::Kind::pending, .detail = dice};
        dice -= disturbance_.pending;
        if (dice < disturbance_.blocked) return state::ReadError{.kind = state::ReadError::Kind::blocked, .detail = dice};
        dice -= disturbance_.blocked;
        if (dice < disturbance_.yield) sync::yield();
        return std::nullopt;
    }

    state::StateView& view_;
    Disturbance disturbance_;
    sync::Atomic<uint64_t> reads_{0};
};

}  // namespace weft::test
