// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/sender_recovery.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>

namespace weft::types {

SenderRecovery::SenderRecovery(std::span<const Transaction> transactions, Revision revision)
    : transactions_(transactions),
      revision_(revision),
      senders_(transactions.size()),
      done_(std::make_unique<sync::Atomic<bool>[]>((transactions.size() + kChunk - 1) / kChunk)) {}

bool SenderRecovery::work_on_next_chunk() noexcept {
    // Relaxed: the count only hands out chunks; what a chunk holds is published by its flag.
    const size_t chunk = next_chunk_.fetch_add(1, sync::kRelaxed);
    const size_t begin = chunk * kChunk;
    if (begin >= transactions_.size()) return false;
    const size_t end = std::min(begin + kChunk, transactions_.size());
    for (size_t i = begin; i < end; ++i) senders_[i] = recover_sender(transactions_[i], revision_);
    done_[chunk].store(true, sync::kRelease);
    return true;
}

void SenderRecovery::work() noexcept {
    while (work_on_next_chunk()) {
    }
}

const std::optional<address>& SenderRecovery::await(size_t index) noexcept {
    WEFT_ASSERT(index < senders_.size());
    const sync::Atomic<bool>& done = done_[index / kChunk];
    while (!done.load(sync::kAcquire)) {
        if (work_on_next_chunk()) continue;
        // Another thread has it and is at most one chunk away from the end.
        sync::Backoff backoff;
        while (!done.load(sync::kAcquire)) backoff.wait();
    }
    return senders_[index];
}

std::span<const std::optional<address>> SenderRecovery::await_all() noexcept {
    work();
    for (size_t i = 0; i < senders_.size(); i += kChunk) static_cast<void>(await(i));
    return senders_;
}

std::vector<std::optional<address>> recover_senders(std::span<const Transaction> transactions, Revision revision, ThreadPool& pool) {
    SenderRecovery recovery(transactions, revision);
    pool.run([&recovery](unsigned) { recovery.work(); });
    const auto senders = recovery.await_all();
    return {senders.begin(), senders.end()};
}

}  // namespace weft::types
