// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/types/transaction.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weft::types {

/// Recovers the senders of a block's transactions on several threads, the first transactions first, so that execution can
/// begin while later senders are still unknown. Each sender is what recover_sender() gives.
///
/// Thread safety: work() and await() may be called by any thread at any time; senders() by who awaited them.
/// Invariants: a chunk is taken by exactly one thread, in order; its senders are written before the chunk is marked as done,
/// and never again.
class SenderRecovery {
  public:
    /// `transactions` outlive this and do not change.
    SenderRecovery(std::span<const Transaction> transactions, Revision revision);
    SenderRecovery(const SenderRecovery&) = delete;
    SenderRecovery& operator=(const SenderRecovery&) = delete;

    /// Recovers chunk after chunk until none is left to take. Other threads may still be busy with theirs.
    void work() noexcept;

    /// The sender of transaction `index`; nullopt: its signature is invalid. While it is unknown, this thread recovers what
    /// is left to take, and then waits.
    [[nodiscard]] const std::optional<address>& await(size_t index) noexcept;

    /// All senders, in the order of the transactions.
    [[nodiscard]] std::span<const std::optional<address>> await_all() noexcept;

    /// One place for each transaction: read only those that were awaited.
    [[nodiscard]] std::span<const std::optional<address>> senders() const noexcept { return senders_; }

  private:
    /// Small enough that the last chunks of all threads end nearly together: a recovery takes some 40 us.
    static constexpr size_t kChunk = 4;

    [[nodiscard]] bool work_on_next_chunk() noexcept;

    std::span<const Transaction> transactions_;
    Revision revision_;
    std::vector<std::optional<address>> senders_;
    std::unique_ptr<sync::Atomic<bool>[]> done_;  // of each chunk
    alignas(sync::kCacheLine) sync::Atomic<size_t> next_chunk_{0};
};

/// The senders of `transactions` in their order, recovered on all threads of the pool.
[[nodiscard]] std::vector<std::optional<address>> recover_senders(std::span<const Transaction> transactions, Revision revision,
                                                                  ThreadPool& pool);

}  // namespace weft::types
