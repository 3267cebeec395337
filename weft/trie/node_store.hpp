// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/node_codec.hpp"

#include <cstdint>
#include <expected>
#include <utility>
#include <vector>

/// How the tries of a state are kept: node by node, each under the trie that it belongs to and its path from the root. A node that is
/// embedded in its parent (shorter than 32 bytes) is kept as part of that. The root is at the empty path; an empty trie has no node.
namespace weft::trie {

/// The owner of the trie of accounts; that of the storage of an account is the hash of its address.
inline constexpr hash32 kAccountTrie{};

/// The store could not be read.
struct NodeReadError {
    uint64_t detail = 0;  ///< Of the store's own.
};

/// Where a reader leaves the nodes that are nowhere in memory yet. What it gives lives as long.
///
/// Thread safety: none.
class NodeMemory {
  public:
    bytes_view keep(bytes node) { return nodes_.emplace_back(std::move(node)); }

  private:
    /// They move, their bytes stay.
    std::vector<bytes> nodes_;
};

/// Reads nodes of kept tries.
///
/// Thread safety: any number of threads may read at once.
class NodeReader {
  public:
    NodeReader() = default;
    virtual ~NodeReader() = default;
    NodeReader(const NodeReader&) = delete;
    NodeReader& operator=(const NodeReader&) = delete;

    /// The encoded node at `path`; empty: there is none. The view lives as long as both `memory` and the reader, and until what is read
    /// changes.
    [[nodiscard]] virtual std::expected<bytes_view, NodeReadError> node(const hash32& owner, nibbles_view path, NodeMemory& memory) = 0;
};

/// A node that changed.
struct NodeChange {
    hash32 owner;
    bytes path;     ///< One nibble a byte.
    bytes encoded;  ///< Empty: there is no node there any more.
};

/// What has to be written so that kept tries become others: first the wipes, then the changes.
struct NodeChanges {
    std::vector<hash32> wiped_owners;  ///< All nodes of these are gone.
    std::vector<NodeChange> changes;   ///< Each place at most once; sorted by owner and path.
};

}  // namespace weft::trie
