// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/node/importer.hpp"

#include "test/node/chain_files.hpp"
#include "test/util/temporary_folder.hpp"
#include "weft/base/hex.hpp"
#include "weft/chain/chain_file.hpp"
#include "weft/db/verify.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace weft::node {
namespace {

using test::ChainMaker;
using test::MadeBlock;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = ImportFailure::Kind;

class ImportTest : public testing::TestWithParam<bool> {
  protected:
    std::unique_ptr<db::Database> open() {
        auto opened = try_open(maker.genesis());
        EXPECT_TRUE(opened) << opened.error().context;
        return opened ? std::move(*opened) : nullptr;
    }
    db::Expected<std::unique_ptr<db::Database>> try_open(const chain::Genesis& genesis) {
        return db::Database::open(folder.path() / "data", {.cache_bytes = 8 << 20, .history_blocks = 8},
                                  {.chain_id = genesis.spec.chain_id, .genesis_hash = genesis.hash});
    }
    std::filesystem::path file(const std::string& name, std::span<const MadeBlock* const> blocks, const std::string& behind = {}) {
        const auto path = folder.path() / name;
        test::write_chain(path, blocks, behind);
        return path;
    }
    /// What overlaps also reads the state by other threads.
    ImportResult import(db::Database& database, std::vector<std::filesystem::path> files, const ImportCallback& callback = {}) {
        const ImportOptions options{.files = std::move(files),
                                    .threads = 2,
                                    .overlaps = GetParam(),
                                    .store = {.sync_blocks = 5, .io_threads = 3, .are_reads_slow = GetParam()}};
        return import_blocks(maker.genesis(), database, options, callback);
    }
    ImportResult import(std::vector<std::filesystem::path> files) { return import(*open(), std::move(files)); }

    /// The import failed so, behind this block, which is durable and the head of a sound database.
    void expect_failure(const ImportResult& result, Kind kind, const std::string& message, const MadeBlock& head) {
        ASSERT_TRUE(result.failure);
        EXPECT_EQ(result.failure->kind, kind);
        EXPECT_THAT(result.failure->message, HasSubstr(message));
        expect_head(result, head);
    }
    void expect_head(const ImportResult& result, const MadeBlock& head) {
        const db::BlockId id{.number = head.header().number, .hash = head.hash};
        EXPECT_EQ(result.done.head, id);
        EXPECT_EQ(result.done.durable_head, id);
        const auto database = open();
        EXPECT_EQ(database->head(), id);
        const auto report = db::verify(database->store(), {});
        ASSERT_TRUE(report);
        EXPECT_THAT(report->findings, IsEmpty());
    }

