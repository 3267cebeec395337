// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/differential/block_generator.hpp"
#include "test/differential/stale_executor.hpp"
#include "weft/base/io_pool.hpp"
#include "weft/base/result.hpp"
#include "weft/execution/block_execution.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::test {

using execution::BlockOutcome;

/// A way of executing blocks that must give what sequential execution gives.
struct Subject {
    std::string name;
    std::function<BlockOutcome(const execution::BlockInput&, state::StateView&, const execution::BlockOptions&)> execute;
};

/// ParallelExecutor with that many threads.
[[nodiscard]] Subject parallel_subject(unsigned threads);
/// StaleExecutor with that past and lag, without fault.
[[nodiscard]] Subject stale_subject(StaleExecutor::Past past, size_t lag);

/// A subject that did not give the sequential outcome.
struct Finding {
    std::string subject;
    std::string difference;
};

/// What a run has compared.
struct Tally {
    uint64_t blocks = 0;
    uint64_t valid_blocks = 0;
    uint64_t transactions = 0;
    uint64_t comparisons = 0;
};

/// Executes blocks in every way and compares.
///
/// Thread safety: none.
class Judge {
  public:
    explicit Judge(std::vector<Subject> subjects) : subjects_(std::move(subjects)) {}

    /// The first difference that a block shows. `schedule`: seed of the disturbances of the parallel runs, of whether they repair slots,
    /// of whether other threads read for them, and of their hints: none, random ones, misleading ones, or what sequential execution
    /// accessed.
    [[nodiscard]] std::optional<Finding> examine(const GeneratedBlock& block, uint64_t schedule);

    /// The smallest block found that still shows a difference, trying each step `attempts` times because schedules vary.
    [[nodiscard]] GeneratedBlock minimise(GeneratedBlock block, unsigned attempts);

    [[nodiscard]] const Tally& tally() const noexcept { return tally_; }

  private:
    [[nodiscard]] bool still_differs(const GeneratedBlock& block, unsigned attempts);
    [[nodiscard]] bool drop_transactions(GeneratedBlock& block, unsigned attempts);
    [[nodiscard]] bool simplify(GeneratedBlock& block, unsigned attempts);

    std::vector<Subject> subjects_;
    execution::SequentialExecutor sequential_;
    IoPool io_pool_{3, 8};
    Tally tally_;
};

/// Writes a block as a file that `weft replay` reads. What the file expects is the sequential outcome, where there is one.
[[nodiscard]] Result<void> write_block(GeneratedBlock block, const std::filesystem::path& path);

}  // namespace weft::test
