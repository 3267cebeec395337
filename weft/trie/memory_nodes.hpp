// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/hash.hpp"
#include "weft/trie/node_store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>

namespace weft::trie {

/// Kept tries in memory, for tests, tools and measurements.
///
/// Thread safety: any number of threads may read while none writes.
class MemoryNodes final : public NodeReader {
  public:
    struct PathHash {
        using is_transparent = void;
        size_t operator()(nibbles_view path) const noexcept { return keyed_hash(path.data(), path.size(), hash_seed()); }
    };
    struct SamePath {
        using is_transparent = void;
        bool operator()(nibbles_view a, nibbles_view b) const noexcept { return std::ranges::equal(a, b); }
    };
    /// The nodes of one trie by their paths, one nibble a byte.
    using Nodes = boost::unordered_flat_map<bytes, bytes, PathHash, SamePath>;

    [[nodiscard]] std::expected<bytes_view, NodeReadError> node(const hash32& owner, nibbles_view path, NodeMemory& /*memory*/) override {
        const auto trie = tries_.find(owner);
        if (trie == tries_.end()) return bytes_view{};
        const auto found = trie->second.find(path);
        return found == trie->second.end() ? bytes_view{} : bytes_view{found->second};
    }

    void apply(const NodeChanges& changes) {
        for (const hash32& owner : changes.wiped_owners) tries_.erase(owner);
        for (const NodeChange& change : changes.changes) {
            if (!change.encoded.empty()) {
                bytes& node = tries_[change.owner][bytes(change.path.begin(), change.path.end())];
                node.assign(change.encoded.begin(), change.encoded.end());
                continue;
            }
            const auto trie = tries_.find(change.owner);
            if (trie == tries_.end()) continue;
            trie->second.erase(change.path);
            if (trie->second.empty()) tries_.erase(trie);
        }
    }

    /// Tries without nodes are not there.
    [[nodiscard]] const auto& tries() const noexcept { return tries_; }

  private:
    boost::unordered_flat_map<hash32, Nodes, std::hash<hash32>> tries_;
};

}  // namespace weft::trie
