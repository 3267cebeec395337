// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/trie/node.hpp"
#include "weft/trie/node_source.hpp"
#include "weft/trie/node_store.hpp"
#include "weft/trie/roots.hpp"
#include "weft/trie/witness.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weft::trie {

/// What to do when a deletion leaves a branch with one child and the witness lacks that child: its kind decides the
/// shape of the merged node.
enum class MissingSibling : uint8_t {
    error,          ///< TrieError::missing_node; the trie stays as it was.
    assume_branch,  ///< Take it for a branch node, which needs no rewriting. Right for witnesses whose makers left out
                    ///< just those siblings that a deletion does not rewrite.
};

/// A mutable Merkle-Patricia trie (Yellow Paper, appendix D): whole, or partial on top of a witness or of a store, whose
/// nodes are read when an operation first meets them.
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
    /// The trie with that root that is kept for `owner`; `reader` outlives it.
    [[nodiscard]] static Trie from_store(const hash32& root, const hash32& owner, NodeReader& reader);
    /// The trie with that root over any source of nodes.
    [[nodiscard]] static Trie from_source(const hash32& root, std::unique_ptr<NodeSource> source);

    /// Reads the roots of tries that are kept and checks their hashes, computed together: much faster than one by one, when an operation
    /// first needs them.
    static TrieResult<void> read_roots(std::span<Trie* const> tries);

    /// The value of a key, or nullopt where there is none.
    TrieResult<std::optional<bytes>> get(bytes_view key);
    /// Sets a value. An empty value erases.
    TrieResult<void> put(bytes_view key, bytes_view value);
    /// Removes a key; does nothing where there is none.
    TrieResult<void> erase(bytes_view key);

    /// Where a key is or would be, so that its value can be looked at and set with one search. Valid until the trie is changed.
    class Spot;
    TrieResult<void> locate(bytes_view key, Spot& spot);
    /// Sets a value, which is not empty, at a spot.
    void put(const Spot& spot, bytes_view value);

    /// The root hash. Only paths that changed since the last call are hashed.
    [[nodiscard]] hash32 root();
    /// The root hash, and what has changed in a store since the trie was read or since the last call: appended to `changes`, each place
    /// once, sorted by path. The trie was read from the store of `owner`, or there was nothing in it.
    [[nodiscard]] hash32 list_changes(const hash32& owner, NodeChanges& changes);
    /// The same of several tries, whose nodes are hashed together: much faster where few nodes of each have changed.
    struct Listing {
        Trie* trie = nullptr;
        hash32 owner;
        std::vector<NodeChange>* changes = nullptr;
        hash32 root{};  ///< Set.
    };
    static void list_changes(std::span<Listing> tries, NodeMemory& memory);

    /// A trie from a store, whose changes were listed and are in the store now, goes on with a reader of that.
    void read_from(NodeReader& reader) noexcept;
    /// What nodes take, also those that are gone.
    [[nodiscard]] size_t size_in_bytes() const noexcept;

    [[nodiscard]] bool is_empty() const noexcept { return root_.is_empty(); }
    /// How many deletions relied on MissingSibling::assume_branch.
    [[nodiscard]] size_t assumed_siblings() const noexcept { return assumed_siblings_; }

  private:
    friend class SplitTrie;
    struct Place;

    TrieResult<Node*> load(Link& link, Place place);
    TrieResult<Node*> load_root();
    TrieResult<Node*> put_node(Link& link, bytes_view encoded, const hash32& name, Place place);
    TrieResult<Node*> decode(bytes_view encoded, const hash32& name, Place place);
    TrieResult<Node*> decode_branch(bytes_view items, const hash32& name, Place place);
    void split(Link& link, const Path& key, size_t depth, bytes_view value);
    TrieResult<void> collapse(const Spot& spot, size_t branch_at, const Link* removed);
    TrieResult<Node*> merge_survivor(Branch& branch, const Link* removed, nibbles_view above);
    Leaf* make_leaf(nibbles_view path, bytes_view value);
    Extension* make_extension(nibbles_view path, Link child);
    void vacate(Node& node, nibbles_view place);
    void release(Node* node, nibbles_view place);
    [[nodiscard]] hash32 known_root() const noexcept;
    void list_vacated(const hash32& owner, std::vector<NodeChange>& changes, NodeMemory& memory);

    std::unique_ptr<NodeSource> source_;
    MissingSibling policy_ = MissingSibling::error;
    bool is_stored_ = false;
    /// Nibbles of every key above the root: more than none in a part of a SplitTrie.
    uint8_t root_depth_ = 0;
    size_t assumed_siblings_ = 0;
    Link root_;
    NodePool pool_;
    /// Where the store has nodes that are gone from there. Others may have come since.
    std::vector<bytes> vacated_;
};

class Trie::Spot {
  public:
    /// The value that is there, until the trie is changed; empty: there is none.
    [[nodiscard]] bytes_view value() const noexcept;

  private:
    friend class Trie;

    void push(Link* link, size_t depth) noexcept {
        WEFT_ASSERT(count_ < links_.size());
        depths_[count_] = static_cast<uint8_t>(depth);
        links_[count_++] = link;
    }
    [[nodiscard]] Link& last() const noexcept { return *links_[count_ - 1]; }
    [[nodiscard]] size_t depth() const noexcept { return depths_[count_ - 1]; }
    [[nodiscard]] nibbles_view rest() const noexcept { return key_.from(depth()); }
    [[nodiscard]] std::span<Link* const> first(size_t n) const noexcept { return {links_.data(), n}; }
    /// The leaf or branch that has the key's value or room for it; null: there is none.
    [[nodiscard]] Leaf* leaf() const noexcept;
    [[nodiscard]] Branch* branch() const noexcept;

    Path key_;
    /// From the root to where the key is or would be, and the nibbles above each. All but the last hold a branch or an extension that the
    /// key agrees with: at most one for each nibble, and the root. The first `count_` are set.
    std::array<Link*, kMaxNibbles + 1> links_;
    std::array<uint8_t, kMaxNibbles + 1> depths_;
    size_t count_ = 0;
};

}  // namespace weft::trie
