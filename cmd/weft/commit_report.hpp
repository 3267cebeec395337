// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cmd/weft/paired_times.hpp"
#include "cmd/weft/whole_block.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What whole blocks take, with state root and commit, beside their execution alone.
namespace weft::cli {

/// Of one block and number of threads, in milliseconds, measurement by measurement.
struct CommitReport {
    std::string name;
    unsigned threads = 1;
    PairedTimes pairs;                 ///< The whole block, and execution alone on the same state of the database.
    std::vector<double> execution_ms;  ///< These two make the whole.
    std::vector<double> commit_ms;
    std::string not_measured;  ///< Why; empty: it was measured.

    /// How many times as long as execution alone the whole block takes; nullopt: not measured.
    [[nodiscard]] std::optional<Estimate> ratio() const { return pairs.speedup(); }
    void add(const WholeBlock::Times& whole, double alone_ms);
};

/// Measures blocks in pairs: whole, and execution alone.
///
/// Thread safety: none.
class CommitCourse {
  public:
    CommitCourse(WholeBlock& block, WholeBlock::Execute execute, double least_ms)
        : block_(block), execute_(std::move(execute)), alone_(least_ms), whole_(least_ms) {}

    /// Once more each, in that order or the other one. Error: as WholeBlock.
    [[nodiscard]] Result<void> measure_pair(bool is_whole_first, CommitReport& report);

  private:
    using Run = Result<WholeBlock::Times> (WholeBlock::*)(const WholeBlock::Execute&);
    [[nodiscard]] Result<WholeBlock::Times> measure(Measurement& measurement, Run run);

    WholeBlock& block_;
    WholeBlock::Execute execute_;
    Measurement alone_;
    Measurement whole_;
};

/// A line for each block that was measured, then their sum and the geometric mean; empty: there is none. All have so many pairs.
[[nodiscard]] std::string to_table(std::span<const CommitReport> reports, const CommitOptions& options, size_t pairs);

/// null: it was not wanted.
[[nodiscard]] std::string to_json(const CommitReport& report, const CommitOptions& options);

void add_commit_options(CLI::App& command, CommitOptions& options);

inline constexpr const char* kCommitHelp =
    R"(--commit STORE measures whole blocks beside their execution alone: execution, state root, and commit of state, trie nodes, block,
receipts and what undoes it, by the store that weft import uses, to RocksDB in a temporary folder (TMPDIR), or to memory. The pairs are
execution on the state of that database, with its caches warm and nothing being written, and the whole block on the same state. The
ratio is the median of whole over alone. The state before the block is there as a node has it, with every node of its tries that is
known. As in an import a commit returns before its block is written, and before the state root is known if nobody has to wait for the block
before; the next one waits for both. So two blocks are timed in a row, behind others that keep the database as busy as a chain does, and
the mean is given: the block, and one that takes back what it did and is as much to compute the root of and to write; what executes with it
is the block again, on the state from before, seen through what is to be taken back. A whole block is its execution and its commit, which is
what there is to wait for. The nodes that a block changes are at hand then, since the block before has changed the same ones: no chain is so
kind. --commit-waits computes the root and writes before a commit returns. Syncs are in groups, as an import's. The recovery of senders and
the checks of header and body are in neither. A real block needs a witness that has what the
way back needs.)";

}  // namespace weft::cli
