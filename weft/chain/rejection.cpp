// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/rejection.hpp"

#include "weft/base/hex.hpp"

#include <fmt/format.h>

namespace weft::chain {
namespace {

struct ToString {
    std::string operator()(const types::DecodeError& error) const { return types::to_string(error); }
    std::string operator()(const UnknownParent& unknown) const { return fmt::format("its parent {} is not known", to_hex(unknown.parent)); }
    std::string operator()(const DescendsFromBad& descends) const {
        return fmt::format("{} is invalid: {}", to_hex(descends.bad.hash), to_string(descends.bad.rule));
    }
    std::string operator()(const BranchTooDeep& branch) const {
        return fmt::format("it branches off after block {}; the chain can go back to {} only", branch.fork_number, branch.oldest);
    }
    std::string operator()(const BranchTooLong&) const { return "its branch beside the chain is longer than what is kept"; }
    std::string operator()(BlockFault fault) const { return std::string(chain::to_string(fault)); }
    std::string operator()(const execution::BlockError& error) const { return execution::to_string(error); }
    std::string operator()(const RememberedRule& rule) const { return rule.text; }
    std::string operator()(const Error& error) const { return error.message; }
};

}  // namespace

std::string to_string(const BrokenRule& rule) { return std::visit(ToString{}, rule); }

bool is_about_hash(BlockFault fault) noexcept {
    switch (fault) {
        case BlockFault::block_too_large:
        case BlockFault::transactions_root_wrong:
        case BlockFault::ommers_hash_wrong:
        case BlockFault::withdrawals_root_wrong:
        case BlockFault::withdrawals_not_of_fork:
            return false;
        default:
            return true;
    }
}

bool is_about_block(const execution::BlockError& error) noexcept {
    return error.rule != execution::BlockRule::state_unavailable && error.rule != execution::BlockRule::out_of_memory;
}

std::string to_string(const RejectionReason& reason) { return std::visit(ToString{}, reason); }

std::string to_string(const Rejection& rejection) {
    const std::string reason = to_string(rejection.reason);
    return rejection.block.is_zero() ? reason : fmt::format("block {}: {}", to_hex(rejection.block), reason);
}

}  // namespace weft::chain
