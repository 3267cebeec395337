// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commands.hpp"
#include "cmd/weft/suite.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/execution/shadow_executor.hpp"
#include "weft/fixtures/blockchain_tests.hpp"
#include "weft/fixtures/file.hpp"

#include <fmt/format.h>

#include <memory>

namespace weft::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  weft blocktest conformance/eest-bal-v5.7.0/blockchain_tests/for_osaka
  weft blocktest --mode sequential --jobs 4 conformance/ethereum-tests/BlockchainTests
  weft blocktest --filter 'withdrawal' conformance/eest-bal-v5.7.0/blockchain_tests
  weft blocktest --shadow --threads 4 conformance/ethereum-tests/BlockchainTests

--shadow executes every block sequentially as well and stops at the first one whose outcome differs, be it valid or not: the
files that are under way are run to their ends, no other begins.

A rule that is not checked is named in the last lines, with the number of invalid blocks that were let through for it.)";

struct Options {
    SuiteOptions suite;
    bool parallel = true;
    unsigned threads = 2;
    bool shadow = false;
};

/// The executors of one thread of the suite.
class Executors {
  public:
    explicit Executors(const Options& options) {
        if (options.parallel) parallel_ = std::make_unique<execution::ParallelExecutor>(options.threads);
        if (options.shadow)
            shadow_ = std::make_unique<execution::ShadowExecutor>(
                [this](const auto& block, auto& view, const auto& how) { return parallel_->execute(block, view, how); });
    }
    [[nodiscard]] execution::BlockOutcome execute(const execution::BlockInput& block, state::StateView& view,
                                                  const execution::BlockOptions& options) {
        if (shadow_ && !difference_) {
            auto outcome = shadow_->execute(block, view, options);
            if (outcome) return *std::move(outcome);
            difference_ = std::move(outcome.error());
        }
        return parallel_ ? parallel_->execute(block, view, options) : sequential_.execute(block, view, options);
    }

    /// The first difference of parallel from sequential execution, if there is a shadow.
    [[nodiscard]] const std::optional<std::string>& difference() const noexcept { return difference_; }

  private:
    execution::SequentialExecutor sequential_;
    std::unique_ptr<execution::ParallelExecutor> parallel_;
    std::unique_ptr<execution::ShadowExecutor> shadow_;
    std::optional<std::string> difference_;
};

class Runner {
  public:
    explicit Runner(const Options& options) : filter_(options.suite.filter) {
        for (unsigned i = 0; i < jobs_of(options.suite); ++i) executors_.push_back(std::make_unique<Executors>(options));
    }

    [[nodiscard]] FileReport run_file(const std::filesystem::path& file, unsigned worker) const {
        FileReport report;
        const auto text = fixtures::read_file(file);
        if (!text) {
            report.bad_input = text.error().message;
            return report;
        }
        const auto tests = fixtures::parse_blockchain_tests(*text);
        if (!tests) {
            report.bad_input = fmt::format("{}: {}", file.string(), tests.error().message);
            return report;
        }
        for (const fixtures::BlockchainTest& test : *tests) {
            run_test(file, test, *executors_[worker], report);
            if (report.stops) break;
        }
        return report;
    }

  private:
    void run_test(const std::filesystem::path& file, const fixtures::BlockchainTest& test, Executors& executors, FileReport& report) const {
        if (!filter_.selects(test.name)) return;
        const auto result = fixtures::run_blockchain_test(
            test, [&](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
                return executors.execute(block, view, options);
            });
        if (const auto& difference = executors.difference()) {
            report.stops = true;
            ++report.failed;
            report.lines += fmt::format("FAILED {}: {}: parallel execution {}\n", file.string(), test.name, *difference);
            return;
        }
        report.count(result.outcome);
        for (const auto& [rule, count] : result.left_out) {
            report.left_out["not checked: " + rule] += count;
            report.lines += fmt::format("LEFT OUT {}: {}: {}\n", file.string(), test.name, rule);
        }
        if (result.outcome.status == fixtures::TestOutcome::Status::failed)
            report.lines += fmt::format("FAILED {}: {}: {}\n", file.string(), test.name, result.outcome.message);
    }

    NameFilter filter_;
    std::vector<std::unique_ptr<Executors>> executors_;
};

}  // namespace

void add_blocktest(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("blocktest", "Run official blockchain tests");
    add_suite_options(*command, options->suite);
    command
        ->add_option_function<std::string>(
            "--mode", [options](const std::string& mode) { options->parallel = mode == "parallel"; },
            "How blocks are executed: parallel (the default) or sequential")
        ->check(CLI::IsMember({"parallel", "sequential"}));
    command->add_option("--threads", options->threads, "Threads for each parallel execution (default: 2)")->check(CLI::Range(1, 1024));
    command->add_flag("--shadow", options->shadow, "Execute sequentially as well, and stop at the first difference");
    command->footer(kExamples);
    command->callback([options, &exit_code] {
        if (options->shadow && !options->parallel) {
            fmt::print(stderr, "error: --shadow is about parallel execution, which --mode sequential does without\n");
            exit_code = kBadInput;
            return;
        }
        const Runner runner(*options);
        exit_code =
            run_suite(options->suite, [&](const std::filesystem::path& file, unsigned worker) { return runner.run_file(file, worker); });
    });
}

}  // namespace weft::cli
