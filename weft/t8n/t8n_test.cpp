// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/t8n/fork.hpp"
#include "weft/t8n/numbers.hpp"
#include "weft/t8n/tool.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <tuple>

namespace weft::t8n {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSecret = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
/// The account of that secret.
constexpr std::string_view kSender = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";

/// One run over standard input, from London's point of view unless something else is said.
struct Scenario {
    std::string fork = "London";
    std::string env = R"("currentBaseFee": "7")";
    std::string difficulty = R"("currentDifficulty": "0x20000",)";
    std::string sender = R"("balance": "1000000000000000000")";
    std::string others{};
    std::string transactions{};
    int64_t reward = -1;
    Options options{};

    [[nodiscard]] std::string input() const {
        return fmt::format(
            R"({{"alloc": {{"{}": {{{}}}{}}}, "txs": [{}], "env": {{"currentCoinbase": "0x00000000000000000000000000000000000000cc",
            "currentGasLimit": "0x1000000", "currentNumber": "5", "currentTimestamp": "1000", {} {}}}}})",
            kSender, sender, others, transactions, difficulty, env);
    }

    [[nodiscard]] Outcome<Printed> run() const { return run_on(input()); }
    [[nodiscard]] Outcome<Printed> run_on(const std::string& text) const {
        Options chosen = options;
        chosen.input_alloc = chosen.input_env = chosen.input_transactions = "stdin";
        chosen.output_alloc = chosen.output_result = chosen.output_body = "stdout";
        chosen.fork = fork;
        chosen.reward = reward;
        return run_tool(chosen, [&] { return Result<std::string>(text); });
    }

    [[nodiscard]] std::string output() const {
        const auto printed = run();
        EXPECT_TRUE(printed) << printed.error().message;
        return printed ? printed->standard_output : "";
    }
    [[nodiscard]] ExitCode code() const {
        const auto printed = run();
        EXPECT_FALSE(printed);
        return printed.error().code;
    }
};

/// With everything that a fork after the merge asks for, but a price for blobs.
Scenario post_merge(std::string fork) {
    return {.fork = std::move(fork),
            .env = R"("currentBaseFee": "7", "currentRandom": "0x1", "withdrawals": [], "blockHashes": {}, "parentBeaconBlockRoot": "0x)" +
                   std::string(64, '0') + '"',
            .difficulty = ""};
}

/// A transaction to sign. `fields` come first, so that they count where a name is there twice.
std::string transaction(std::string_view fields) {
    return fmt::format(R"({{{}, "secretKey": "{}", "nonce": "0x0", "gas": "0x5208", "value": "0x1", "input": "0x",
        "to": "0x0000000000000000000000000000000000000011", "v": "0x0", "r": "0x0", "s": "0x0"}})",
                       fields, kSecret);
}
std::string legacy(std::string_view fields = R"("type": "0x0")") { return transaction(fmt::format(R"({}, "gasPrice": "0xa")", fields)); }

// ---- Numbers ----

TEST(T8nNumbers, hex_and_decimal) {
    EXPECT_EQ(parse_number("12800000"), uint256(12'800'000));
    EXPECT_EQ(parse_number("0x0C"), uint256(12));
    EXPECT_EQ(parse_number(""), uint256(0));
    EXPECT_EQ(parse_number("115792089237316195423570985008687907853269984665640564039457584007913129639935"), ~uint256{});
    for (const char* text : {"115792089237316195423570985008687907853269984665640564039457584007913129639936", "1a", "-1", "0xg", " 1"})
        EXPECT_FALSE(parse_number(text)) << text;
    EXPECT_EQ(to_decimal(~uint256{}), "115792089237316195423570985008687907853269984665640564039457584007913129639935");
    EXPECT_EQ(to_decimal({}), "0");
}

TEST(T8nNumbers, eip55_addresses_of_the_specification) {
    for (const char* text : {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
                             "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"})
        EXPECT_EQ(to_checksummed(*fixed_from_hex<address>(text)), text);
}

// ---- Environments ----

TEST(T8nEnvironment, difficulty_follows_from_the_parent) {
    Scenario run{.fork = "Berlin", .difficulty = ""};
    run.env = R"("parentDifficulty": "0x2000000", "parentTimestamp": "999")";
    // One second later: up by one 2048th.
    EXPECT_THAT(run.output(), HasSubstr(R"("currentDifficulty":"0x2004000")"));
    // A parent with ommers raises it by two.
    run.env += R"(, "parentUncleHash": "0x00000000000000000000000000000000000000000000000000000000000000ff")";
    EXPECT_THAT(run.output(), HasSubstr(R"("currentDifficulty":"0x2008000")"));
}

