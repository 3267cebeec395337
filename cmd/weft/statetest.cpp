// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commands.hpp"
#include "cmd/weft/suite.hpp"
#include "weft/base/hex.hpp"
#include "weft/evm/eip3155_tracer.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/fixtures/state_tests.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace weft::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  weft statetest conformance/eest-v5.4.0/state_tests
  weft statetest --fork Osaka --filter modexp conformance/eest-v5.4.0/state_tests/osaka
  weft statetest --json --jobs 1 test.json
  weft statetest --trace --filter 'd0 g0 v0' test.json 2>trace.jsonl

Trace lines (EIP-3155) go to standard error, everything else to standard output. A case is one transaction, which nothing can run
beside: there is no parallel execution here, and so no --shadow as in `weft blocktest`.)";

struct Options {
    SuiteOptions suite;
    std::string fork;
    bool trace = false;
    bool hesitant = false;
};

bool is_selected(const fixtures::StateTestCase& test_case, const std::string& fork) {
    if (fork.empty() || test_case.fork == fork) return true;
    const auto revision = types::revision_from_name(fork);
    return revision && types::revision_from_name(test_case.fork) == revision;
}

std::string_view status_name(fixtures::TestOutcome::Status status) {
    switch (status) {
        case fixtures::TestOutcome::Status::passed:
            return "passed";
        case fixtures::TestOutcome::Status::failed:
            return "failed";
        case fixtures::TestOutcome::Status::skipped:
            break;
    }
    return "skipped";
}

std::string json_line(const std::filesystem::path& file, const std::string& name, const fixtures::StateTestCase& test_case,
                      const fixtures::StateTestResult& result) {
    using json::json_string;
    json::JsonItems json;
    json.add("name", json_string(name));
    json.add("file", json_string(file.string()));
    json.add("fork", json_string(test_case.fork));
    json.add("status", json_string(status_name(result.outcome.status)));
    json.add("pass", result.outcome.status == fixtures::TestOutcome::Status::passed ? "true" : "false");
    json.add("stateRoot", json_string(to_hex(result.state_root)));
    json.add("gasUsed", fmt::format("{}", result.gas_used));
    json.add("rejection", result.rejection ? json_string(fixtures::to_string(*result.rejection)) : "null");
    json.add("error", result.outcome.message.empty() ? "null" : json_string(result.outcome.message));
    return json.object() + '\n';
}

class Runner {
  public:
    explicit Runner(const Options& options) : options_(options), filter_(options.suite.filter) {
        for (unsigned i = 0; i < jobs_of(options.suite); ++i) executions_.push_back(std::make_unique<execution::TransactionExecution>());
    }

    [[nodiscard]] FileReport run_file(const std::filesystem::path& file, unsigned worker) const {
        FileReport report;
        const auto text = fixtures::read_file(file);
        if (!text) {
            report.bad_input = text.error().message;
            return report;
        }
        const auto tests = fixtures::parse_state_tests(*text);
        if (!tests) {
            report.bad_input = fmt::format("{}: {}", file.string(), tests.error().message);
            return report;
        }
        for (const fixtures::StateTest& test : *tests)
            for (const fixtures::StateTestCase& test_case : test.cases) run_case(file, test, test_case, *executions_[worker], report);
        return report;
    }

  private:
    void run_case(const std::filesystem::path& file, const fixtures::StateTest& test, const fixtures::StateTestCase& test_case,
                  execution::TransactionExecution& execution, FileReport& report) const {
        const std::string name = fixtures::name_of(test, test_case);
        if (!is_selected(test_case, options_.fork) || !filter_.selects(name)) return;
        evm::Eip3155Tracer tracer([](std::string_view line) { fmt::print(stderr, "{}\n", line); });
        const auto result = fixtures::run_state_test(test, test_case, execution,
                                                     {.trace = options_.trace ? &tracer : nullptr, .hesitant = options_.hesitant});
        if (options_.trace) fmt::print(stderr, "{{\"stateRoot\":\"{}\"}}\n", to_hex(result.state_root));
        report.count(result.outcome);
        if (options_.suite.json) {
            report.lines += json_line(file, name, test_case, result);
        } else if (result.outcome.status == fixtures::TestOutcome::Status::failed) {
            report.lines += fmt::format("FAILED {}: {}: {}\n", file.string(), name, result.outcome.message);
        }
    }

    const Options& options_;
    NameFilter filter_;
    std::vector<std::unique_ptr<execution::TransactionExecution>> executions_;
};

int run(Options& options) {
    // Lines of several tests would mix.
    if (options.trace) options.suite.jobs = 1;
    const Runner runner(options);
    return run_suite(options.suite, [&](const std::filesystem::path& file, unsigned worker) { return runner.run_file(file, worker); });
}

}  // namespace

void add_statetest(CLI::App& application, int& exit_code) {
    auto options = std::make_shared<Options>();
    CLI::App* command = application.add_subcommand("statetest", "Run official state tests");
    add_suite_options(*command, options->suite);
    command->add_option("--fork", options->fork, "Run only the cases of this fork");
    command->add_flag("--json", options->suite.json, "Print one JSON object for each case");
    command->add_flag("--trace", options->trace, "Print every instruction as JSON (EIP-3155) to standard error");
    command->add_flag("--hesitant", options->hesitant, "Suspend and resume each transaction at its first read of every location");
    command->footer(kExamples);
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace weft::cli
