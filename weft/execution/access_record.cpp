// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/access_record.hpp"

#include "weft/base/assert.hpp"

namespace weft::execution {

namespace {

/// What the transaction did with the account but for its balance; nullopt: nothing.
std::optional<Access> access_of(const state::AccountEntry& account, const address& sender) {
    if (!account.loaded) return std::nullopt;
    const bool has_other_code = account.current.code_hash != account.original.code_hash;
    const bool has_other_nonce = account.current.nonce != account.original.nonce && account.addr != sender;
    const bool is_write = has_other_code || has_other_nonce || account.destroyed;
    const bool is_read = account.addr != sender && (account.observed & (state::kObservedNonce | state::kObservedCode)) != 0;
    if (!is_write && !is_read) return std::nullopt;
    return Access{.account = account.addr, .slot = std::nullopt, .is_write = is_write};
}

}  // namespace

void AccessRecord::record(size_t index, const types::Transaction& transaction, const address& sender,
                          const TransactionExecution& execution) {
    WEFT_ASSERT(index < entries_.size());
    Entry& entry = entries_[index];
    entry.code_hash = state::kEmptyCodeHash;
    entry.accesses.clear();
    const auto& accounts = execution.state().accounts();
    for (uint32_t i = 0; i < accounts.size(); ++i) {
        const state::AccountEntry& account = accounts[i];
        if (account.loaded && account.addr == transaction.to) entry.code_hash = account.original.code_hash;
        if (const auto access = access_of(account, sender)) entry.accesses.push_back(*access);
    }
    const auto& slots = execution.state().slots();
    for (uint32_t i = 0; i < slots.size(); ++i) {
        const state::SlotEntry& slot = slots[i];
        const bool is_write = slot.current != slot.original;
        if (slot.read || is_write)
            entry.accesses.push_back({.account = accounts[slot.account].addr, .slot = slot.key, .is_write = is_write});
    }
    const auto pairs = execution.hashed_pairs();
    entry.hashed_pairs.assign(pairs.begin(), pairs.end());
}

}  // namespace weft::execution
