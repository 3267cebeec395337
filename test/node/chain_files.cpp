// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/node/chain_files.hpp"

#include "weft/base/hex.hpp"

#include <fmt/format.h>

#include <fstream>

namespace weft::test {

std::vector<const MadeBlock*> make_chain(ChainMaker& maker, uint64_t length) {
    std::vector<const MadeBlock*> blocks{&maker.first()};
    while (blocks.size() <= length) {
        const MadeBlock& parent = *blocks.back();
        Wishes wishes;
        for (size_t user = 0; user <= blocks.size() % ChainMaker::users(); ++user)
            wishes.transactions.push_back(maker.call(parent, user, ChainMaker::contract(), user));
        blocks.push_back(&maker.make(parent, std::move(wishes)));
    }
    return blocks;
}

std::string genesis_file(const chain::Genesis& genesis) {
    std::string config = R"("chainId":1)";
    for (const char* fork :
         {"homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin", "london"})
        config += fmt::format(R"(,"{}Block":0)", fork);
    std::string accounts;
    for (const auto& [addr, change] : genesis.allocation.accounts) {
        const state::Account& account = *change.account;
        const auto code = genesis.allocation.codes.find(account.code_hash);
        const std::string code_text = code == genesis.allocation.codes.end() ? "0x" : to_hex(code->second->view());
        accounts += fmt::format(R"({}"{}":{{"nonce":"{:#x}","balance":"{}","code":"{}"}})", accounts.empty() ? "" : ",", to_hex(addr),
                                account.nonce, to_hex(to_hash32(account.balance)), code_text);
    }
    const types::Header& header = genesis.block.header;
    return fmt::format(R"({{"config":{{{}}},"difficulty":"{}","gasLimit":"{:#x}","timestamp":"{:#x}","alloc":{{{}}}}})", config,
                       to_hex(to_hash32(header.difficulty)), header.gas_limit, header.timestamp, accounts);
}

void write_text(const std::filesystem::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

void write_chain(const std::filesystem::path& path, std::span<const MadeBlock* const> blocks, const std::string& behind) {
    std::ofstream file(path, std::ios::binary);
    for (const MadeBlock* const block : blocks) {
        const bytes encoded = block->encoded.empty() ? types::encode(block->block) : block->encoded;
        file.write(reinterpret_cast<const char*>(encoded.data()), static_cast<std::streamsize>(encoded.size()));
    }
    file << behind;
}

}  // namespace weft::test
