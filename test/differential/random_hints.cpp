// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/random_hints.hpp"

#include <algorithm>

namespace weft::test {

namespace {

using execution::Access;

/// Every account of the state before the block, recipients, senders, and one that nobody knows; in an order that follows from the block.
std::vector<address> accounts_of(const GeneratedBlock& block) {
    std::vector<address> accounts;
    for (const auto& [addr, record] : block.state.accounts()) accounts.push_back(addr);
    std::ranges::sort(accounts);
    for (const types::Transaction& transaction : block.transactions)
        if (transaction.to) accounts.push_back(*transaction.to);
    for (const auto& sender : block.senders)
        if (sender) accounts.push_back(*sender);
    accounts.push_back(block.header.beneficiary);
    accounts.push_back(address_of(0xdeadbeef));
    return accounts;
}

}  // namespace

execution::ListedHints random_hints(const GeneratedBlock& block, Random& random) {
    const std::vector<address> accounts = accounts_of(block);
    const auto location = [&] {
        Access access{.account = random.pick(accounts), .slot = random.below(5), .is_write = true};
        if (random.chance(30)) access.slot.reset();
        return access;
    };
    std::vector<Access> common;
    if (random.chance(50))
        for (uint64_t i = random.below(20); i > 0; --i) common.push_back(location());

    execution::ListedHints hints;
    const uint64_t transactions = random.chance(70) ? block.transactions.size() : random.below(2 * block.transactions.size() + 1);
    for (uint64_t i = 0; i < transactions; ++i) {
        std::vector<Access> accesses = common;
        for (uint64_t left = random.below(6); left > 0; --left) accesses.push_back(location());
        for (Access& access : accesses)
            if (random.chance(30)) access.is_write = false;
        hints.add(std::move(accesses));
    }
    return hints;
}

execution::ListedHints misleading_hints(const GeneratedBlock& block, const execution::AccessHints& right) {
    execution::ListedHints hints;
    const size_t count = block.transactions.size();
    for (size_t i = 0; i < count; ++i) {
        std::vector<Access> accesses;
        for (const size_t other : {count - 1 - i, (i + 1) % count})
            for (const Access& access : right.of(other))
                accesses.push_back({.account = access.account, .slot = access.slot, .is_write = true});
        hints.add(std::move(accesses));
    }
    return hints;
}

}  // namespace weft::test
