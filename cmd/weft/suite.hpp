// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/fixtures/test_outcome.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

/// Options that the commands for test suites share.
struct SuiteOptions {
    std::vector<std::string> paths;
    unsigned jobs = 0;
    std::string filter;
    bool json = false;
};

void add_suite_options(CLI::App& command, SuiteOptions& options);

/// What came out of the tests of one file.
struct FileReport {
    size_t passed = 0;
    size_t failed = 0;
    size_t skipped = 0;
    /// No other file is to be begun.
    bool stops = false;
    /// The file itself is unusable; names the file.
    std::optional<std::string> bad_input;
    /// Lines for standard output: failures, or with --json every case.
    std::string lines;
    /// What was left out, by reason or rule, and how often.
    std::map<std::string, size_t> left_out;

    void count(const fixtures::TestOutcome& outcome);
};

/// Selects tests by name.
class NameFilter {
  public:
    /// An empty pattern selects all. Throws CLI::ValidationError for a malformed one.
    explicit NameFilter(const std::string& pattern);
    [[nodiscard]] bool selects(const std::string& name) const;

  private:
    std::optional<std::regex> pattern_;
};

/// Runs one file; `worker` numbers the calling thread.
using RunFile = std::function<FileReport(const std::filesystem::path& file, unsigned worker)>;

/// The threads that `options` ask for.
[[nodiscard]] unsigned jobs_of(const SuiteOptions& options);

/// Runs all test files under the paths on options.jobs threads, prints what they report in the order of the files, and ends
/// with "N passed, N failed, N skipped". Returns the exit code, which is kFailure when a report stops the others.
[[nodiscard]] int run_suite(const SuiteOptions& options, const RunFile& run_file);

}  // namespace weft::cli
