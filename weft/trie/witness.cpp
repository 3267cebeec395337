// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/witness.hpp"

#include "weft/crypto/keccak.hpp"

#include <utility>

namespace weft::trie {

WitnessNodes::WitnessNodes(std::vector<bytes> nodes) : nodes_(std::move(nodes)) {
    index_.reserve(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) index_.emplace(crypto::keccak256(nodes_[i]), i);
}

std::optional<bytes_view> WitnessNodes::find(const hash32& hash) const noexcept {
    const auto found = index_.find(hash);
    if (found == index_.end()) return std::nullopt;
    return bytes_view{nodes_[found->second]};
}

}  // namespace weft::trie
