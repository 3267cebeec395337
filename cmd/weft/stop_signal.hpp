// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft::cli {

/// From its making to its end, SIGINT and SIGTERM are only noted, so that work can end where it is whole; a second one ends the process at
/// once. At most one at a time.
class StopSignal {
  public:
    StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;
    ~StopSignal();

    [[nodiscard]] bool came() const noexcept;
};

}  // namespace weft::cli
