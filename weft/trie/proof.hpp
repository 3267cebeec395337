// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/node_source.hpp"
#include "weft/trie/node_store.hpp"

#include <expected>
#include <optional>
#include <span>
#include <vector>

/// Merkle proofs as EIP-1186 has them: what a trie holds under a key, or that it holds nothing there, shown by the nodes on the way.
namespace weft::trie {

/// The encoded nodes from the root to where a key is or would be; nodes embedded in their parents are part of these. Of an empty trie:
/// none.
using Proof = std::vector<bytes>;

/// The proof for a key (at most 32 bytes) of the trie that is kept for `owner` and has that root.
[[nodiscard]] TrieResult<Proof> prove(const hash32& root, const hash32& owner, bytes_view key, NodeReader& reader);

/// Why a proof proves nothing.
enum class ProofError : uint8_t {
    wrong_node,      ///< A node has not the hash by which the one before it, or the root, names it.
    missing_node,    ///< The proof ends before the key is found or its place seen empty.
    malformed_node,  ///< A node is no canonical trie node.
    needless_node,   ///< There are nodes after the one that decides.
    malformed_leaf,  ///< The value is proven, and is no account or no word of storage.
};

/// The value of a key in the trie with that root, or nullopt where it has none.
[[nodiscard]] std::expected<std::optional<bytes>, ProofError> verify(const hash32& root, bytes_view key, std::span<const bytes> proof);

/// The account at an address, or nullopt; by a proof for the hash of the address.
[[nodiscard]] std::expected<std::optional<TrieAccount>, ProofError> verify_account(const hash32& state_root, const address& addr,
                                                                                   std::span<const bytes> proof);
/// The word in a slot, zero where there is none; by a proof for the hash of the slot.
[[nodiscard]] std::expected<uint256, ProofError> verify_storage(const hash32& storage_root, const uint256& slot,
                                                                std::span<const bytes> proof);

/// An account and some of its storage with their proofs: what eth_getProof answers with.
struct AccountProof {
    struct Slot {
        uint256 slot;
        uint256 value;
        Proof proof;
    };
    std::optional<TrieAccount> account;
    Proof proof;
    std::vector<Slot> slots;
};

/// TrieError::malformed_node where a kept value is no account or no word.
[[nodiscard]] TrieResult<AccountProof> prove_account(const hash32& state_root, const address& addr, std::span<const uint256> slots,
                                                     NodeReader& reader);

}  // namespace weft::trie
