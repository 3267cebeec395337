// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/node_codec.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <expected>
#include <iterator>
#include <memory>
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

/// Where nodes lie that are nowhere in memory yet. What it gives lives as long, also when this is moved.
///
/// Thread safety: none. One that was moved from may only be destroyed or assigned to.
class NodeMemory {
  public:
    bytes_view keep(bytes node) { return nodes_.emplace_back(std::move(node)); }
    /// A copy, one behind the other.
    bytes_view copy(bytes_view part) {
        if (part.size() > left_) add_chunk(part.size());
        uint8_t* const at = next_;
        if (!part.empty()) std::memcpy(at, part.data(), part.size());
        next_ += part.size();
        left_ -= part.size();
        return {at, part.size()};
    }
    /// What `other` keeps lives as long as this from now on.
    void take_over(NodeMemory other) {
        std::ranges::move(other.nodes_, std::back_inserter(nodes_));
        std::ranges::move(other.chunks_, std::back_inserter(chunks_));
    }

  private:
    static constexpr size_t kSmallestChunk = 1024;
    static constexpr size_t kLargestChunk = size_t{64} << 10U;

    void add_chunk(size_t least) {
        chunk_size_ = std::clamp(2 * chunk_size_, kSmallestChunk, kLargestChunk);
        left_ = std::max(chunk_size_, least);
        next_ = chunks_.emplace_back(std::make_unique_for_overwrite<uint8_t[]>(left_)).get();
    }

    /// They move, their bytes stay.
    std::vector<bytes> nodes_;
    std::vector<std::unique_ptr<uint8_t[]>> chunks_;
    size_t chunk_size_ = 0;
    // Of the last chunk that add_chunk() made.
    uint8_t* next_ = nullptr;
    size_t left_ = 0;
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

/// A node that changed. Path and encoding lie in some memory.
struct NodeChange {
    hash32 owner;
    nibbles_view path;
    bytes_view encoded;  ///< Empty: there is no node there any more.
};

/// What has to be written so that kept tries become others: first the wipes, then the changes.
struct NodeChanges {
    std::vector<hash32> wiped_owners;  ///< All nodes of these are gone.
    std::vector<NodeChange> changes;   ///< Each place at most once; sorted by owner and path.
    /// What paths and encodings lie in, for whoever wants to keep them for longer. Nobody adds to it any more.
    std::shared_ptr<NodeMemory> memory = std::make_shared<NodeMemory>();
};

}  // namespace weft::trie