TEST(T8nEnvironment, base_fee_follows_from_the_parent) {
    Scenario run;
    run.env = R"("parentBaseFee": "1000", "parentGasUsed": "0", "parentGasLimit": "0x1000000")";
    EXPECT_THAT(run.output(), HasSubstr(R"("currentBaseFee":"0x36b")"));
    // The parent of London's first block had none.
    run.fork = "BerlinToLondonAt5";
    EXPECT_THAT(run.output(), HasSubstr(R"("currentBaseFee":"0x3b9aca00")"));
}

TEST(T8nEnvironment, excess_blob_gas_follows_from_the_parent) {
    Scenario run = post_merge("Cancun");
    EXPECT_THAT(run.output(), Not(HasSubstr("ExcessBlobGas")));
    run.env += R"(, "parentExcessBlobGas": "0x60000", "parentBlobGasUsed": "0x40000")";
    EXPECT_THAT(run.output(), HasSubstr(R"("currentExcessBlobGas":"0x40000","blobGasUsed":"0x0")"));
}

TEST(T8nEnvironment, what_a_fork_needs_and_env_lacks_is_exit_code_3) {
    EXPECT_EQ((Scenario{.env = R"("x": 0)"}.code()), ExitCode::config);
    EXPECT_EQ((Scenario{.difficulty = ""}.code()), ExitCode::config);
    EXPECT_EQ((Scenario{.env = R"("currentBaseFee": "7", "parentDifficulty": "1", "parentTimestamp": "1000")", .difficulty = ""}.code()),
              ExitCode::config);
    EXPECT_EQ((Scenario{.fork = "Paris"}.code()), ExitCode::config);
    for (const char* field : {R"("currentRandom")", R"("withdrawals")", R"("parentBeaconBlockRoot")", R"("currentBaseFee")"}) {
        Scenario run = post_merge("Cancun");
        EXPECT_TRUE(run.run());
        run.env.replace(run.env.find(field) + 1, 1, "X");
        EXPECT_EQ(run.code(), ExitCode::config) << field;
    }
    Scenario difficult = post_merge("Paris");
    difficult.difficulty = R"("currentDifficulty": "0x20000",)";
    EXPECT_EQ(difficult.code(), ExitCode::config);
}

TEST(T8nEnvironment, forks_that_help_lists_are_known) {
    for (const std::string_view name : fork_names()) EXPECT_TRUE(Fork::of(name, 1, std::nullopt)) << name;
    // EIP-7892; the first two as EIP-7607 schedules them, the others as the official tests do.
    const std::tuple<const char*, uint64_t, uint64_t, uint64_t> schedules[] = {
        {"Osaka", 6, 9, 5007716},   {"BPO1", 10, 15, 8346193},  {"BPO2", 14, 21, 11684671},
        {"BPO3", 21, 32, 20609697}, {"BPO4", 14, 21, 13739630}, {"BPO5", 14, 21, 13739630},
    };
    for (const auto& [name, target, max, fraction] : schedules) {
        const types::BlobSchedule blob = Fork::of(name, 1, std::nullopt)->rules_at(1, 1).blob;
        EXPECT_EQ(std::tuple(blob.target, blob.max, blob.base_fee_update_fraction), std::tuple(target, max, fraction)) << name;
    }
    // Muir Glacier's delay came to stay with Berlin.
    EXPECT_EQ(Fork::of("Istanbul", 1, std::nullopt)->bomb_delay_at(1), 5'000'000U);
    EXPECT_EQ(Fork::of("MuirGlacier", 1, std::nullopt)->bomb_delay_at(1), 9'000'000U);
    EXPECT_EQ(Fork::of("BerlinToLondonAt5", 1, std::nullopt)->bomb_delay_at(4), 9'000'000U);
    EXPECT_EQ(Fork::of("BerlinToLondonAt5", 1, std::nullopt)->bomb_delay_at(5), 9'700'000U);
}

