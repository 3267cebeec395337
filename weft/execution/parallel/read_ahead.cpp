// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/read_ahead.hpp"

#include "weft/execution/system_contracts.hpp"

#include <algorithm>

namespace weft::execution::parallel {

namespace {

using types::Revision;

/// Excess, count, head and tail of the queues (EIP-7002, EIP-7251) are in the first slots.
constexpr uint64_t kQueueSlots = 4;

}  // namespace

void ReadAhead::begin(const BlockInput& block, state::StateView& view, size_t distance) {
    block_ = &block;
    view_ = view.is_slow() ? &view : nullptr;
    distance_ = distance;
    hints_.clear();
    next_ = 0;
    if (!is_active()) return;
    ask_for_the_edges();
    if (block.hints == nullptr) return;
    // Hints are asked by one thread.
    for (size_t i = 0; i < block.transactions.size(); ++i) hints_.push_back(block.hints->of(i));
}

/// What the steps before and after the transactions read, and whom they pay.
void ReadAhead::ask_for_the_edges() {
    const Revision revision = block_->rules.revision;
    if (revision >= Revision::Cancun) view_->prefetch_account(kBeaconRoots);
    if (revision >= Revision::Prague) {
        for (const address& contract : {kHistoryStorage, kWithdrawalRequests, kConsolidationRequests}) view_->prefetch_account(contract);
        for (const address& contract : {kWithdrawalRequests, kConsolidationRequests})
            for (uint64_t slot = 0; slot < kQueueSlots; ++slot) view_->prefetch_storage(contract, slot);
    }
    view_->prefetch_account(block_->header->beneficiary);
    for (const types::Withdrawal& withdrawal : block_->withdrawals) view_->prefetch_account(withdrawal.recipient);
}

void ReadAhead::advance(uint32_t frontier, size_t most) {
    const auto end = static_cast<uint32_t>(std::min(block_->transactions.size(), frontier + distance_));
    // Relaxed: it hands out numbers and orders nothing.
    uint32_t next = next_.load(sync::kRelaxed);
    while (most != 0 && next < end) {
        if (!next_.compare_exchange_weak(next, next + 1, sync::kRelaxed)) continue;
        ask_for(next++);
        --most;
    }
}

void ReadAhead::ask_for(uint32_t index) {
    const types::Transaction& transaction = block_->transactions[index];
    if (block_->senders[index]) view_->prefetch_account(*block_->senders[index]);
    if (transaction.to) view_->prefetch_account(*transaction.to);
    size_t left = kMostLocations;
    const auto is_enough = [&] {
        if (left > 0) --left;
        return left == 0;
    };
    for (const types::AccessListEntry& entry : transaction.access_list) {
        if (is_enough()) return;
        view_->prefetch_account(entry.account);
        for (const hash32& key : entry.storage_keys) {
            if (is_enough()) return;
            view_->prefetch_storage(entry.account, to_uint256(key));
        }
    }
    if (hints_.empty()) return;
    for (const Access& access : hints_[index]) {
        if (is_enough()) return;
        if (access.slot)
            view_->prefetch_storage(access.account, *access.slot);
        else
            view_->prefetch_account(access.account);
    }
}

}  // namespace weft::execution::parallel
