// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/trie/roots.hpp"

#include <span>

namespace weft::trie {

/// The value of a leaf of the state trie (Yellow Paper, section 4.1).
struct TrieAccount {
    uint64_t nonce = 0;
    uint256 balance;
    hash32 storage_root = kEmptyRoot;
    hash32 code_hash = crypto::kKeccakOfEmpty;

    friend bool operator==(const TrieAccount&, const TrieAccount&) noexcept = default;
};

/// No account takes more bytes.
inline constexpr size_t kLongestAccount = 110;
inline constexpr size_t kLongestStorageValue = 33;

/// rlp([nonce, balance, storage_root, code_hash]).
[[nodiscard]] bytes encode_account(const TrieAccount& account);
/// The same at the beginning of `room`.
[[nodiscard]] bytes_view encode_account(const TrieAccount& account, std::span<uint8_t, kLongestAccount> room) noexcept;
/// Strict: exactly one canonical account of four fields.
[[nodiscard]] rlp::Expected<TrieAccount> decode_account(bytes_view encoded) noexcept;

/// The value of a leaf of a storage trie: rlp of the word without leading zeros. A zero word has no leaf.
[[nodiscard]] bytes encode_storage_value(const uint256& value);
/// The same at the beginning of `room`.
[[nodiscard]] bytes_view encode_storage_value(const uint256& value, std::span<uint8_t, kLongestStorageValue> room) noexcept;
[[nodiscard]] rlp::Expected<uint256> decode_storage_value(bytes_view encoded) noexcept;

}  // namespace weft::trie
