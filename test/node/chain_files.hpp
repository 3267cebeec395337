// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/chain/chain_maker.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace weft::test {

/// A chain of London in which every block calls the contract, from the first block to number `length`.
[[nodiscard]] std::vector<const MadeBlock*> make_chain(ChainMaker& maker, uint64_t length);

/// The first state and the rules of a ChainMaker of London, as a genesis file.
[[nodiscard]] std::string genesis_file(const chain::Genesis& genesis);

/// Writes blocks into a file, with whatever follows them.
void write_chain(const std::filesystem::path& path, std::span<const MadeBlock* const> blocks, const std::string& behind = {});
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace weft::test
