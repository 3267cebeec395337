// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/split_trie.hpp"
#include "weft/trie/trie.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace weft::state {

/// The tries of a state as a commitment has left them, for the next one: the nodes that it met need not be read and decoded again.
///
/// A trie is known by its root. Whoever asks for another root than the one that is here gets nothing, so that neither going back nor a
/// block that is never written needs to be told. That holds since what a store has of a trie follows from its content, and so from its
/// root.
///
/// Bounded in bytes: beyond, storage tries go that the last commitment did not change, and if that is not enough, all.
///
/// Thread safety: none.
class TrieCache {
  public:
    explicit TrieCache(size_t capacity_bytes) noexcept : capacity_bytes_(capacity_bytes) {}

    /// Begins a commitment on the state with that root: gives the trie of accounts. Null: it is not here, nor is anything else any more.
    [[nodiscard]] std::unique_ptr<trie::SplitTrie> take_accounts(const hash32& root);
    /// Gives the storage trie of an owner; null: it is not here with that root, and now not with another either.
    [[nodiscard]] std::unique_ptr<trie::Trie> take_storage(const hash32& owner, const hash32& root);

    /// What was taken and changed, or read anew. Its changes were listed.
    void put_storage(const hash32& owner, const hash32& root, std::unique_ptr<trie::Trie> trie);
    /// Ends a commitment: the state has this root now.
    void put_accounts(const hash32& root, std::unique_ptr<trie::SplitTrie> trie);

    [[nodiscard]] size_t size_in_bytes() const noexcept;

  private:
    struct Storage {
        hash32 root;
        std::unique_ptr<trie::Trie> trie;
        size_t bytes = 0;
        uint64_t commitment = 0;  ///< The last that changed it.
    };

    void clear();
    void trim();

    const size_t capacity_bytes_;
    hash32 root_;
    /// Null, between commitments: there is nothing.
    std::unique_ptr<trie::SplitTrie> accounts_;
    boost::unordered_flat_map<hash32, Storage, std::hash<hash32>> storages_;
    size_t storage_bytes_ = 0;
    uint64_t commitments_ = 0;
};

}  // namespace weft::state
