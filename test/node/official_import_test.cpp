// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "test/util/temporary_folder.hpp"
#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/db/verify.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"
#include "weft/node/importer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

/// Official chains into a database on disk.
namespace weft::node {
namespace {

using testing::IsEmpty;

std::string content_of(const std::filesystem::path& path) {
    auto content = fixtures::read_file(path);
    EXPECT_TRUE(content) << content.error().message;
    return content ? std::move(*content) : std::string();
}

class OfficialImport : public testing::Test {
  protected:
    void open(const chain::Genesis& genesis) {
        database.reset();
        auto opened =
            db::Database::open(folder.path(), {.cache_bytes = 64 << 20}, {.chain_id = genesis.spec.chain_id, .genesis_hash = genesis.hash});
        ASSERT_TRUE(opened) << opened.error().context;
        database = std::move(*opened);
    }

    /// Stops once on the way, closes the database, and goes on.
    void import(const Result<chain::Genesis>& genesis, const std::filesystem::path& file, uint64_t head) {
        ASSERT_TRUE(genesis) << genesis.error().message;
        ASSERT_NO_FATAL_FAILURE(open(*genesis));
        const ImportOptions options{.files = {file}, .threads = 2};
        const uint64_t stop = head / 2;
        // The block after the one that is counted last is under way.
        const auto half =
            import_blocks(*genesis, *database, options, [&](const ImportProgress& done) { return done.head.number + 1 < stop; });
        ASSERT_FALSE(half.failure) << half.failure->message;
        ASSERT_EQ(half.done.head.number, stop);
        ASSERT_NO_FATAL_FAILURE(open(*genesis));
        ASSERT_EQ(database->head(), half.done.head);
        const auto rest = import_blocks(*genesis, *database, options);
        ASSERT_FALSE(rest.failure) << rest.failure->message;
        EXPECT_EQ(rest.done.blocks, head - stop);
        EXPECT_EQ(rest.done.head.number, head);
        EXPECT_EQ(rest.done.durable_head, rest.done.head);

        ASSERT_NO_FATAL_FAILURE(open(*genesis));
        ASSERT_EQ(database->head(), rest.done.head);
        const auto report = db::verify(database->store(), {});
        ASSERT_TRUE(report) << report.error().context;
        EXPECT_THAT(report->findings, IsEmpty());
        EXPECT_EQ(report->blocks, head + 1);
        if (const auto header = database->chain().header(rest.done.head.hash).value()) {
            trie::NodeMemory memory;
            EXPECT_EQ(crypto::keccak256(database->nodes().node(trie::kAccountTrie, {}, memory).value()), header->state_root);
        }
    }

    /// The chain of a folder of the conformance archive; its head must be the one that `headfcu.json` names.
    void import_folder(const std::filesystem::path& folder_of_chain, uint64_t head) {
        import(chain::parse_genesis(content_of(folder_of_chain / "genesis.json")), folder_of_chain / "chain.rlp", head);
        if (HasFatalFailure()) return;
        const auto document = json::JsonDocument::parse(content_of(folder_of_chain / "headfcu.json"));
        ASSERT_TRUE(document);
        EXPECT_EQ(to_hex(database->head()->hash), document->root()["params"].at(0)["headBlockHash"].string());
    }

    /// The state at the head has the accounts and the slots of `headstate.json`, and no others.
    void expect_state(const std::filesystem::path& file) {
        const auto document = json::JsonDocument::parse(content_of(file));
        ASSERT_TRUE(document);
        const auto state = database->head_state();
        uint64_t accounts = 0;
        uint64_t slots = 0;
        document->root()["accounts"].for_each_member([&](std::string_view key, const json::Json& expected) {
            const auto addr = json::fixed_key<address>(key, expected);
            const auto account = state->account(addr);
            ASSERT_TRUE(account && *account) << key;
            ++accounts;
            EXPECT_EQ((*account)->balance, expected["balance"].hex_or_decimal()) << key;
            EXPECT_EQ((*account)->nonce, expected["nonce"].number()) << key;
            EXPECT_EQ((*account)->code_hash, expected["codeHash"].fixed<hash32>()) << key;
            if (!expected["storage"].exists()) return;
            expected["storage"].for_each_member([&](std::string_view slot, const json::Json& value) {
                ++slots;
                const auto stored = state->storage(addr, to_uint256(json::fixed_key<hash32>(slot, value)));
                ASSERT_TRUE(stored) << key;
                EXPECT_EQ(*stored, db::decode_slot_value(value.data())) << key << " " << slot;
            });
        });
        EXPECT_FALSE(document->errors().any()) << document->errors().first();
        const auto report = db::verify(database->store(), {});
        EXPECT_EQ(report->accounts, accounts);
        EXPECT_EQ(report->slots, slots);
    }

    test::TemporaryFolder folder;
    std::unique_ptr<db::Database> database;
};

TEST_F(OfficialImport, hivechain_through_every_fork) {
    const auto root = test::conformance().value_or("") / "hivechain" / "chain";
    WEFT_REQUIRE_FIXTURES(root);
    import_folder(root, 54);
    if (!HasFatalFailure()) expect_state(root / "headstate.json");
}

TEST_F(OfficialImport, devp2p_chain_of_geth) {
    const auto root = test::conformance().value_or("") / "geth" / "devp2p-chain";
    WEFT_REQUIRE_FIXTURES(root);
    import_folder(root, 600);
    if (!HasFatalFailure()) expect_state(root / "headstate.json");
}

TEST_F(OfficialImport, hive_sync) {
    const auto root = test::conformance().value_or("") / "hive-sync" / "chain";
    WEFT_REQUIRE_FIXTURES(root);
    import_folder(root, 3000);
}

TEST_F(OfficialImport, first_blocks_of_mainnet) {
    const auto root = test::shared_data() / "chains";
    WEFT_REQUIRE_FIXTURES(root);
    import(chain::builtin_genesis("mainnet"), root / "mainnet-0-8191.rlp.gz", 8191);
}

}  // namespace
}  // namespace weft::node
