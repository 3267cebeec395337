// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"

#include <expected>
#include <functional>
#include <string>

namespace weft::execution {

/// Takes the place of an executor and has SequentialExecutor execute every block as well, as its shadow.
///
/// Thread safety: none; several may be in use at once.
class ShadowExecutor {
  public:
    /// Executes a block; the executor that is watched.
    using Execute = std::function<BlockOutcome(const BlockInput&, state::StateView&, const BlockOptions&)>;

    explicit ShadowExecutor(Execute watched) : watched_(std::move(watched)) {}

    /// The outcome, when both agree in it; otherwise the first difference, in one line for a person. The view is read by one after the
    /// other, and must answer both in the same way.
    [[nodiscard]] std::expected<BlockOutcome, std::string> execute(const BlockInput& block, state::StateView& view,
                                                                   const BlockOptions& options = {});

  private:
    Execute watched_;
    SequentialExecutor shadow_;
};

}  // namespace weft::execution
