// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <optional>
#include <vector>

namespace weft::trie {

/// The trie nodes that a witness carries, found by their Keccak hash: a node that is found under a hash is by
/// construction the node that the hash names. Nothing else about the nodes is assumed.
///
/// Thread safety: immutable once built; any number of tries in any threads may read one index, and it outlives them.
class WitnessNodes {
  public:
    WitnessNodes() = default;
    /// `nodes`: RLP of trie nodes, in any order; repetitions and nodes that no trie reaches do no harm.
    explicit WitnessNodes(std::vector<bytes> nodes);

    WitnessNodes(WitnessNodes&&) noexcept = default;
    WitnessNodes& operator=(WitnessNodes&&) noexcept = default;
    WitnessNodes(const WitnessNodes&) = delete;
    WitnessNodes& operator=(const WitnessNodes&) = delete;
    ~WitnessNodes() = default;

    /// The RLP of the node with that hash; nullopt where the witness lacks it. The view lives as long as this index,
    /// also when the index is moved.
    [[nodiscard]] std::optional<bytes_view> find(const hash32& hash) const noexcept;
    [[nodiscard]] size_t size() const noexcept { return index_.size(); }

  private:
    std::vector<bytes> nodes_;
    boost::unordered_flat_map<hash32, size_t, std::hash<hash32>> index_;
};

}  // namespace weft::trie
