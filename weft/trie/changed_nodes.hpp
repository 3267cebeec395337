// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/trie/node.hpp"
#include "weft/trie/node_store.hpp"

#include <vector>

/// What becomes of the nodes of a trie that changed, level by level from the deepest, those of a level hashed together. The inside of Trie.
namespace weft::trie {

/// Computes the references that the node behind a link and those below it lack.
void refresh_references(Link& top);

/// The same for all nodes that changed, from the one at `above` down; appends to `changes`, sorted by path, what a store has to write so
/// that it keeps them, and takes note that it does.
void list_changed_nodes(Link& top, nibbles_view above, const hash32& owner, std::vector<NodeChange>& changes);

}  // namespace weft::trie