TEST(T8nEnvironment, unknown_forks_are_exit_code_3) {
    for (const char* fork : {"Frontier+1346", "London+1153", "Amsterdam", "Verkle", ""})
        EXPECT_EQ((Scenario{.fork = fork}.code()), ExitCode::config) << fork;
}

TEST(T8nEnvironment, eips_that_a_fork_has_may_follow_it_and_no_others) {
    for (const char* fork : {"Istanbul+1344+1884+2200", "Berlin+2929", "London+3198+3529", "Cancun+1153", "Osaka+7939+7702+1344",
                             "LondonToParisAtDiffC0000+3529"})
        EXPECT_TRUE(Fork::of(fork, 1, std::nullopt)) << fork;
    const auto message = [](std::string_view fork) {
        const auto of = Fork::of(fork, 1, std::nullopt);
        return of ? "" : of.error().message;
    };
    EXPECT_EQ(message("London+1153"), "fork London+1153: EIP-1153 cannot be switched on by itself; it comes with Cancun");
    EXPECT_EQ(message("London+3529+3855"), "fork London+3529+3855: EIP-3855 cannot be switched on by itself; it comes with Shanghai");
    EXPECT_THAT(message("BerlinToLondonAt5+3198"), HasSubstr("it comes with London"));
    // It would turn back what Berlin and London changed.
    EXPECT_THAT(message("London+2200"), HasSubstr("cannot be switched on by itself"));
    EXPECT_EQ(message("London+"), "fork London+: EIP \"\" is not one that can be added");
    EXPECT_THAT(message("Frontier+1346"), HasSubstr("\"1346\" is not one that can be added"));
}

TEST(T8nEnvironment, blob_parameters_may_be_given) {
    Scenario run = post_merge("Cancun");
    run.env += R"(, "parentExcessBlobGas": "0", "parentBlobGasUsed": "0x40000")";
    std::string input = run.input();
    input.insert(1, R"("blobParams": {"target": "0x1", "max": "0x2", "baseFeeUpdateFraction": "0x10"}, )");
    const auto printed = run.run_on(input);
    ASSERT_TRUE(printed) << printed.error().message;
    EXPECT_THAT(printed->standard_output, HasSubstr(R"("currentExcessBlobGas":"0x20000")"));
}

// ---- Inputs ----

TEST(T8nInput, wrong_json_is_exit_code_10_and_names_the_field) {
    const auto message = [](const Scenario& run) {
        const auto printed = run.run();
        EXPECT_FALSE(printed);
        EXPECT_EQ(printed.error().code, ExitCode::json);
        return printed.error().message;
    };
    EXPECT_EQ(message({.sender = R"("nonce": "0x0")"}), "stdin: alloc." + std::string(kSender) + ".balance: missing");
    EXPECT_EQ(message({.env = R"("currentBaseFee": "0xx")"}), "stdin: env.currentBaseFee: not a hex or decimal number of at most 256 bits");
    EXPECT_EQ(message({.env = R"("currentBaseFee": "1", "ommers": [{"delta": 8, "address": "0x"}])"}),
              "stdin: env.ommers[0].delta: not between 1 and 7");
    EXPECT_EQ(message({.transactions = R"({"type": "0x5"})"}), "stdin: txs[0].type: no type of transaction");
    EXPECT_EQ(message({.transactions = legacy(R"("v": "0x1d")")}), "stdin: txs[0].v: neither 27, 28 nor 35 and a chain id (EIP-155)");
    EXPECT_EQ(message({.transactions = legacy(R"("secretKey": "0x)" + std::string(64, '0') + '"')}),
              "stdin: txs[0].secretKey: no valid secret key");
    EXPECT_EQ(Scenario{}.run_on("{").error().code, ExitCode::json);
    EXPECT_EQ(Scenario{}.run_on("[]").error().code, ExitCode::json);
}

TEST(T8nInput, files_that_are_not_there_are_exit_code_11) {
    Options options;
    options.input_alloc = "/nowhere/alloc.json";
    const auto printed = run_tool(options, [] { return Result<std::string>(""); });
    ASSERT_FALSE(printed);
    EXPECT_EQ(printed.error().code, ExitCode::io);
    EXPECT_THAT(printed.error().message, HasSubstr("/nowhere/alloc.json"));
}

TEST(T8nInput, transactions_in_rlp) {
    // What comes out as the body goes in again.
    const Scenario run{.transactions = legacy()};
    const std::string output = run.output();
    const size_t begin = output.find(R"("body":")") + 8;
    const std::string body = output.substr(begin, output.find('"', begin) - begin);
    std::string input = Scenario{}.input();
    const auto again = run.run_on(std::string(input).replace(input.find("[]"), 2, '"' + body + '"'));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->standard_output, output);
    // As txsRlp too; and what is no list is an error of its own.
    std::string with_rlp = input;
    with_rlp.replace(with_rlp.find(R"("txs": [])"), 9, R"("txsRlp": ")" + body + '"');
    EXPECT_EQ(run.run_on(with_rlp)->standard_output, output);
    const auto broken = run.run_on(std::string(input).replace(input.find("[]"), 2, R"("0xc281")"));
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ExitCode::rlp);
    // An item that is no transaction is rejected.
    const auto rejected = run.run_on(std::string(input).replace(input.find("[]"), 2, R"("0xc105")"));
    ASSERT_TRUE(rejected) << rejected.error().message;
    EXPECT_THAT(rejected->standard_output, HasSubstr(R"("rejected":[{"index":0,"error":"transaction type not supported"}])"));
}

