// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/tracer.hpp"

#include <functional>
#include <string>

namespace weft::evm {

/// Writes an execution as JSON lines: one object per instruction and one at the end (EIP-3155).
class Eip3155Tracer final : public TraceSink {
  public:
    /// Takes one line at a time, without its line break.
    using Sink = std::function<void(std::string_view line)>;

    explicit Eip3155Tracer(Sink sink) : sink_(std::move(sink)) {}

    void on_step(const StepTrace& step) override;
    void on_enter(const EnterTrace& frame) override;
    void on_exit(const ExitTrace& frame) override;

  private:
    void append_error(Status status);

    Sink sink_;
    std::string line_;
    int64_t gas_at_start_ = 0;
};

}  // namespace weft::evm
