// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/t8n/left_out.hpp"
#include "test/util/fixtures_path.hpp"
#include "test/util/json_value.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/t8n/numbers.hpp"
#include "weft/t8n/tool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

namespace weft::test {
namespace {

namespace fs = std::filesystem;

/// Where besu's tool and geth's, which weft follows, do not do the same: what is changed before the comparison, which then is exact.
struct Change {
    /// In the case: /cli, /stdin/... or /stdout/...
    const char* path;
    const char* value;  ///< JSON
    const char* reason;
};

constexpr const char* kZeroRoot = R"("0x0000000000000000000000000000000000000000000000000000000000000000")";
constexpr const char* kNoRoot = "besu does without parentBeaconBlockRoot, geth demands it from Cancun on";
constexpr Change kLimit{"/stdin/env/currentGasLimit", R"("0x7a120")", "besu lets transactions exceed the block's gas limit"};
constexpr Change kDifficulty{"/stdout/result/currentDifficulty", R"("0x0")", "besu writes null for a difficulty of zero"};
constexpr Change kBody{"/stdout/body", R"("0xc0")", "besu's body holds rejected transactions, geth's only those that were applied"};

const std::map<std::string, std::vector<Change>>& changes() {
    static const std::map<std::string, std::vector<Change>> table{
        {"berlin-simple.json", {kLimit, kDifficulty}},
        {"berlin-no-tx.json", {kDifficulty}},
        {"berlin-negative-cli-reward.json", {kLimit, kDifficulty}},
        {"berlin-no-cli-reward.json",
         {kLimit, kDifficulty, {"/cli/9", R"("--state.reward=2000000000000000000")", "besu pays the fork's reward unless told otherwise"}}},
        {"london-hex.json", {kDifficulty}},
        {"cancun-6780-selfdestruct-sweep.json", {{"/stdin/env/parentBeaconBlockRoot", kZeroRoot, kNoRoot}}},
        {"cancun-6780-selfdestruct-to-self.json", {{"/stdin/env/parentBeaconBlockRoot", kZeroRoot, kNoRoot}}},
        {"cancun-6780-selfdestruct-transient.json", {{"/stdin/env/parentBeaconBlockRoot", kZeroRoot, kNoRoot}}},
        {"cancun-blobs-per-tx.json",
         {{"/stdin/env/parentBeaconBlockRoot", kZeroRoot, kNoRoot},
          {"/stdout/result/receipts/0/type", R"("0x3")", "besu leaves the type out"},
          {"/stdout/result/receipts/0/blobGasUsed", R"("0x20000")", "besu leaves it out"},
          {"/stdout/result/receipts/0/blobGasPrice", R"("0x1")", "besu leaves it out"}}},
        {"shanghai-init-code.json",
         {kBody, {"/stdout/result/rejected/0/error", R"("max initcode size exceeded: code size 49153 limit 49152")", "geth's words"}}},
        {"shanghai-withdrawals.json",
         {kBody,
          {"/stdout/result/rejected/0/error",
           R"("insufficient funds for gas * price + value: address 0xa94f5374Fce5edBC8E2a8697C15331677e6EbF0B have 0 want 21000000000000")",
           "geth's words"}}},
    };
    return table;
}

/// geth, and so weft, refuses these environments; besu makes up what they lack.
const std::map<std::string, int>& refused() {
    static const std::map<std::string, int> table{
        {"shanghai-invalidTx.json", 3},  // Neither currentRandom nor withdrawals, and a difficulty that is not zero.
    };
    return table;
}

/// Receipts and logs in the form of today's geth. Besu writes that of an older one.
void bring_up_to_date(JsonValue& receipts, const std::string& block_number, const std::string& timestamp) {
    const JsonValue block_hash = JsonValue::of_string("0x1337" + std::string(60, '0'));
    size_t log_index = 0;
    for (JsonValue& receipt : receipts.items) {
        if (receipt.members["logs"].is_null()) receipt.members["logs"] = {.kind = JsonValue::Kind::array};
        receipt.members["blockHash"] = block_hash;
        receipt.members["blockNumber"] = JsonValue::of_string(block_number);
        receipt.members["effectiveGasPrice"] = {};
        for (JsonValue& log : receipt.members["logs"].items) {
            log.members["blockHash"] = block_hash;
            log.members["blockNumber"] = JsonValue::of_string(block_number);
            log.members["blockTimestamp"] = JsonValue::of_string(timestamp);
            log.members["removed"] = {.kind = JsonValue::Kind::boolean, .text = "false"};
            // Besu counts within a transaction, geth within the block.
            log.members["logIndex"] = JsonValue::of_string(to_hex_quantity(log_index++));
        }
    }
}

std::string quantity_of(JsonValue& test, std::string_view path) {
    const auto value = t8n::parse_number(at_path(test, path).text);
    EXPECT_TRUE(value) << path;
    return to_hex_quantity(value.value_or(uint256{}));
}

/// What besu expects, said as geth says it.
void translate(JsonValue& test, const std::string& file) {
    JsonValue& result = at_path(test, "/stdout/result");
    bring_up_to_date(result.members["receipts"], quantity_of(test, "/stdin/env/currentNumber"),
                     quantity_of(test, "/stdin/env/currentTimestamp"));
    if (!result.has("requests")) result.members["requests"] = {};
    for (auto& [addr, account] : at_path(test, "/stdout/alloc").members)
        if (account.has("storage") && account.members["storage"].members.empty()) account.members.erase("storage");
    const auto found = changes().find(file);
    if (found == changes().end()) return;
    for (const Change& change : found->second) {
        const auto value = parse_json(change.value);
        ASSERT_TRUE(value) << change.value;
        JsonValue& cli = at_path(test, "/cli");
        if (std::string_view(change.path) == "/cli/9") cli.items.emplace_back();
        JsonValue& place = at_path(test, change.path);
        EXPECT_NE(place, *value) << change.path << ": no longer a difference";
        place = *value;
    }
}

/// The options that the cases use.
t8n::Options options_of(const JsonValue& cli) {
    t8n::Options options;
    options.base_folder = fs::path(testing::TempDir()) / "t8n_besu";
    for (const JsonValue& argument : cli.items) {
        const std::string_view text = argument.text;
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string name(text.substr(0, equals));
        const std::string value(text.substr(equals + 1));
        if (name == "--input.alloc")
            options.input_alloc = value;
        else if (name == "--input.env")
            options.input_env = value;
        else if (name == "--input.txs")
            options.input_transactions = value;
        else if (name == "--output.alloc")
            options.output_alloc = value;
        else if (name == "--output.result")
            options.output_result = value;
        else if (name == "--output.body")
            options.output_body = value;
        else if (name == "--state.fork")
            options.fork = value;
        else if (name == "--state.chainid")
            options.chain_id = std::stoull(value);
        else if (name == "--state.reward")
            options.reward = std::stoll(value);
        else
            ADD_FAILURE() << "unknown argument " << text;
    }
    return options;
}

fs::path root() { return conformance().value_or("") / "besu" / "evmtool" / "t8n"; }

std::set<std::string> files() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root())) names.insert(entry.path().filename());
    return names;
}

