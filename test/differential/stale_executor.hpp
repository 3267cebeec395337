// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/state/state.hpp"

#include <expected>

namespace weft::test {

/// Speculation without threads: every transaction is first executed on a state of the past, then validated and, if it must be,
/// executed again. With BlockOptions::repair_slots all slots are offered as relative, and repaired. It meets in every block what parallel
/// execution meets only now and then, the same way each time.
class StaleExecutor {
  public:
    /// Which states there were.
    enum class Past : uint8_t {
        committed,  ///< Those after each commit. A transaction reads the one `lag` - 1 commits earlier.
        imagined,   ///< Those that the first executions made, right or wrong: states that never were. Every other transaction reads
                    ///< the newest, the others the one `lag` - 1 transactions earlier.
    };

    /// What the validation forgets to look at, to see whether anybody notices.
    struct Fault {
        uint8_t aspects = 0;  ///< Of state::Observed.
        bool slots = false;
        bool tolerances = false;  ///< Of relative slots: any value will do.
    };

    StaleExecutor(Past past, size_t lag, Fault fault) : past_(past), lag_(lag), fault_(fault) {}

    [[nodiscard]] std::expected<execution::BlockResult, execution::BlockError> execute(const execution::BlockInput& block,
                                                                                       state::StateView& view,
                                                                                       const execution::BlockOptions& options);
    /// Slots that were repaired so far.
    [[nodiscard]] uint64_t repaired() const noexcept { return repaired_; }

  private:
    Past past_;
    size_t lag_;
    Fault fault_;
    uint64_t repaired_ = 0;
};

}  // namespace weft::test
