// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/prediction/access_template.hpp"

#include "weft/crypto/keccak.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::execution::prediction {
namespace {

constexpr address kSender = address_of(0x5e4d00000000001);
constexpr address kContract = address_of(0xc0de00000000001);
constexpr address kToken = address_of(0x70ce00000000001);
constexpr address kOther = address_of(0x07e400000000001);

evm::HashedPair pair_of(const uint256& first, const uint256& second) {
    bytes data;
    for (const uint256& word : {first, second}) {
        const hash32 encoded = to_hash32(word);
        data.insert(data.end(), encoded.begin(), encoded.end());
    }
    return {.first = first, .second = second, .hash = to_uint256(crypto::keccak256(data))};
}

types::Transaction transaction_with(const std::vector<uint256>& arguments) {
    types::Transaction transaction;
    transaction.to = kContract;
    transaction.data = {0xa9, 0x05, 0x9c, 0xbb};
    for (const uint256& argument : arguments) {
        const hash32 encoded = to_hash32(argument);
        transaction.data.insert(transaction.data.end(), encoded.begin(), encoded.end());
    }
    return transaction;
}

/// What the templates behind one access of one call, with these hashes, say of another call of the same function.
std::vector<std::optional<Access>> transferred(const Access& access, const std::vector<evm::HashedPair>& pairs,
                                               const std::vector<uint256>& arguments, const address& other_sender,
                                               const std::vector<uint256>& other_arguments) {
    const types::Transaction transaction = transaction_with(arguments);
    const types::Transaction other = transaction_with(other_arguments);
    const Call call(transaction, kSender);
    const Call other_call(other, other_sender);
    EXPECT_EQ(call.selector(), 0xa9059cbb);
    std::vector<std::optional<Access>> locations;
    for (const Candidate& candidate : templates_of(call, {.accesses = {access}, .hashed_pairs = pairs}, 100)) {
        EXPECT_EQ(candidate.is_write, access.is_write);
        // A template explains what it comes from.
        Access explained = access;
        explained.is_write = false;
        EXPECT_EQ(candidate.what.location_for(call), explained);
        locations.push_back(candidate.what.location_for(other_call));
    }
    return locations;
}

Access slot_of(const address& account, const uint256& slot, bool is_write = false) {
    return {.account = account, .slot = slot, .is_write = is_write};
}

using Locations = std::vector<std::optional<Access>>;

TEST(AccessTemplate, a_mapping_by_sender_is_found_for_another_sender) {
    const auto pair = pair_of(to_uint256(kSender), 3);
    const auto other = pair_of(to_uint256(kOther), 3);
    EXPECT_EQ(transferred(slot_of(kContract, pair.hash, true), {pair}, {}, kOther, {}), (Locations{slot_of(kContract, other.hash)}));
}

TEST(AccessTemplate, a_mapping_by_argument_is_found_for_another_argument) {
    const auto pair = pair_of(0xabcdef, 3);
    const auto other = pair_of(0x123456, 3);
    EXPECT_EQ(transferred(slot_of(kContract, pair.hash), {pair}, {1, 0xabcdef}, kSender, {2, 0x123456}),
              (Locations{slot_of(kContract, other.hash)}));
    EXPECT_EQ(transferred(slot_of(kContract, pair.hash), {pair}, {1, 0xabcdef}, kSender, {2}), Locations{std::nullopt});
}

TEST(AccessTemplate, fields_of_a_structure_stand_behind_the_hash) {
    const auto pair = pair_of(to_uint256(kSender), 3);
    const auto other = pair_of(to_uint256(kOther), 3);
    EXPECT_EQ(transferred(slot_of(kContract, pair.hash + uint256{2}), {pair}, {}, kOther, {}),
              (Locations{slot_of(kContract, other.hash + uint256{2})}));
}

TEST(AccessTemplate, vyper_hashes_the_place_of_the_variable_first) {
    const auto pair = pair_of(3, to_uint256(kSender));
    const auto other = pair_of(3, to_uint256(kOther));
    EXPECT_EQ(transferred(slot_of(kContract, pair.hash), {pair}, {}, kOther, {}), (Locations{slot_of(kContract, other.hash)}));
}

TEST(AccessTemplate, a_mapping_of_mappings_has_two_keys) {
    const auto inner = pair_of(to_uint256(kSender), 4);
    const auto outer = pair_of(to_uint256(kToken), inner.hash);
    const auto other = pair_of(to_uint256(kContract), pair_of(to_uint256(kOther), 4).hash);
    EXPECT_EQ(transferred(slot_of(kToken, outer.hash), {inner, outer}, {to_uint256(kToken)}, kOther, {to_uint256(kContract)}),
              (Locations{slot_of(kContract, other.hash), slot_of(kToken, other.hash)}));
}

TEST(AccessTemplate, a_slot_that_follows_from_nothing_is_constant) {
    const auto pair = pair_of(to_uint256(kOther), 3);  // neither sender nor argument
    EXPECT_EQ(transferred(slot_of(kContract, pair.hash), {pair}, {}, kToken, {}), (Locations{slot_of(kContract, pair.hash)}));
    EXPECT_EQ(transferred(slot_of(kToken, 7), {}, {}, kOther, {}), (Locations{slot_of(kToken, 7)}));
}

TEST(AccessTemplate, the_account_may_be_an_argument_or_the_same_for_all) {
    EXPECT_EQ(transferred(slot_of(kToken, 7), {}, {to_uint256(kToken)}, kSender, {to_uint256(kOther)}),
              (Locations{slot_of(kOther, 7), slot_of(kToken, 7)}));
    // What is no address names no account.
    EXPECT_EQ(transferred(slot_of(kToken, 7), {}, {to_uint256(kToken)}, kSender, {~uint256{}}),
              (Locations{std::nullopt, slot_of(kToken, 7)}));
}

TEST(AccessTemplate, of_one_transaction_there_are_no_more_than_asked_for) {
    const types::Transaction transaction = transaction_with({});
    AccessRecord::Entry observed;
    for (uint64_t i = 0; i < 50; ++i) observed.accesses.push_back(slot_of(kContract, i));
    EXPECT_EQ(templates_of(Call(transaction, kSender), observed, 10).size(), 10);
    EXPECT_EQ(templates_of(Call(transaction, kSender), observed, 100).size(), 50);
}

TEST(AccessTemplate, data_that_ends_within_a_word_has_fewer_arguments) {
    types::Transaction transaction = transaction_with({1, 2});
    transaction.data.pop_back();
    EXPECT_EQ(Call(transaction, kSender).arguments(), 1);
    transaction.data.resize(3);
    EXPECT_EQ(Call(transaction, kSender).arguments(), 0);
    EXPECT_EQ(Call(transaction, kSender).selector(), UINT64_MAX);
    transaction.data.resize(100'000);
    EXPECT_EQ(Call(transaction, kSender).arguments(), Call::kMostArguments);
}

}  // namespace
}  // namespace weft::execution::prediction
