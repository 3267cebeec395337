// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <vector>

namespace weft::workloads {

/// How long a block would take on threads without number, as a share of how long it takes on one. Between 0 and 1.
struct CriticalPath {
    double by_time = 1;  ///< Transactions weigh the time that they took in order, the least of several executions.
    double by_gas = 1;   ///< Transactions weigh the gas that they used.
    double work_ms = 0;  ///< The sum of those times.
};

/// The most that `threads` threads can gain: work is shared evenly at best, and the longest chain, that share of it, has to be gone
/// through.
[[nodiscard]] double best_speedup(double share, unsigned threads) noexcept;

/// Measures the critical path of a valid block on the state before it, by executing it in order several times; begin() is called ahead
/// of each, and may empty caches.
///
/// A transaction depends on another where it reads what the other changed, and then waits, from its first read on, for the last
/// write of the other. Inside a transaction, reads and writes of slots happen at the gas that its instructions have used by then
/// (calls themselves counted at 100), in proportion to its weight; accounts are read at its beginning and changed at its end.
///
/// No dependency is what commutes: the nonces of senders, which the transactions carry themselves; adding to a balance, so above
/// all fees; comparing a balance with amounts, or asking whether an account is there, where the state before the block gives the
/// same answer.
[[nodiscard]] std::expected<CriticalPath, execution::BlockError> measure_critical_path(const execution::BlockInput& block,
                                                                                       state::StateView& view,
                                                                                       const std::function<void()>& begin);

/// What looking at the clock once more takes, in milliseconds.
[[nodiscard]] double clock_milliseconds();

/// Of each transaction of a block.
struct TransactionsInOrder {
    /// Milliseconds that it takes in order, with the commit of the one before it, or the beginning of the block: medians, without what
    /// looking at the clock takes.
    std::vector<double> ms;
    /// What comes after the last.
    double end_ms = 0;
    /// Those before it that changed last what it reads, ascending: dependencies as above, from whole transactions to whole ones.
    std::vector<std::vector<uint32_t>> writers;
};

/// As measure_critical_path(), `executions` times and once more.
[[nodiscard]] std::expected<TransactionsInOrder, execution::BlockError> measure_in_order(const execution::BlockInput& block,
                                                                                         state::StateView& view,
                                                                                         const std::function<void()>& begin,
                                                                                         unsigned executions);

}  // namespace weft::workloads
