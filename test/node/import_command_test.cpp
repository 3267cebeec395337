// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/node/import_command.hpp"
#include "weft/base/hex.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace weft::node {
namespace {

using test::Ended;
using test::MadeBlock;
using testing::HasSubstr;

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

class ImportCommandTest : public test::ImportCommand {
  protected:
    ImportCommandTest() : ImportCommand(900) {}

    [[nodiscard]] Ended db_command(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {WEFT_PROGRAM, "db"});
        arguments.insert(arguments.end(), {"--datadir", datadir});
        return test::run_process(arguments, folder.path());
    }
    void expect_whole() {
        const auto database = open();
        ASSERT_TRUE(database);
        EXPECT_EQ(database->head(), (db::BlockId{.number = blocks.size() - 1, .hash = blocks.back()->hash}));
        expect_state(*database, *blocks.back());
        expect_sound(*database);
    }
};

TEST_F(ImportCommandTest, reports_what_it_did) {
    const std::string report = folder.path() / "report.json";
    const Ended ended = import({"--json", report});
    EXPECT_EQ(ended.exit_code, 0) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("imported 900 blocks with 1800 transactions"));
    const auto document = json::JsonDocument::parse(content_of(report));
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["blocks"].number(), 900U);
    EXPECT_EQ(document->root()["skipped"].number(), 1U);
    EXPECT_EQ(document->root()["head"]["hash"].fixed<hash32>(), blocks.back()->hash);
    EXPECT_EQ(document->root()["durable_head"]["number"].number(), 900U);
    EXPECT_TRUE(document->root()["error"].is_null());
    expect_whole();
    EXPECT_THAT(import().output, HasSubstr("skipped 901"));
}

TEST_F(ImportCommandTest, second_process_on_the_same_datadir_is_refused) {
    const auto database = open();
    const Ended ended = import();
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_THAT(ended.output, HasSubstr("in use by another process"));
    EXPECT_FALSE(database->head());
}

TEST_F(ImportCommandTest, full_disk_keeps_what_was_committed) {
    const Ended ended = import({}, {.file_limit = 150'000});
    EXPECT_EQ(ended.exit_code, 2) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("File too large"));
    {
        const auto database = open();
        ASSERT_TRUE(database);
        const auto head = database->head();
        ASSERT_TRUE(head);
        EXPECT_GT(head->number, 0U);
        EXPECT_LT(head->number, 900U);
        expect_state(*database, *blocks.at(head->number));
        expect_sound(*database);
    }
    EXPECT_EQ(import().exit_code, 0);
    expect_whole();
}

TEST_F(ImportCommandTest, damaged_database_is_named_and_not_used) {
    ASSERT_EQ(import().exit_code, 0);
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(datadir) / "db")) {
        if (entry.path().extension() != ".log" && entry.path().extension() != ".sst") continue;
        std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
        file << "damage";
    }
    const Ended ended = import();
    EXPECT_EQ(ended.exit_code, 2) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("the database is damaged"));
}

TEST_F(ImportCommandTest, other_genesis_is_refused) {
    ASSERT_EQ(import().exit_code, 0);
    const Ended other = test::run_process({WEFT_PROGRAM, "import", "--datadir", datadir, "--genesis", "sepolia", chain}, folder.path());
    EXPECT_EQ(other.exit_code, 2);
    EXPECT_THAT(other.output, HasSubstr("the database is of chain 1"));
    expect_whole();
}

TEST_F(ImportCommandTest, invalid_block_ends_it_with_its_name_and_rule) {
    const MadeBlock& bad = maker.changed(*blocks[6], [](types::Block& block) { block.header.receipts_root.bytes[7] ^= 1; });
    const std::vector<const MadeBlock*> row{blocks[1], blocks[2], blocks[3], blocks[4], blocks[5], &bad};
    test::write_chain(chain, row);
    const Ended ended = import();
    EXPECT_EQ(ended.exit_code, 1);
    EXPECT_THAT(ended.output, HasSubstr(": block 6 " + to_hex(bad.hash) + ": invalid: "));
    EXPECT_EQ(open()->head(), (db::BlockId{.number = 5, .hash = blocks[5]->hash}));
    EXPECT_THAT(db_command({"stats"}).output, HasSubstr("bad blocks    1\n"));
    const Ended forgotten = db_command({"forget-bad"});
    EXPECT_EQ(forgotten.exit_code, 0);
    EXPECT_THAT(forgotten.output, HasSubstr(to_hex(bad.hash) + " "));
    EXPECT_THAT(db_command({"stats"}).output, HasSubstr("bad blocks    0\n"));
}

TEST_F(ImportCommandTest, signal_ends_it_after_the_block_under_way) {
    const std::string content = content_of(chain);
    // More than a pipe and the buffers of the reader hold: when it is written, the import is under way.
    constexpr size_t kAhead = 400'000;
    ASSERT_GT(content.size(), kAhead + 100'000);
    std::filesystem::remove(chain);
    ASSERT_EQ(::mkfifo(chain.c_str(), 0600), 0);
    std::signal(SIGPIPE, SIG_IGN);
    const Ended ended = import({}, {.meanwhile = [&](pid_t child) {
                                   std::ofstream pipe(chain, std::ios::binary);
                                   pipe << content.substr(0, kAhead) << std::flush;
                                   ::kill(child, SIGTERM);
                                   pipe << content.substr(kAhead);
                               }});
    EXPECT_EQ(ended.exit_code, 3) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("stopped by a signal"));
    {
        const auto database = open();
        ASSERT_TRUE(database && database->head());
        EXPECT_LT(database->head()->number, 900U);
        expect_sound(*database);
    }
    std::filesystem::remove(chain);
    test::write_chain(chain, blocks);
    EXPECT_EQ(import().exit_code, 0);
    expect_whole();
}

TEST_F(ImportCommandTest, db_commands_describe_check_and_export) {
    ASSERT_EQ(import().exit_code, 0);
    const std::string report = folder.path() / "report.json";
    EXPECT_THAT(db_command({"stats", "--json", report}).output,
                HasSubstr(fmt::format("head          900 {}", to_hex(blocks.back()->hash))));
    EXPECT_THAT(content_of(report), HasSubstr(R"("tables":{)"));
    const Ended verified = db_command({"verify", "--json", report});
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
    EXPECT_THAT(verified.output, HasSubstr("901 blocks with 1800 transactions"));
    EXPECT_THAT(content_of(report), HasSubstr(R"("findings":[])"));
    const Ended pruned = db_command({"prune", "--history", "4"});
    EXPECT_THAT(pruned.output, HasSubstr("oldest state 896"));

    const std::string exported = folder.path() / "exported.rlp";
    EXPECT_EQ(db_command({"export", "--first", "0", exported}).exit_code, 0);
    EXPECT_EQ(content_of(exported), content_of(chain));
    EXPECT_EQ(db_command({"export", "--last", "901", exported}).exit_code, 2);
    const Ended nowhere = db_command({"export", (folder.path() / "nowhere" / "exported.rlp").string()});
    EXPECT_EQ(nowhere.exit_code, 2);
    EXPECT_THAT(nowhere.output, HasSubstr("nowhere/exported.rlp.unfinished: No such file or directory"));
    expect_whole();
}

TEST_F(ImportCommandTest, db_commands_need_a_database) {
    for (const char* command : {"stats", "verify"}) EXPECT_EQ(db_command({command}).exit_code, 2) << command;
    EXPECT_FALSE(std::filesystem::exists(datadir));
}

}  // namespace
}  // namespace weft::node
