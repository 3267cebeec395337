// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/random.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/state/state_diff.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace weft::state {

/// Random differences over few accounts and slots, so that they meet again and again: for tests.
class RandomDiffs {
  public:
    RandomDiffs(uint64_t seed, uint64_t addresses, uint64_t slots) : random_(seed), addresses_(addresses), slots_(slots) {}

    /// A difference to `state`.
    StateDiff next(const MemoryState& state) {
        StateDiff diff;
        const unsigned removals = random_.pick({5U, 20U, 70U});
        for (uint64_t i = random_.below(12); i > 0; --i) {
            const address addr = address_of(1 + random_.below(addresses_));
            const auto record = state.accounts().find(addr);
            const bool exists = record != state.accounts().end();
            AccountDiff account;
            if (!random_.chance(removals)) account = change(exists ? &record->second : nullptr);
            if (!account.account && !exists) continue;
            diff.accounts.insert_or_assign(addr, std::move(account));
        }
        return diff;
    }

  private:
    AccountDiff change(const MemoryState::AccountRecord* record) {
        AccountDiff diff{.account = Account{.nonce = random_.below(3), .balance = uint256{random_.next()}}};
        diff.storage_wiped = record != nullptr && !record->storage.empty() && random_.chance(15);
        if (random_.chance(30)) return diff;
        std::map<uint256, uint256> slots;
        const bool erases = random_.chance(40);
        for (uint64_t i = 1 + random_.below(2 * slots_); i > 0; --i) {
            const uint256 slot{random_.below(slots_)};
            slots[slot] = erases || random_.chance(40) ? uint256{} : uint256{1 + random_.below(1000), 0, 0, random_.below(2)};
        }
        for (const auto& [slot, value] : slots) diff.slots.push_back({slot, value});
        return diff;
    }

    Random random_;
    uint64_t addresses_;
    uint64_t slots_;
};

}  // namespace weft::state
