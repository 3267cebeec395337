// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/node.hpp"
#include "weft/trie/roots.hpp"
#include "weft/trie/witness.hpp"

#include <expected>
#include <memory>
#include <optional>

namespace weft::trie {

/// Why a partial trie cannot answer.
struct TrieError {
    enum class Kind : uint8_t {
        missing_node,    ///< The witness lacks the node with hash `node`.
        malformed_node,  ///< The node with hash `node` (zero: a node embedded in its parent) is no canonical trie node.
    };
    Kind kind;
    hash32 node;

    friend bool operator==(const TrieError&, const TrieError&) noexcept = default;
};

template <typename T>
using TrieResult = std::expected<T, TrieError>;

/// What to do when a deletion leaves a branch with one child and the witness lacks that child: its kind decides the
/// shape of the merged node.
enum class MissingSibling : uint8_t {
    error,          ///< TrieError::missing_node; the trie stays as it was.
    assume_branch,  ///< Take it for a branch node, which needs no rewriting. Right for witnesses whose makers left out
                    ///< just those siblings that a deletion does not rewrite.
};

/// A mutable Merkle-Patricia trie (Yellow Paper, appendix D): whole, or partial on top of a witness whose nodes are
/// decoded when an operation first meets them.
///
/// Keys have at most 32 bytes; one may be the beginning of another. A failed operation leaves the content as it was.
/// With a partial trie, apply insertions before deletions: a deletion may need a sibling which a later insertion in the
/// same place would have made unnecessary.
///
/// Thread safety: none; also get() decodes nodes and root() caches hashes. A trie that was moved from may only be
/// destroyed or assigned to.
class Trie {
  public:
    Trie() = default;
    /// The trie with that root; `nodes` outlives it. Nothing is looked at before an operation needs it.
    [[nodiscard]] static Trie from_witness(const hash32& root, const WitnessNodes& nodes, MissingSibling policy = MissingSibling::error);

    /// The value of a key, or nullopt where there is none.
    TrieResult<std::optional<bytes>> get(bytes_view key);
    /// Sets a value. An empty value erases.
    TrieResult<void> put(bytes_view key, bytes_view value);
    /// Removes a key; does nothing where there is none.
    TrieResult<void> erase(bytes_view key);

    /// The root hash. Only paths that changed since the last call are hashed.
    [[nodiscard]] hash32 root();

    [[nodiscard]] bool is_empty() const noexcept { return root_.is_empty(); }
    /// How many deletions relied on MissingSibling::assume_branch.
    [[nodiscard]] size_t assumed_siblings() const noexcept { return assumed_siblings_; }

  private:
    struct Walk;
    struct Place;

    TrieResult<Node*> load(Link& link, Place place);
    TrieResult<Node*> decode(bytes_view encoded, const hash32& name, Place place);
    TrieResult<void> walk(const Path& key, Walk& route);
    void split(Link& link, const Path& key, size_t depth, bytes_view value);
    TrieResult<void> collapse(const Walk& walk, size_t branch_at, const Link* removed);
    TrieResult<Node*> merge_survivor(Branch& branch, const Link* removed, size_t depth);
    Leaf* make_leaf(nibbles_view path, bytes_view value);
    Extension* make_extension(nibbles_view path, Link child);
    void release(Node* node);
    void append_node(bytes& buffer, Node& node);
    void refresh(bytes& buffer, std::span<Link> links);

    const WitnessNodes* witness_ = nullptr;
    MissingSibling policy_ = MissingSibling::error;
    size_t assumed_siblings_ = 0;
    /// What the root's stub points to.
    std::unique_ptr<std::array<uint8_t, 33>> root_item_;
    Link root_;
    NodePool pool_;
};

}  // namespace weft::trie
