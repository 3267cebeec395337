// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/expected_writes.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace weft::execution::parallel {
namespace {

constexpr address kA = address_of(0xa);
constexpr address kB = address_of(0xb);

using Found = std::vector<std::pair<uint32_t, Access>>;

Found find(const AccessHints& hints, size_t transactions) {
    ExpectedWrites writes;
    Found found;
    for (const auto& [transaction, access] : writes.find(hints, transactions)) found.emplace_back(transaction, *access);
    return found;
}

Access read(const address& account, std::optional<uint256> slot) { return {.account = account, .slot = slot, .is_write = false}; }
Access write(const address& account, std::optional<uint256> slot) { return {.account = account, .slot = slot, .is_write = true}; }

TEST(ExpectedWrites, are_those_that_a_later_transaction_meets) {
    ListedHints hints;
    hints.add({read(kA, 1), write(kA, 2)});
    hints.add({write(kA, 1), write(kA, 3), read(kA, 3)});
    hints.add({write(kA, 2)});
    hints.add({read(kA, 1)});
    EXPECT_EQ(find(hints, 4), (Found{{0, write(kA, 2)}, {1, write(kA, 1)}}));
    EXPECT_EQ(find(hints, 3), (Found{{0, write(kA, 2)}}));
}

TEST(ExpectedWrites, name_no_location_twice_for_one_transaction) {
    ListedHints hints;
    hints.add({write(kA, 1), read(kA, 1), write(kA, 1)});
    hints.add({write(kA, 1), write(kA, 1)});
    hints.add({write(kA, 1)});
    EXPECT_EQ(find(hints, 3), (Found{{0, write(kA, 1)}, {1, write(kA, 1)}}));
}

TEST(ExpectedWrites, tell_accounts_and_slots_of_different_accounts_apart) {
    ListedHints hints;
    hints.add({write(kA, std::nullopt), write(kB, 0)});
    hints.add({write(kA, 0)});
    EXPECT_EQ(find(hints, 2), Found{});
    hints.add({read(kA, std::nullopt)});
    EXPECT_EQ(find(hints, 3), (Found{{0, write(kA, std::nullopt)}}));
}

TEST(ExpectedWrites, end_where_too_much_is_foretold) {
    ListedHints hints;
    hints.add(std::vector<Access>(ExpectedWrites::kMostAccesses - 1, write(kA, 1)));
    hints.add({write(kA, 1), write(kA, 2)});
    hints.add({write(kA, 2)});
    EXPECT_EQ(find(hints, 3), (Found{{0, write(kA, 1)}}));
}

}  // namespace
}  // namespace weft::execution::parallel
