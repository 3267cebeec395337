// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/chain/blockchain.hpp"
#include "weft/chain/memory_chain_store.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"
#include "weft/rlp/decode.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weft::chain {
namespace {

ExecuteBlock in_order() {
    return [](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
        return execution::SequentialExecutor().execute(block, view, options);
    };
}

std::string content_of(const std::filesystem::path& path) {
    auto content = fixtures::read_file(path);
    EXPECT_TRUE(content) << content.error().message;
    return content ? std::move(*content) : std::string();
}

/// A chain imported from a file of concatenated blocks; how many there were.
struct Imported {
    MemoryChainStore store;
    std::optional<Blockchain> chain;
    size_t blocks = 0;
};

/// Adds every block of a file to the chain of `genesis`: each must become the head, or be the first block.
void import(const Result<Genesis>& genesis, const std::string& file, Imported& imported) {
    ASSERT_TRUE(genesis) << genesis.error().message;
    auto chain = Blockchain::open(*genesis, imported.store, in_order());
    ASSERT_TRUE(chain) << chain.error().message;
    imported.chain.emplace(std::move(*chain));
    rlp::Decoder items(bytes_view(reinterpret_cast<const uint8_t*>(file.data()), file.size()));
    for (; !items.at_end(); ++imported.blocks) {
        const auto item = items.read_item();
        ASSERT_TRUE(item);
        const auto added = imported.chain->append(item->encoded);
        ASSERT_TRUE(added) << "block " << imported.blocks << " of the file: " << to_string(added.error());
        const bool is_first = added->hash == genesis->hash;
        ASSERT_EQ(added->placement, is_first ? Placement::known : Placement::head) << imported.blocks;
    }
    EXPECT_EQ(imported.store.content().root(), imported.chain->head().header.state_root);
}

/// The accounts of the state at the head, as `headstate.json` of a chain lists them.
void expect_state(const state::MemoryState& state, const std::string& file) {
    const auto document = json::JsonDocument::parse(file);
    ASSERT_TRUE(document);
    EXPECT_EQ(to_hex(state.root()), "0x" + std::string(document->root()["root"].string()));
    size_t count = 0;
    document->root()["accounts"].for_each_member([&](std::string_view key, const json::Json& expected) {
        ++count;
        const auto found = state.accounts().find(json::fixed_key<address>(key, expected));
        ASSERT_NE(found, state.accounts().end()) << key;
        const state::MemoryState::AccountRecord& record = found->second;
        EXPECT_EQ(record.balance, expected["balance"].hex_or_decimal()) << key;
        EXPECT_EQ(record.nonce, expected["nonce"].number()) << key;
        EXPECT_EQ(record.code_hash, expected["codeHash"].fixed<hash32>()) << key;
        const json::Json storage = expected["storage"];
        EXPECT_EQ(record.storage.empty(), !storage.exists()) << key;
    });
    EXPECT_EQ(count, state.accounts().size());
    EXPECT_FALSE(document->errors().any()) << document->errors().first();
}

/// Imports `genesis.json` and `chain.rlp` of a folder of the conformance archive; the head must be the one of `headfcu.json`.
void import_folder(const std::filesystem::path& folder, Imported& imported) {
    import(parse_genesis(content_of(folder / "genesis.json")), content_of(folder / "chain.rlp"), imported);
    if (testing::Test::HasFatalFailure()) return;
    const auto document = json::JsonDocument::parse(content_of(folder / "headfcu.json"));
    ASSERT_TRUE(document);
    EXPECT_EQ(to_hex(imported.chain->head().hash), document->root()["params"].at(0)["headBlockHash"].string());
    EXPECT_GT(imported.blocks, 40U);
}

/// The first 8,192 blocks of a public network: rewards alone, and on mainnet 1,410 ommers. Their seals are not looked at.
void import_first_blocks(std::string_view network, Imported& imported) {
    const auto folder = test::shared_data() / "chains";
    WEFT_REQUIRE_FIXTURES(folder);
    import(builtin_genesis(network), content_of(folder / (std::string(network) + "-0-8191.rlp.gz")), imported);
    if (testing::Test::HasFatalFailure() || testing::Test::IsSkipped()) return;
    EXPECT_EQ(imported.blocks, 8'192U);
    EXPECT_EQ(imported.chain->head().number(), 8'191U);
}

TEST(OfficialChains, hivechain_through_every_fork_to_bpo2) {
    const auto root = test::conformance().value_or("") / "hivechain" / "chain";
    WEFT_REQUIRE_FIXTURES(root);
    Imported imported;
    import_folder(root, imported);
    if (HasFatalFailure()) return;
    expect_state(imported.store.content(), content_of(root / "headstate.json"));
}

TEST(OfficialChains, hivechain_as_its_rpc_tests_have_it) {
    const auto root = test::conformance().value_or("") / "hivechain";
    WEFT_REQUIRE_FIXTURES(root);
    Imported imported;
    import(parse_genesis(content_of(root / "rpc" / "genesis.json")), content_of(root / "rpc" / "chain.rlp"), imported);
}

TEST(OfficialChains, devp2p_chain_of_geth) {
    const auto root = test::conformance().value_or("") / "geth" / "devp2p-chain";
    WEFT_REQUIRE_FIXTURES(root);
    Imported imported;
    import_folder(root, imported);
    if (HasFatalFailure()) return;
    expect_state(imported.store.content(), content_of(root / "headstate.json"));
}

TEST(OfficialChains, hive_sync) {
    const auto root = test::conformance().value_or("") / "hive-sync" / "chain";
    WEFT_REQUIRE_FIXTURES(root);
    Imported imported;
    import_folder(root, imported);
}

TEST(OfficialChains, first_blocks_of_mainnet) {
    Imported imported;
    import_first_blocks("mainnet", imported);
}

TEST(OfficialChains, first_blocks_of_sepolia) {
    Imported imported;
    import_first_blocks("sepolia", imported);
}

}  // namespace
}  // namespace weft::chain