bool is_left_out(const std::string& file) { return std::ranges::find(kLeftOutOfBesu, file, &LeftOut::name) != std::end(kLeftOutOfBesu); }

TEST(BesuT8n, output_of_every_case) {
    WEFT_REQUIRE_FIXTURES(root());
    size_t run = 0;
    for (const std::string& file : files()) {
        if (is_left_out(file)) continue;
        SCOPED_TRACE(file);
        auto test = parse_json(fixtures::read_file(root() / file).value());
        ASSERT_TRUE(test);
        if (!refused().contains(file)) translate(*test, file);
        const t8n::Options options = options_of(at_path(*test, "/cli"));
        const std::string input = to_json(at_path(*test, "/stdin"));
        const auto printed = t8n::run_tool(options, [&] { return Result<std::string>(input); });
        ++run;
        if (const auto code = refused().find(file); code != refused().end()) {
            ASSERT_FALSE(printed);
            EXPECT_EQ(static_cast<int>(printed.error().code), code->second) << printed.error().message;
            continue;
        }
        ASSERT_TRUE(printed) << printed.error().message;
        const auto found = parse_json(printed->standard_output);
        ASSERT_TRUE(found);
        EXPECT_EQ(first_difference(at_path(*test, "/stdout"), *found), "");
    }
    EXPECT_EQ(run + std::size(kLeftOutOfBesu), files().size());
    fs::remove_all(fs::path(testing::TempDir()) / "t8n_besu");
}

TEST(BesuT8n, what_is_said_of_cases_is_said_of_cases_that_are_there) {
    WEFT_REQUIRE_FIXTURES(root());
    const std::set<std::string> there = files();
    for (const auto& [file, list] : changes()) EXPECT_TRUE(there.contains(file)) << file;
    for (const auto& [file, code] : refused()) EXPECT_TRUE(there.contains(file)) << file;
    for (const LeftOut& left_out : kLeftOutOfBesu) EXPECT_TRUE(there.contains(std::string(left_out.name))) << left_out.name;
}

}  // namespace
}  // namespace weft::test
