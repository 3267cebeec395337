// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/suite.hpp"

#include "cmd/weft/commands.hpp"
#include "weft/fixtures/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace weft::cli {
namespace {

/// A folder with files 0.json to 4.json, run one after another.
class SuiteTest : public testing::Test {
  protected:
    SuiteTest() {
        std::filesystem::create_directories(folder_);
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(fixtures::write_file(folder_ / (std::to_string(i) + ".json"), "{}"));
        options_.paths = {folder_.string()};
        options_.jobs = 1;
    }
    ~SuiteTest() override { std::filesystem::remove_all(folder_); }

    /// The exit code; each file gives the report that `fill` makes of an empty one.
    int run(const std::function<void(const std::string& name, FileReport& report)>& fill) {
        return run_suite(options_, [&](const std::filesystem::path& file, unsigned) {
            names_.push_back(file.stem().string());
            FileReport report;
            fill(names_.back(), report);
            return report;
        });
    }

    const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "weft_suite_test";
    SuiteOptions options_;
    std::vector<std::string> names_;
};

TEST_F(SuiteTest, failures_do_not_keep_other_files_from_running) {
    EXPECT_EQ(run([](const std::string& name, FileReport& report) { report.failed = name == "1" ? 1 : 0; }), kFailure);
    EXPECT_EQ(names_, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(SuiteTest, a_report_that_stops_is_the_last_one) {
    EXPECT_EQ(run([](const std::string& name, FileReport& report) { report.stops = name == "2"; }), kFailure);
    EXPECT_EQ(names_, (std::vector<std::string>{"0", "1", "2"}));
}

}  // namespace
}  // namespace weft::cli
