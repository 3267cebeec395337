// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace weft::cli {

/// A progress bar on standard error; nothing where that is no terminal.
///
/// Thread safety: any thread may call any member.
class Progress {
  public:
    explicit Progress(size_t total);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    /// Takes the bar off the terminal.
    ~Progress() { clear(); }

    /// One more is done; `name` is what comes next or was done last.
    void advance(std::string_view name);
    /// For what is not counted one by one: `done` of the total are done. `text` says more, and stands in place of the numbers.
    void show(size_t done, std::string_view text);
    /// Takes the bar off the terminal until the next advance(), so that lines can be printed.
    void clear();

  private:
    /// `text` stands behind the bar. The mutex is held.
    void draw(const std::string& text);

    const bool shown_;
    const size_t total_;
    sync::Mutex mutex_;
    size_t done_ = 0;                                  // guarded by mutex_
    bool drawn_ = false;                               // guarded by mutex_
    std::chrono::steady_clock::time_point last_draw_;  // guarded by mutex_
};

}  // namespace weft::cli