// ---- Transactions ----

TEST(T8nTransactions, a_secret_key_signs_for_its_account) {
    for (const char* fields : {R"("type": "0x0", "gasPrice": "0xa")", R"("type": "0x0", "protected": false, "gasPrice": "0xa")",
                               R"("type": "0x1", "gasPrice": "0xa", "chainId": "0x1")",
                               R"("type": "0x2", "maxFeePerGas": "0xa", "maxPriorityFeePerGas": "0x0", "chainId": "0x1")"}) {
        const std::string output = Scenario{.transactions = transaction(fields)}.output();
        EXPECT_THAT(output, HasSubstr(fmt::format(R"("{}":{{"balance":)", kSender))) << fields;
        EXPECT_THAT(output, HasSubstr(R"("gasUsed":"0x5208")")) << fields;
        EXPECT_THAT(output, Not(HasSubstr("rejected"))) << fields;
    }
    // v of EIP-155 is 37 or 38 on chain 1, and 27 or 28 before.
    EXPECT_THAT((Scenario{.transactions = legacy()}.output()), testing::ContainsRegex(R"(0180(25|26)a0)"));
    EXPECT_THAT((Scenario{.transactions = legacy(R"("protected": false)")}.output()), testing::ContainsRegex(R"(0180(1b|1c)a0)"));
}

/// The error of the one transaction that is rejected.
std::string rejection(Scenario run) {
    const std::string output = run.output();
    constexpr std::string_view kBegin = R"("rejected":[{"index":0,"error":")";
    const size_t begin = output.find(kBegin);
    if (begin == std::string::npos) return "accepted";
    return output.substr(begin + kBegin.size(), output.find('"', begin + kBegin.size()) - begin - kBegin.size());
}
std::string rejection(std::string transactions) { return rejection(Scenario{.transactions = std::move(transactions)}); }