    ChainMaker maker{types::Revision::London};
    const std::vector<const MadeBlock*> blocks = test::make_chain(maker, 40);
    test::TemporaryFolder folder;
};

TEST_P(ImportTest, whole_chain_and_nothing_more_the_second_time) {
    const auto chain = file("chain", blocks);
    const ImportResult result = import({chain});
    EXPECT_FALSE(result.failure);
    EXPECT_EQ(result.done.blocks, 40U);
    EXPECT_EQ(result.done.skipped, 1U);
    EXPECT_EQ(result.done.bytes_read, std::filesystem::file_size(chain));
    expect_head(result, *blocks.back());

    const ImportResult again = import({chain, chain});
    EXPECT_FALSE(again.failure);
    EXPECT_EQ(again.done.blocks, 0U);
    EXPECT_EQ(again.done.skipped, 82U);
    expect_head(again, *blocks.back());
}

TEST_P(ImportTest, files_continue_each_other_and_may_overlap) {
    const std::span all(blocks);
    const ImportResult result = import({file("a", all.subspan(1, 20)), file("b", all.subspan(11, 20)), file("c", all.subspan(31))});
    EXPECT_FALSE(result.failure) << result.failure->message;
    EXPECT_EQ(result.done.blocks, 40U);
    EXPECT_EQ(result.done.skipped, 10U);
    expect_head(result, *blocks.back());
}

TEST_P(ImportTest, stops_after_the_block_under_way_and_goes_on_there) {
    const auto chain = file("chain", blocks);
    const ImportResult result = import(*open(), {chain}, [](const ImportProgress& done) { return done.head.number < 17; });
    EXPECT_FALSE(result.failure);
    EXPECT_TRUE(result.is_stopped);
    // Ahead, the block after the one whose state root is known is under way.
    expect_head(result, *blocks[GetParam() ? 18 : 17]);
    expect_head(import({chain}), *blocks.back());
}

TEST_P(ImportTest, broken_file_leaves_the_blocks_before) {
    const std::span all(blocks);
    expect_failure(import({file("rubbish", all.first(5), "rubbish")}), Kind::input, "no block begins here", *blocks[4]);
    expect_failure(import({file("cut", all.first(8), "\xf9\x10")}), Kind::input, "the file ends within a block", *blocks[7]);
    expect_failure(import({file("list", all.first(9), "\xc1\x80")}), Kind::input, "no block: ", *blocks[8]);
    expect_failure(import({file("chain", all), folder.path() / "nowhere"}), Kind::input, "nowhere: No such file", *blocks.back());
}

TEST_P(ImportTest, block_out_of_order_is_named_with_its_place) {
    const std::vector<const MadeBlock*> gap{blocks[1], blocks[2], blocks[4]};
    const uint64_t offset = blocks[1]->encoded.size() + blocks[2]->encoded.size();
    expect_failure(import({file("gap", gap)}), Kind::input,
                   fmt::format("gap, byte {}: out of order: block 4 where block 3 is to follow", offset), *blocks[2]);
}

TEST_P(ImportTest, other_chain_is_refused) {
    const MadeBlock& other = maker.make(*blocks[2], {.seconds = 5});
    const std::vector<const MadeBlock*> two{blocks[1], blocks[2], &other};
    ASSERT_FALSE(import({file("chain", std::span(blocks).first(5))}).failure);
    expect_failure(import({file("other", two)}), Kind::input, "another chain: its block 3 is", *blocks[4]);
    const std::vector<const MadeBlock*> child{&maker.make(maker.make(other), {})};
    expect_failure(import({file("child", child)}), Kind::input, "its parent is", *blocks[4]);
}

TEST_P(ImportTest, invalid_block_is_named_with_its_rule) {
    const MadeBlock& bad = maker.changed(*blocks[6], [](types::Block& block) { block.header.state_root.bytes[7] ^= 1; });
    const std::vector<const MadeBlock*> row{blocks[1], blocks[2], blocks[3], blocks[4], blocks[5], &bad, blocks[7]};
    const std::string name = "block 6 " + to_hex(bad.hash) + ": invalid: ";
    expect_failure(import({file("bad", row)}), Kind::invalid_block, name + "the state root is wrong", *blocks[5]);
    expect_failure(import({file("bad", row)}), Kind::invalid_block, name + to_hex(bad.hash) + " is invalid: the state root is wrong",
                   *blocks[5]);
    const MadeBlock& impossible =
        maker.changed(*blocks[6], [](types::Block& block) { block.header.gas_used = block.header.gas_limit + 1; });
    const std::vector<const MadeBlock*> next{&impossible};
    expect_failure(import({file("impossible", next)}), Kind::invalid_block, "invalid: ", *blocks[5]);
    expect_head(import({file("good", blocks)}), *blocks.back());
}

TEST_P(ImportTest, wrong_state_root_is_named_whatever_follows) {
    const MadeBlock& bad = maker.changed(*blocks[6], [](types::Block& block) { block.header.state_root.bytes[7] ^= 1; });
    const auto child = [&](const std::function<void(types::Block&)>& change) {
        return &maker.changed(*blocks[7], [&](types::Block& block) {
            block.header.parent_hash = bad.hash;
            change(block);
        });
    };
    const std::vector<std::vector<const MadeBlock*>> followers{
        {},
        {child([](types::Block&) {})},
        {child([](types::Block& block) { block.header.gas_used = block.header.gas_limit + 1; })},
        {child([](types::Block& block) { block.header.receipts_root.bytes[0] ^= 1; })},
        {child([](types::Block& block) { block.header.number = 9; })},
    };
    for (const auto& following : followers) {
        std::vector<const MadeBlock*> row(blocks.begin() + 1, blocks.begin() + 6);
        row.push_back(&bad);
        row.insert(row.end(), following.begin(), following.end());
        const ImportResult result = import({file("bad", row)});
        EXPECT_EQ(result.done.blocks, 5U);
        expect_failure(result, Kind::invalid_block, "block 6 " + to_hex(bad.hash) + ": invalid: the state root is wrong", *blocks[5]);
        std::filesystem::remove_all(folder.path() / "data");
    }
}

TEST_P(ImportTest, genesis_of_another_chain_is_refused) {
    ASSERT_FALSE(import({file("chain", blocks)}).failure);
    const ChainMaker other(types::Revision::Shanghai);
    const auto opened = try_open(other.genesis());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, db::ErrorKind::wrong_chain);
}

TEST_P(ImportTest, exported_blocks_are_those_that_were_imported) {
    ASSERT_FALSE(import({file("chain", blocks)}).failure);
    const auto exported = folder.path() / "exported.rlp.gz";
    {
        const auto database = open();
        auto writer = chain::ChainFileWriter::create(exported);
        ASSERT_TRUE(writer);
        ASSERT_TRUE(database->chain().export_blocks(0, 40, [&](uint64_t, bytes_view encoded) { return writer->add(encoded).has_value(); }));
        ASSERT_TRUE(writer->finish());
    }
    std::filesystem::remove_all(folder.path() / "data");
    const ImportResult result = import({exported});
    EXPECT_EQ(result.done.blocks, 40U);
    expect_head(result, *blocks.back());
}

INSTANTIATE_TEST_SUITE_P(Overlap, ImportTest, testing::Bool(), [](const auto& of) { return of.param ? "ahead" : "one_by_one"; });

}  // namespace
}  // namespace weft::node
