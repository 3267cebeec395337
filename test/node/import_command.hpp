// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/node/chain_files.hpp"
#include "test/node/child_process.hpp"
#include "test/util/temporary_folder.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/db/database.hpp"
#include "weft/db/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace weft::test {

/// Runs `weft import` on a made chain.
class ImportCommand : public testing::Test {
  protected:
    explicit ImportCommand(uint64_t length) : length_(length) {}
    void SetUp() override {
        write_text(genesis, genesis_file(maker.genesis()));
        blocks = make_chain(maker, length_);
        write_chain(chain, blocks);
    }
    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all{WEFT_PROGRAM, "import",  "--datadir", datadir,     "--genesis", genesis, "--threads",
                                     "2",          "--cache", "8",         "--history", "16",        chain};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] Ended import(const std::vector<std::string>& more = {}, const ProcessOptions& options = {}) const {
        return run_process(command(more), folder.path(), options);
    }

    /// nullptr: it cannot be opened, which is a failure.
    std::unique_ptr<db::Database> open() {
        auto opened = db::Database::open(datadir, {.cache_bytes = 8 << 20, .history_blocks = 16},
                                         {.chain_id = 1, .genesis_hash = maker.genesis().hash});
        EXPECT_TRUE(opened) << opened.error().context;
        return opened ? std::move(*opened) : nullptr;
    }
    /// The state at the head and its root are those of the block.
    static void expect_state(db::Database& database, const MadeBlock& block) {
        state::MemoryState expected = block.state;
        const auto state = database.head_state();
        for (const auto& [addr, record] : block.state.accounts()) {
            EXPECT_EQ(state->account(addr), expected.account(addr));
            for (const auto& [slot, value] : record.storage) EXPECT_EQ(state->storage(addr, slot), value);
        }
        trie::NodeMemory memory;
        EXPECT_EQ(crypto::keccak256(database.nodes().node(trie::kAccountTrie, {}, memory).value()), block.header().state_root);
    }
    static void expect_sound(db::Database& database) {
        const auto report = db::verify(database.store(), {});
        ASSERT_TRUE(report) << report.error().context;
        EXPECT_THAT(report->findings, testing::IsEmpty());
    }

    TemporaryFolder folder;
    const std::string datadir = folder.path() / "data";
    const std::string genesis = folder.path() / "genesis.json";
    const std::string chain = folder.path() / "chain.rlp";
    ChainMaker maker{types::Revision::London};
    std::vector<const MadeBlock*> blocks;

  private:
    const uint64_t length_;
};

}  // namespace weft::test