TEST(T8nRejection, words_are_those_of_geth) {
    const std::string address = "address 0xa94f5374Fce5edBC8E2a8697C15331677e6EbF0B";
    EXPECT_EQ(rejection(legacy(R"("gas": "0x1000001")")), "gas limit reached");
    EXPECT_EQ(rejection(legacy(R"("gas": "0x5207")")), "intrinsic gas too low: have 20999, want 21000");
    EXPECT_EQ(rejection(legacy(R"("nonce": "0x2")")), "nonce too high: " + address + ", tx: 2 state: 0");
    EXPECT_EQ(rejection({.sender = R"("balance": "1000000000000000000", "nonce": "0x1")", .transactions = legacy()}),
              "nonce too low: " + address + ", tx: 0 state: 1");
    EXPECT_EQ(rejection(legacy(R"("nonce": "0xffffffffffffffff")")), "nonce has max value: " + address + ", nonce: 18446744073709551615");
    EXPECT_EQ(rejection({.sender = R"("balance": "210000")", .transactions = legacy()}),
              "insufficient funds for gas * price + value: " + address + " have 210000 want 210001");
    EXPECT_EQ(rejection(legacy(R"("value": "0x)" + std::string(64, 'f') + '"')),
              "insufficient funds for gas * price + value: " + address + " required balance exceeds 256 bits");
    EXPECT_EQ(rejection(transaction(R"("gasPrice": "0x6")")),
              "max fee per gas less than block base fee: " + address + ", maxFeePerGas: 6, baseFee: 7");
    EXPECT_EQ(rejection(transaction(R"("type": "0x2", "maxFeePerGas": "0xa", "maxPriorityFeePerGas": "0xb")")),
              "max priority fee per gas higher than max fee per gas: " + address + ", maxPriorityFeePerGas: 11, maxFeePerGas: 10");
    EXPECT_EQ(rejection(transaction(R"("type": "0x1", "gasPrice": "0xa", "chainId": "0x5")")),
              "invalid chain id for signer: have 5 want 1");
    EXPECT_EQ(rejection({.sender = R"("balance": "1000000000000000000", "code": "0x6000")", .transactions = legacy()}),
              "sender not an eoa: " + address + ", len(code): 2");
    EXPECT_EQ(rejection({.fork = "Istanbul", .transactions = transaction(R"("type": "0x1", "gasPrice": "0xa")")}),
              "transaction type not supported");
    EXPECT_EQ(rejection(legacy(R"("v": "0x1b")")), "invalid transaction v, r, s values");
}

std::string blob(std::string_view fields) {
    return transaction(
        fmt::format(R"({}, "type": "0x3", "maxFeePerGas": "0xa", "maxPriorityFeePerGas": "0x0", "maxFeePerBlobGas": "0x1")", fields));
}
std::string hashes(size_t count, const char* first = "01") {
    std::string list;
    for (size_t i = 0; i < count; ++i) list += fmt::format(R"({}"0x{}{}")", i == 0 ? "" : ", ", first, std::string(62, '0'));
    return R"("blobVersionedHashes": [)" + list + ']';
}

TEST(T8nRejection, words_about_blobs_are_those_of_geth) {
    Scenario run = post_merge("Cancun");
    run.transactions = blob(hashes(1));
    EXPECT_EQ(rejection(run), "blob tx used but field env.ExcessBlobGas missing");
    Scenario earlier{.transactions = blob(hashes(1))};
    EXPECT_EQ(rejection(earlier), "blob tx used but field env.ExcessBlobGas missing");
    run.env += R"(, "currentExcessBlobGas": "0")";
    EXPECT_EQ(rejection(run), "accepted");
    run.transactions = blob(hashes(7));
    EXPECT_EQ(rejection(run), "blob gas (917504) would exceed maximum allowance 786432");
    run.transactions = blob(hashes(0));
    EXPECT_EQ(rejection(run), "blob transaction missing blob hashes");
    run.transactions = blob(hashes(1, "02"));
    EXPECT_EQ(rejection(run), "blob 0 has invalid hash version");
    run.transactions = blob(hashes(1) + R"(, "to": null)");
    EXPECT_EQ(rejection(run), "blob transaction of type create");
    run.env += R"(, "currentExcessBlobGas": "0x1000000")";
    run.env.replace(run.env.find(R"("currentExcessBlobGas": "0")"), 27, R"("x": 0)");
    run.transactions = blob(hashes(1));
    EXPECT_EQ(rejection(run),
              "max fee per blob gas less than block blob gas fee: address 0xa94f5374Fce5edBC8E2a8697C15331677e6EbF0B blobGasFeeCap: 1, "
              "blobBaseFee: 152");
}

TEST(T8nTransition, rejected_transactions_do_not_stop_the_others) {
    const std::string output =
        Scenario{.transactions = legacy() + ',' + legacy(R"("nonce": "0x7")") + ',' + legacy(R"("nonce": "0x1")")}.output();
    EXPECT_THAT(output, HasSubstr(R"("rejected":[{"index":1,)"));
    EXPECT_THAT(output, HasSubstr(R"("gasUsed":"0xa410","currentBaseFee")"));
    EXPECT_THAT(output, HasSubstr(R"("0x0000000000000000000000000000000000000011":{"balance":"0x2"})"));
    EXPECT_THAT(output, HasSubstr(R"("nonce":"0x2")"));
    EXPECT_THAT(output, HasSubstr(R"("transactionIndex":"0x1")"));
}

TEST(T8nTransition, rewards) {
    Scenario run{.fork = "Byzantium", .reward = 0x80};
    run.env = R"("ommers": [{"delta": 1, "address": "0x00000000000000000000000000000000000000dd"}])";
    EXPECT_THAT(run.output(), HasSubstr(R"(cc":{"balance":"0x84"})"));
    EXPECT_THAT(run.output(), HasSubstr(R"(dd":{"balance":"0x70"})"));
    // A reward of zero brings an account into being before EIP-161, and none does not.
    run = {.fork = "Homestead", .reward = 0};
    EXPECT_THAT(run.output(), HasSubstr(R"(cc":{"balance":"0x0"})"));
    run.reward = -1;
    EXPECT_THAT(run.output(), Not(HasSubstr(R"(cc":{"balance")")));
    run = post_merge("Shanghai");
    run.reward = 5;
    EXPECT_THAT(run.output(), Not(HasSubstr(R"(cc":{"balance")")));
}

TEST(T8nTransition, receipts_before_byzantium_hold_state_roots) {
    const std::string output = Scenario{.fork = "Homestead", .transactions = legacy(R"("protected": false)")}.output();
    EXPECT_THAT(output, testing::ContainsRegex(R"("root":"0x[0-9a-f]{64}","status")"));
    // With one transaction and no reward, it is the root of the end.
    const size_t state_root = output.find(R"("stateRoot":")") + 13;
    EXPECT_THAT(output, HasSubstr(R"("root":")" + output.substr(state_root, 66)));
}

TEST(T8nTransition, a_block_hash_that_is_missing_is_exit_code_4) {
    // BLOCKHASH of 4 and of 1; block 4 is given.
    const auto run = [](const char* number) {
        Scenario result{.transactions = legacy(R"("gas": "0x10000")")};
        result.others = fmt::format(R"(, "0x0000000000000000000000000000000000000011": {{"balance": "0", "code": "0x60{}40"}})", number);
        result.env += R"(, "blockHashes": {"4": "0x00000000000000000000000000000000000000000000000000000000000000ff"})";
        return result;
    };
    EXPECT_TRUE(run("04").run());
    EXPECT_EQ(run("01").code(), ExitCode::missing_block_hash);
}

TEST(T8nTransition, a_missing_system_contract_is_exit_code_2) {
    const auto printed = post_merge("Prague").run();
    ASSERT_FALSE(printed);
    EXPECT_EQ(printed.error().code, ExitCode::evm);
    EXPECT_THAT(printed.error().message, HasSubstr("EIP-7002"));
}

// ---- Outputs ----

TEST(T8nOutput, files_in_the_base_folder) {
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "t8n_output";
    std::filesystem::remove_all(folder);
    Options options;
    options.input_alloc = options.input_env = options.input_transactions = "stdin";
    options.base_folder = folder / "new";
    options.output_result = "stderr";
    options.output_opcode_counts = "opcodes.json";
    options.fork = "London";
    Scenario run{.transactions = legacy(R"("gas": "0x10000")")};
    run.others = R"(, "0x0000000000000000000000000000000000000011": {"balance": "0", "code": "0x6001600200"})";
    const auto printed = run_tool(options, [&] { return Result<std::string>(run.input()); });
    ASSERT_TRUE(printed) << printed.error().message;
    EXPECT_EQ(printed->standard_output, "");
    EXPECT_THAT(printed->standard_error, HasSubstr(R"({"result":{"stateRoot")"));
    EXPECT_THAT(fixtures::read_file(folder / "new" / "alloc.json").value(), HasSubstr(std::string(kSender)));
    EXPECT_EQ(fixtures::read_file(folder / "new" / "opcodes.json").value(), "{\"PUSH1\":2,\"STOP\":1}\n");
    std::filesystem::remove_all(folder);
}

TEST(T8nOutput, traces_without_a_stack) {
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "t8n_no_stack";
    std::filesystem::remove_all(folder);
    Scenario run{.transactions = legacy(R"("gas": "0x10000")")};
    run.others = R"(, "0x0000000000000000000000000000000000000011": {"balance": "0", "code": "0x6001600200"})";
    run.options.base_folder = folder;
    run.options.traces.files = true;
    for (const bool stack : {true, false}) {
        run.options.traces.stack = stack;
        ASSERT_TRUE(run.run());
        const std::string trace = fixtures::read_file(std::filesystem::directory_iterator(folder)->path()).value();
        EXPECT_EQ(trace.contains(R"("stack":["0x1","0x2"])"), stack) << trace;
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weft::t8n
