// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/execution/access_record.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/fixtures/block_file.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// A block and what came out when it was executed in order.
struct ExecutedBlock {
    std::string name;
    fixtures::BlockFile file;
    std::vector<std::optional<address>> senders;
    execution::AccessRecord accesses;
    execution::BlockResult result;

    [[nodiscard]] execution::BlockInput input() const { return file.input(senders); }
};

/// Reads a block file and executes the block in order.
[[nodiscard]] Result<ExecutedBlock> read_and_execute(const std::filesystem::path& path, ThreadPool& pool);

/// What is foretold of a block by a predictor that has learnt from all the others, and from nothing of the block itself.
[[nodiscard]] execution::ListedHints foretell_from_others(std::vector<ExecutedBlock>& blocks, size_t which);

}  // namespace weft::cli
