// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::test {

/// How a process ended.
struct Ended {
    std::optional<int> exit_code;  ///< nullopt: by a signal
    int signal = 0;
    std::string output;  ///< standard output and error
};

struct ProcessOptions {
    /// SIGKILL after so long, if it still runs.
    std::optional<std::chrono::microseconds> kill_after{};
    /// No file may grow beyond so many bytes; what would is an error as of a full disk.
    std::optional<uint64_t> file_limit{};
    /// Called with the process's id once it has been started.
    std::function<void(pid_t)> meanwhile{};
};

/// Runs a program and waits for its end. Aborts when it cannot be started. `scratch`: a folder for its output.
[[nodiscard]] Ended run_process(const std::vector<std::string>& command, const std::filesystem::path& scratch,
                                const ProcessOptions& options = {});

}  // namespace weft::test
