// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/suite.hpp"

#include "cmd/weft/commands.hpp"
#include "cmd/weft/progress.hpp"
#include "weft/base/sync.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/fixtures/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace weft::cli {
namespace {

constexpr std::string_view kEndings[] = {".json", ".json.gz"};

void add(const FileReport& report, FileReport& total) {
    total.passed += report.passed;
    total.failed += report.failed;
    total.skipped += report.skipped;
    for (const auto& [what, count] : report.left_out) total.left_out[what] += count;
}

}  // namespace

void FileReport::count(const fixtures::TestOutcome& outcome) {
    switch (outcome.status) {
        case fixtures::TestOutcome::Status::passed:
            ++passed;
            break;
        case fixtures::TestOutcome::Status::failed:
            ++failed;
            break;
        case fixtures::TestOutcome::Status::skipped:
            ++skipped;
            ++left_out["skipped: " + outcome.message];
            break;
    }
}

NameFilter::NameFilter(const std::string& pattern) {
    if (pattern.empty()) return;
    try {
        pattern_.emplace(pattern);
    } catch (const std::regex_error& error) {
        throw CLI::ValidationError("--filter", error.what());
    }
}

bool NameFilter::selects(const std::string& name) const { return !pattern_ || std::regex_search(name, *pattern_); }

void add_suite_options(CLI::App& command, SuiteOptions& options) {
    command.add_option("--jobs", options.jobs, "Files to run at once (default: one for each core)")->check(CLI::Range(1, 1024));
    command.add_option("--filter", options.filter, "Run only tests whose name matches this regular expression");
    command.add_option("PATH", options.paths, "Test files, or folders of them")->required();
}

unsigned jobs_of(const SuiteOptions& options) {
    return options.jobs != 0 ? options.jobs : std::max(1U, sync::Thread::hardware_concurrency());
}

int run_suite(const SuiteOptions& options, const RunFile& run_file) {
    const auto files = fixtures::find_fixtures(options.paths, kEndings);
    if (!files) {
        fmt::print(stderr, "error: {}\n", files.error().message);
        return kBadInput;
    }
    if (files->empty()) {
        fmt::print(stderr, "error: no .json files found\n");
        return kBadInput;
    }
    std::vector<FileReport> reports(files->size());
    {
        Progress progress(files->size());
        sync::Atomic<size_t> next{0};
        sync::Atomic<bool> is_stopped{false};
        ThreadPool pool(static_cast<unsigned>(std::min<size_t>(jobs_of(options), files->size())));
        pool.run([&](unsigned worker) {
            // Relaxed: the counter only hands out numbers; the end of the run publishes the reports.
            for (size_t i = next.fetch_add(1, sync::kRelaxed); i < files->size() && !is_stopped; i = next.fetch_add(1, sync::kRelaxed)) {
                reports[i] = run_file((*files)[i], worker);
                if (reports[i].stops) is_stopped = true;
                progress.advance((*files)[i].filename().string());
            }
        });
    }
    FileReport total;
    bool bad_input = false;
    bool stopped = false;
    for (const FileReport& report : reports) {
        if (report.bad_input) {
            fmt::print(stderr, "error: {}\n", *report.bad_input);
            bad_input = true;
        }
        fmt::print("{}", report.lines);
        add(report, total);
        stopped = stopped || report.stops;
    }
    for (const auto& [what, count] : total.left_out) fmt::print("{} ({})\n", what, count);
    fmt::print("{} passed, {} failed, {} skipped\n", total.passed, total.failed, total.skipped);
    if (stopped) {
        fmt::print(stderr, "error: stopped at the first difference\n");
        return kFailure;
    }
    if (bad_input) return kBadInput;
    return total.failed == 0 ? kSuccess : kFailure;
}

}  // namespace weft::cli
