// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/parallel/timeline.hpp"
#include "weft/json/json.hpp"
#include "weft/types/transaction.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weft::cli {

/// Timelines of blocks as a Chrome trace ("Trace Event Format", JSON object form), which ui.perfetto.dev and chrome://tracing show: a
/// process for each block, a thread for each worker, an arrow from where a transaction parked to where it goes on.
class ChromeTrace {
  public:
    /// Adds a block, whose time begins at zero. `transactions`: those that the timeline tells of.
    void add(std::string_view block, std::span<const types::Transaction> transactions, const execution::Timeline& timeline);

    [[nodiscard]] std::string json() const;

  private:
    void name(std::string_view what, std::string_view thread, std::string_view name);

    json::JsonItems events_;
    size_t processes_ = 0;
    size_t arrows_ = 0;
};

}  // namespace weft::cli
