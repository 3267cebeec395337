// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/types/block.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <vector>

namespace weft::types {
namespace {

namespace dom = simdjson::dom;

/// Every `step`-th JSON file under `folder`, in a fixed order.
std::vector<std::filesystem::path> sample(const std::filesystem::path& folder, size_t step) {
    std::vector<std::filesystem::path> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".json" && entry.file_size() < 4'000'000) all.push_back(entry.path());
    std::ranges::sort(all);
    std::vector<std::filesystem::path> chosen;
    for (size_t i = 0; i < all.size(); i += step) chosen.push_back(all[i]);
    return chosen;
}

struct Tally {
    size_t blocks = 0;
    size_t transactions = 0;
    size_t senders = 0;
    size_t undecodable = 0;
};

/// The senders of a block's transactions, where the fixture names them.
void check_senders(const Block& block, dom::array transactions, Tally& tally) {
    ASSERT_EQ(block.transactions.size(), transactions.size());
    size_t i = 0;
    for (const dom::element fixture : transactions) {
        const Transaction& tx = block.transactions[i];
        EXPECT_EQ(encode(tx), block.encoded_transactions[i]);
        std::string_view sender;
        const bool named = fixture["sender"].get(sender) == simdjson::SUCCESS;
        if (named) {
            EXPECT_EQ(recover_sender(tx), fixed_from_hex<address>(sender));
            ++tally.senders;
        }
        ++tally.transactions;
        ++i;
    }
}

/// The exception that an invalid block is expected to raise; empty for a valid one.
std::string_view expected_exception(dom::object fixture) {
    std::string_view exception;
    for (const auto [key, value] : fixture)
        if (key.starts_with("expectException")) exception = value;
    return exception;
}

void check_block(dom::object fixture, Tally& tally) {
    const auto encoded = from_hex(std::string_view(fixture["rlp"]));
    ASSERT_TRUE(encoded);
    const auto block = decode_block(*encoded);
    const std::string_view exception = expected_exception(fixture);
    if (exception.contains("RLP")) {
        EXPECT_FALSE(block) << exception;
    }
    if (!block) {
        ASSERT_FALSE(exception.empty()) << to_string(block.error());
        ++tally.undecodable;
        return;
    }
    ++tally.blocks;
    EXPECT_EQ(encode(*block), *encoded);
    Block without_encodings = *block;
    without_encodings.encoded_transactions.clear();
    EXPECT_EQ(encode(without_encodings), *encoded);

    if (!exception.empty()) return;
    EXPECT_EQ(to_hex(hash(block->header)), std::string_view(fixture["blockHeader"]["hash"]));
    EXPECT_EQ(ommers_hash(block->ommers), block->header.ommers_hash);
    check_senders(*block, fixture["transactions"], tally);
}

void check_files(const char* folder_name, size_t step, Tally& tally) {
    for (const auto& path : sample(*test::conformance() / folder_name, step)) {
        dom::parser parser;
        const dom::object cases = parser.load(path.string());
        for (const auto [name, test] : cases) {
            dom::array blocks;
            if (test["blocks"].get(blocks) != simdjson::SUCCESS) continue;
            SCOPED_TRACE(path.string() + ": " + std::string(name));
            for (const dom::element block : blocks) check_block(block, tally);
        }
    }
}

TEST(EthereumBlockTests, official_blocks_round_trip_with_their_hashes_and_senders) {
    WEFT_REQUIRE_FIXTURES(test::conformance().value_or("conformance"));
    Tally tally;
    check_files("ethereum-tests/BlockchainTests", 1, tally);
    for (const char* fork : {"frontier", "berlin", "shanghai", "cancun", "prague", "osaka"})
        check_files(("eest-bal-v5.7.0/blockchain_tests/for_" + std::string(fork)).c_str(), 10, tally);
    EXPECT_GT(tally.blocks, 1000U);
    EXPECT_GT(tally.transactions, 1000U);
    EXPECT_GT(tally.senders, 500U);
    EXPECT_GT(tally.undecodable, 0U);
}

}  // namespace
}  // namespace weft::types
