// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/result.hpp"
#include "weft/chain/block_validation.hpp"
#include "weft/execution/errors.hpp"
#include "weft/types/decode_error.hpp"

#include <string>
#include <variant>

namespace weft::chain {

/// The rule that a block was found to break before the chain was opened, in the words of then.
struct RememberedRule {
    std::string text;
};

/// The rule that makes a block invalid for good: its hash commits to what breaks it.
using BrokenRule = std::variant<BlockFault, execution::BlockError, RememberedRule>;
[[nodiscard]] std::string to_string(const BrokenRule& rule);

/// A block that is known to be invalid.
struct BadBlock {
    hash32 hash;
    BrokenRule rule;
};

/// Whether the fault shows in the header, or in a body that the header commits to. Otherwise another body may come with the same hash, and
/// nothing is said of the block.
[[nodiscard]] bool is_about_hash(BlockFault fault) noexcept;
/// Whether the error is about the block, not about the machine that executed it.
[[nodiscard]] bool is_about_block(const execution::BlockError& error) noexcept;

/// The parent hash names no block that is known.
struct UnknownParent {
    hash32 parent;
};

/// The block is known to be invalid, or descends from one that is.
struct DescendsFromBad {
    BadBlock bad;
};

/// The block belongs to a branch that leaves the chain below what is kept to go back to.
struct BranchTooDeep {
    uint64_t fork_number = 0;  ///< The last block that the branch and the chain have in common.
    uint64_t oldest = 0;       ///< The lowest block that the chain can go back to.
};

/// The branch of the block has more blocks, or bytes, beside the chain than are kept (TreeLimits).
struct BranchTooLong {};

/// Why a block was not accepted. The last two kinds say nothing of the block: the machine failed, or who keeps the chain.
using RejectionReason = std::variant<types::DecodeError, UnknownParent, DescendsFromBad, BranchTooDeep, BranchTooLong, BlockFault,
                                     execution::BlockError, Error>;

struct Rejection {
    /// The block that the reason is about, which may be an ancestor of the one that was added; zero: it has not been decoded.
    hash32 block;
    RejectionReason reason;
};
/// One line for a person: which block, and why.
[[nodiscard]] std::string to_string(const Rejection& rejection);
[[nodiscard]] std::string to_string(const RejectionReason& reason);

}  // namespace weft::chain
