// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/executed_block.hpp"

#include "weft/execution/prediction/access_predictor.hpp"
#include "weft/types/sender_recovery.hpp"

#include <fmt/format.h>

namespace weft::cli {

Result<ExecutedBlock> read_and_execute(const std::filesystem::path& path, ThreadPool& pool) {
    auto file = fixtures::read_block_file(path);
    if (!file) return std::unexpected(file.error());
    const std::string name = path.filename().string();
    ExecutedBlock block{.name = name.substr(0, name.find(".json")), .file = *std::move(file), .senders = {}, .accesses = {}, .result = {}};
    // Proofs are of no use here, and all blocks are kept.
    block.file.witness.reset();
    block.senders = types::recover_senders(block.file.transactions, block.file.rules.revision, pool);
    execution::SequentialExecutor executor;
    auto result = executor.execute(block.input(), block.file.pre_state, {.accesses = &block.accesses});
    if (!result) return fail(fmt::format("{}: {}", path.string(), to_string(result.error())));
    block.result = *std::move(result);
    return block;
}

execution::ListedHints foretell_from_others(std::vector<ExecutedBlock>& blocks, size_t which) {
    execution::prediction::AccessPredictor predictor;
    for (size_t i = 0; i < blocks.size(); ++i)
        if (i != which) predictor.learn(blocks[i].input(), blocks[i].accesses);
    return predictor.predict(blocks[which].input(), blocks[which].file.pre_state);
}

}  // namespace weft::cli
