// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace weft::cli {

/// What the process answers to its caller.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;   ///< A test failed, or a block differs from what it must give.
inline constexpr int kBadInput = 2;  ///< Wrong usage, or input that cannot be read or is invalid.
inline constexpr int kStopped = 3;   ///< A signal ended the work before it was done; what was done stays.

// Each adds its subcommand to the application; when it is called, it leaves its answer in `exit_code`.
void add_bench(CLI::App& application, int& exit_code);
void add_replay(CLI::App& application, int& exit_code);
void add_hints(CLI::App& application, int& exit_code);
void add_statetest(CLI::App& application, int& exit_code);
void add_blocktest(CLI::App& application, int& exit_code);
void add_t8n(CLI::App& application, int& exit_code);
void add_import(CLI::App& application, int& exit_code);
void add_db(CLI::App& application, int& exit_code);

}  // namespace weft::cli
