// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/trie/node.hpp"
#include "weft/trie/node_store.hpp"

#include <span>
#include <vector>

/// What becomes of the nodes of tries that changed: leaves first, then by the height of what lies below, those of a height hashed together.
/// The inside of Trie.
namespace weft::trie {

/// Computes the references that the node behind a link and those below it lack.
void refresh_references(Link& top);

/// A trie or a part of one, from the node at `above` down.
struct ChangedPart {
    Link* top = nullptr;
    Path above{};
    hash32 owner;
    std::vector<NodeChange>* changes = nullptr;
};

/// The same for all nodes of some parts that changed, which are hashed together, since few nodes leave lanes of Keccak empty.
/// Appends to the `changes` of each, which are its own, what a store has to write so that it keeps them, sorted by path and lying in
/// `memory`, and takes note that it does.
void list_changed_nodes(std::span<const ChangedPart> parts, NodeMemory& memory);

}  // namespace weft::trie
