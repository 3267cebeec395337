// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/keccak.hpp"

#include "weft/base/hex.hpp"
#include "weft/base/random.hpp"
#include "weft/crypto/keccak_lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace weft::crypto {
namespace {

bytes_view view_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

TEST(keccak, known_digests) {
    EXPECT_EQ(keccak256({}), kKeccakOfEmpty);
    EXPECT_EQ(to_hex(keccak256({})), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(to_hex(keccak256(view_of("abc"))), "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(to_hex(keccak256(view_of("Transfer(address,address,uint256)"))),
              "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
    // The root of the empty trie is the hash of the RLP of the empty string.
    EXPECT_EQ(to_hex(keccak256(bytes{0x80})), "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
}

/// Lengths 0 to 420 cross three block edges. The expected value, the digest of all digests one after another, comes from
/// the independent implementation js-sha3.
TEST(keccak, every_length_up_to_420_bytes) {
    bytes data;
    bytes digests;
    for (size_t size = 0; size <= 420; ++size) {
        const hash32 digest = keccak256(data);
        digests.insert(digests.end(), digest.begin(), digest.end());
        data.push_back(static_cast<uint8_t>((size + 1) * 7));
    }
    EXPECT_EQ(to_hex(keccak256(digests)), "0x7abb598ce2bd1e19f482ddeff89581e31e5aae9faea5a6f7d3da52e2ab3ca8c0");
}

TEST(keccak, every_permutation_is_the_same) {
    Random random{4};
    for (const keccak::Permutation& permutation : keccak::permutations()) {
        for (size_t round = 0; round < 200; ++round) {
            uint64_t expected[keccak::kWords];
            for (uint64_t& word : expected) word = random.next();
            uint64_t state[keccak::kWords];
            std::ranges::copy(expected, state);
            keccak::permute(expected);
            permutation.permute(state);
            ASSERT_TRUE(std::ranges::equal(expected, state)) << permutation.name;
        }
    }
}

// Eight lanes as they are, without instructions that this processor may lack.
void hash_in_eight_lanes(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    keccak::hash_in_lanes<8>(messages, digests);
}
void hash_in_two_lanes(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    keccak::hash_in_lanes<2>(messages, digests);
}

std::vector<keccak::Implementation> all_implementations() {
    const auto chosen = keccak::implementations();
    std::vector<keccak::Implementation> all(chosen.begin(), chosen.end());
    all.push_back({.name = "eight plain lanes", .lanes = 8, .hash = hash_in_eight_lanes});
    all.push_back({.name = "two plain lanes", .lanes = 2, .hash = hash_in_two_lanes});
    all.push_back({.name = "the chosen", .lanes = 0, .hash = keccak256_batch});
    return all;
}

/// Hashes the messages at once, and each alone.
void expect_batch_is_right(const keccak::Implementation& implementation, const std::vector<bytes>& messages) {
    const std::vector<bytes_view> views(messages.begin(), messages.end());
    std::vector<hash32> digests(messages.size());
    implementation.hash(views, digests);
    for (size_t i = 0; i < messages.size(); ++i)
        ASSERT_EQ(to_hex(digests[i]), to_hex(keccak256(messages[i])))
            << implementation.name << ", message " << i << " of " << messages.size() << ", " << messages[i].size() << " bytes";
}

bytes random_message(Random& random, size_t size) {
    bytes message(size);
    for (uint8_t& byte : message) byte = static_cast<uint8_t>(random.next());
    return message;
}

TEST(keccak_batch, every_length_up_to_600_bytes) {
    Random random{1};
    std::vector<bytes> messages;
    for (size_t size = 0; size <= 600; ++size) messages.push_back(random_message(random, size));
    for (const auto& implementation : all_implementations()) {
        expect_batch_is_right(implementation, messages);
        expect_batch_is_right(implementation, {messages.rbegin(), messages.rend()});
        for (const bytes& message : messages) expect_batch_is_right(implementation, {message, message});
    }
}

TEST(keccak_batch, mixed_lengths_in_batches_of_every_small_size) {
    Random random{2};
    for (const auto& implementation : all_implementations()) {
        for (size_t round = 0; round < 160; ++round) {
            std::vector<bytes> messages(round % 40);
            for (bytes& message : messages) message = random_message(random, random.below(random.chance(20) ? 5000 : 300));
            expect_batch_is_right(implementation, messages);
        }
    }
}

TEST(keccak_batch, a_long_message_goes_on_when_the_others_have_ended) {
    Random random{3};
    for (const auto& implementation : all_implementations()) {
        for (const size_t long_at : {0, 3, 8, 11}) {
            std::vector<bytes> messages(12, random_message(random, 100));
            messages[long_at] = random_message(random, 24576);
            expect_batch_is_right(implementation, messages);
        }
    }
}

}  // namespace
}  // namespace weft::crypto
