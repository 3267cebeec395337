// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/node_source.hpp"

#include "weft/crypto/keccak.hpp"

namespace weft::trie {

TrieResult<bytes_view> WitnessSource::node(const hash32& name, nibbles_view /*path*/) {
    const auto found = nodes_.find(name);
    if (!found) return std::unexpected(TrieError{TrieError::Kind::missing_node, name});
    return *found;
}

TrieResult<bytes_view> StoreSource::node(const hash32& name, nibbles_view path) {
    const auto encoded = unchecked_node(name, path);
    if (!encoded) return encoded;
    if (path.empty() && crypto::keccak256(*encoded) != name) return std::unexpected(TrieError{TrieError::Kind::another_root, name});
    return encoded;
}

TrieResult<bytes_view> StoreSource::unchecked_node(const hash32& name, nibbles_view path) {
    memory_ = {};
    const auto encoded = reader_->node(owner_, path, memory_);
    if (!encoded) return std::unexpected(TrieError{TrieError::Kind::unread_node, name, encoded.error().detail});
    if (encoded->empty()) return std::unexpected(TrieError{TrieError::Kind::missing_node, name});
    return *encoded;
}

}  // namespace weft::trie
