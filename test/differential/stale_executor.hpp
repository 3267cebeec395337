// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/state/state.hpp"

#include <expected>

namespace weft::test {

/// Speculation without threads: every transaction is first executed on the state as it was `lag` commits earlier, then validated
/// and, if it must be, executed again. It meets in every block what parallel execution meets only now and then, the same way
/// each time.
class StaleExecutor {
  public:
    /// What the validation forgets to look at, to see whether anybody notices.
    struct Fault {
        uint8_t aspects = 0;  ///< Of state::Observed.
        bool slots = false;
    };

    explicit StaleExecutor(size_t lag) : StaleExecutor(lag, Fault{}) {}
    StaleExecutor(size_t lag, Fault fault) : lag_(lag), fault_(fault) {}

    [[nodiscard]] std::expected<execution::BlockResult, execution::BlockError> execute(const execution::BlockInput& block,
                                                                                       state::StateView& view,
                                                                                       const execution::BlockOptions& options);

  private:
    size_t lag_;
    Fault fault_;
};

}  // namespace weft::test
