// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/node_codec.hpp"
#include "weft/trie/node_store.hpp"
#include "weft/trie/witness.hpp"

#include <expected>
#include <memory>

namespace weft::trie {

/// Why a partial trie cannot answer.
struct TrieError {
    enum class Kind : uint8_t {
        missing_node,    ///< The source lacks the node with hash `node`.
        malformed_node,  ///< The node with hash `node` (zero: a node embedded in its parent) is no canonical trie node.
        unread_node,     ///< The store failed to read the node with hash `node`; `detail` is its own.
        another_root,    ///< What the store keeps as the root has not the hash `node`.
    };
    Kind kind;
    hash32 node;
    uint64_t detail = 0;

    friend bool operator==(const TrieError&, const TrieError&) noexcept = default;
};

template <typename T>
using TrieResult = std::expected<T, TrieError>;

/// Where a partial trie finds the nodes that their parents name by a hash.
///
/// Thread safety: none.
class NodeSource {
  public:
    NodeSource() = default;
    virtual ~NodeSource() = default;
    NodeSource(const NodeSource&) = delete;
    NodeSource& operator=(const NodeSource&) = delete;

    /// The encoded node called `name`, which lies at `path`. The view is valid until the next call.
    [[nodiscard]] virtual TrieResult<bytes_view> node(const hash32& name, nibbles_view path) = 0;
};

/// The nodes of a witness, which outlives the source.
class WitnessSource final : public NodeSource {
  public:
    explicit WitnessSource(const WitnessNodes& nodes) noexcept : nodes_(nodes) {}

    [[nodiscard]] TrieResult<bytes_view> node(const hash32& name, nibbles_view path) override;

  private:
    const WitnessNodes& nodes_;
};

/// The nodes of one kept trie. Of these only the root is compared with its hash: that the caller asks for the state that the store has.
/// The reader outlives the source.
class StoreSource final : public NodeSource {
  public:
    StoreSource(const hash32& owner, NodeReader& reader) noexcept : owner_(owner), reader_(&reader) {}

    [[nodiscard]] TrieResult<bytes_view> node(const hash32& name, nibbles_view path) override;
    /// The same, but the root is not compared with its hash.
    [[nodiscard]] TrieResult<bytes_view> unchecked_node(const hash32& name, nibbles_view path);
    /// From now on another reader is asked.
    void read_from(NodeReader& reader) noexcept { reader_ = &reader; }

  private:
    hash32 owner_;
    NodeReader* reader_;
    NodeMemory memory_;
};

}  // namespace weft::trie
