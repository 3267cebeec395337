// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/t8n/left_out.hpp"
#include "test/util/fixtures_path.hpp"
#include "test/util/json_value.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/t8n/tool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace weft::test {
namespace {

namespace fs = std::filesystem;

enum class Wanted : uint8_t { nothing, alloc_and_result, result, body };

/// What geth's own test asks of a folder.
struct GethCase {
    const char* folder;
    const char* transactions;
    const char* environment;
    const char* fork;
    int64_t reward;
    Wanted wanted;
    const char* expected;  ///< The file with the output; null: none, but that exit code.
    int exit_code;
};

// clang-format off
constexpr GethCase kCases[] = {
    {"1", "txs.json", "env.json", "Frontier+1346", 0, Wanted::alloc_and_result, nullptr, 3},
    {"1", "txs.json", "env.json", "Byzantium", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"3", "txs.json", "env.json", "Berlin", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"4", "txs.json", "env.json", "Berlin", 0, Wanted::alloc_and_result, nullptr, 4},
    {"5", "txs.json", "env.json", "Byzantium", 0x80, Wanted::alloc_and_result, "exp.json", 0},
    {"11", "txs.json", "env.json", "London", 0, Wanted::alloc_and_result, nullptr, 3},
    {"13", "txs.json", "env.json", "London", 0, Wanted::body, "exp.json", 0},
    {"13", "signed_txs.rlp", "env.json", "London", 0, Wanted::result, "exp2.json", 0},
    {"14", "txs.json", "env.json", "London", 0, Wanted::result, "exp.json", 0},
    {"14", "txs.json", "env.uncles.json", "London", 0, Wanted::result, "exp2.json", 0},
    {"14", "txs.json", "env.uncles.json", "Berlin", 0, Wanted::result, "exp_berlin.json", 0},
    {"19", "txs.json", "env.json", "London", 0, Wanted::result, "exp_london.json", 0},
    {"19", "txs.json", "env.json", "ArrowGlacier", 0, Wanted::result, "exp_arrowglacier.json", 0},
    {"19", "txs.json", "env.json", "GrayGlacier", 0, Wanted::result, "exp_grayglacier.json", 0},
    {"23", "txs.json", "env.json", "Berlin", 0, Wanted::result, "exp.json", 0},
    {"24", "txs.json", "env.json", "Paris", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"24", "txs.json", "env-missingrandom.json", "Paris", 0, Wanted::nothing, nullptr, 3},
    {"25", "txs.json", "env.json", "Paris", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"26", "txs.json", "env.json", "Shanghai", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"28", "txs.rlp", "env.json", "Cancun", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"29", "txs.json", "env.json", "Cancun", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"30", "txs_more.rlp", "env.json", "Cancun", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"33", "txs.json", "env.json", "Prague", 0, Wanted::alloc_and_result, "exp.json", 0},
    {"34", "txs.json", "env.json", "Osaka", 0, Wanted::alloc_and_result, "exp.json", 0},
};
// clang-format on

/// Folders whose readme shows the output of an older geth: its receipts lack fields, the rest is as today.
struct ReadmeCase {
    const char* folder;
    const char* fork;
};
constexpr ReadmeCase kReadmeCases[] = {{"7", "HomesteadToDaoAt5"}, {"9", "London"}, {"10", "London"}, {"12", "London"}};

/// Its readme shows lines of its traces.
constexpr const char* kTracedInReadme = "8";
constexpr const char* kTracedFolder = "31";

fs::path root() { return conformance().value_or("") / "geth" / "evm-t8n"; }

t8n::Options options_of(const fs::path& folder, const char* transactions, const char* environment, const char* fork) {
    t8n::Options options;
    options.input_alloc = folder / "alloc.json";
    options.input_transactions = folder / transactions;
    options.input_env = folder / environment;
    options.output_alloc.clear();
    options.output_result.clear();
    options.fork = fork;
    return options;
}

t8n::Outcome<t8n::Printed> run(const t8n::Options& options) {
    return t8n::run_tool(options, [] { return Result<std::string>(std::unexpected(Error{"nobody reads standard input"})); });
}

JsonValue parsed(std::string_view text) {
    const auto value = parse_json(text);
    EXPECT_TRUE(value) << text.substr(0, 200);
    return value.value_or(JsonValue{});
}

std::string content(const fs::path& path) {
    const auto text = fixtures::read_file(path);
    EXPECT_TRUE(text) << path;
    return text.value_or("");
}

TEST(GethT8n, output_and_exit_code_of_every_case) {
    WEFT_REQUIRE_FIXTURES(root());
    for (const GethCase& test : kCases) {
        SCOPED_TRACE(std::string(test.folder) + ' ' + test.environment + ' ' + test.fork);
        t8n::Options options = options_of(root() / test.folder, test.transactions, test.environment, test.fork);
        options.reward = test.reward;
        if (test.wanted == Wanted::alloc_and_result) options.output_alloc = "stdout";
        if (test.wanted == Wanted::alloc_and_result || test.wanted == Wanted::result) options.output_result = "stdout";
        if (test.wanted == Wanted::body) options.output_body = "stdout";
        const auto printed = run(options);
        EXPECT_EQ(printed ? 0 : static_cast<int>(printed.error().code), test.exit_code) << (printed ? "" : printed.error().message);
        if (test.expected == nullptr || !printed) continue;
        EXPECT_EQ(first_difference(parsed(content(root() / test.folder / test.expected)), parsed(printed->standard_output)), "");
    }
}

/// The output in a readme: the lines from "{" to "}".
JsonValue shown_in_readme(const std::string& readme) {
    const size_t begin = readme.find("\n{\n");
    const size_t end = readme.find("\n}", begin);
    if (begin == std::string::npos || end == std::string::npos) return {};
    return parsed(std::string_view(readme).substr(begin, end + 2 - begin));
}

TEST(GethT8n, readmes_show_the_same) {
    WEFT_REQUIRE_FIXTURES(root());
    for (const ReadmeCase& test : kReadmeCases) {
        SCOPED_TRACE(test.folder);
        t8n::Options options = options_of(root() / test.folder, "txs.json", "env.json", test.fork);
        options.output_alloc = options.output_result = "stdout";
        const auto printed = run(options);
        ASSERT_TRUE(printed) << printed.error().message;
        JsonValue found = parsed(printed->standard_output);
        JsonValue shown = shown_in_readme(content(root() / test.folder / "readme.md"));
        ASSERT_TRUE(shown.has("alloc"));
        EXPECT_EQ(first_difference(shown.members["alloc"], found.members["alloc"]), "");
        if (!shown.has("result")) continue;
        shown.members["result"].members.erase("receipts");
        for (const auto& [name, value] : shown.members["result"].members)
            EXPECT_EQ(first_difference(value, found.members["result"].members[name]), "") << name;
    }
}

TEST(GethT8n, traces_are_the_same_to_the_letter) {
    const fs::path folder = root() / kTracedFolder;
    WEFT_REQUIRE_FIXTURES(folder);
    t8n::Options options = options_of(folder, "txs.json", "env.json", "Cancun");
    options.base_folder = fs::path(testing::TempDir()) / "t8n_traces";
    fs::remove_all(options.base_folder);
    options.traces.files = true;
    const auto printed = run(options);
    ASSERT_TRUE(printed) << printed.error().message;
    size_t compared = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".jsonl") continue;
        EXPECT_EQ(content(options.base_folder / entry.path().filename()), content(entry.path()));
        ++compared;
    }
    EXPECT_EQ(compared, 3U);
    fs::remove_all(options.base_folder);
}

/// Lines of a text that begin and contain so.
std::vector<std::string> lines_of(const std::string& text, std::string_view beginning, std::string_view part) {
    std::vector<std::string> lines;
    std::istringstream input(text);
    for (std::string line; std::getline(input, line);)
        if (line.starts_with(beginning) && line.contains(part)) lines.push_back(line);
    return lines;
}

TEST(GethT8n, traces_are_those_that_a_readme_shows) {
    const fs::path folder = root() / kTracedInReadme;
    WEFT_REQUIRE_FIXTURES(folder);
    t8n::Options options = options_of(folder, "txs.json", "env.json", "Berlin");
    options.base_folder = fs::path(testing::TempDir()) / "t8n_readme_traces";
    fs::remove_all(options.base_folder);
    options.traces.files = true;
    const auto printed = run(options);
    ASSERT_TRUE(printed) << printed.error().message;
    std::vector<std::string> found;
    std::set<fs::path> traces;
    for (const auto& entry : fs::directory_iterator(options.base_folder)) traces.insert(entry.path());
    for (const fs::path& trace : traces) std::ranges::copy(lines_of(content(trace), "{", "SLOAD"), std::back_inserter(found));
    // It shows the lines of three transactions twice, once for each way to give them.
    std::vector<std::string> shown = lines_of(content(folder / "readme.md"), R"({"pc")", "SLOAD");
    ASSERT_EQ(shown.size(), 12U);
    shown.resize(6);
    EXPECT_EQ(found, shown);
    fs::remove_all(options.base_folder);
}

TEST(GethT8n, every_case_of_the_archive_is_run_or_left_out_for_a_reason) {
    WEFT_REQUIRE_FIXTURES(root());
    std::set<std::string> known{kTracedInReadme, kTracedFolder};
    for (const GethCase& test : kCases) known.insert(test.folder);
    for (const ReadmeCase& test : kReadmeCases) known.insert(test.folder);
    for (const LeftOut& left_out : kLeftOutOfGeth) EXPECT_TRUE(known.emplace(left_out.name).second) << left_out.name;
    std::set<std::string> there;
    for (const auto& entry : fs::directory_iterator(root())) there.insert(entry.path().filename());
    EXPECT_EQ(known, there);
}

}  // namespace
}  // namespace weft::test
