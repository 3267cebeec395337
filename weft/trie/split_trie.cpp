// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/split_trie.hpp"

#include "weft/base/assert.hpp"
#include "weft/trie/changed_nodes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::trie {

TrieResult<SplitTrie> SplitTrie::open(const hash32& root, const hash32& owner, NodeReader& reader) {
    SplitTrie split{owner};
    split.whole_ = Trie::from_store(root, owner, reader);
    if (!split.whole_.is_empty()) {
        if (const auto loaded = split.whole_.load_root(); !loaded) return std::unexpected(loaded.error());
    }
    split.unfold_root();
    for (Trie& part : split.parts_) {
        part.source_ = std::make_unique<StoreSource>(owner, reader);
        part.is_stored_ = true;
        part.root_depth_ = 1;
    }
    split.take_apart();
    return split;
}

bool SplitTrie::reopen(NodeReader& reader) {
    const Node* const root = whole_.root_.node;
    if (root == nullptr || root->kind != NodeKind::branch) return false;
    whole_.read_from(reader);
    for (Trie& part : parts_) part.read_from(reader);
    changes_ = {};
    memories_ = {};
    take_apart();
    return true;
}

size_t SplitTrie::size_in_bytes() const noexcept {
    size_t bytes = whole_.size_in_bytes();
    for (const Trie& part : parts_) bytes += part.size_in_bytes();
    return bytes;
}

/// Hands the children of the root, a branch, to the parts.
void SplitTrie::take_apart() {
    auto& top = static_cast<Branch&>(*whole_.root_.node);
    for (uint8_t nibble = 0; nibble < kParts; ++nibble) {
        parts_[nibble].root_ = std::exchange(top.children[nibble], Link{});
        had_keys_[nibble] = !parts_[nibble].root_.is_empty();
    }
}

/// Makes the root a branch, even one with a single child or none.
void SplitTrie::unfold_root() {
    Link& root = whole_.root_;
    if (root.node != nullptr && root.node->kind == NodeKind::branch) return;
    Branch* top = whole_.pool_.branches.make();
    Node* old = std::exchange(root, Link::to(top)).node;
    if (old == nullptr) return;
    whole_.vacate(*old, {});
    const bool is_leaf = old->kind == NodeKind::leaf;
    Path& path = is_leaf ? static_cast<Leaf*>(old)->path : static_cast<Extension*>(old)->path;
    WEFT_ASSERT(path.size() != 0);
    Link& below = top->children[path[0]];
    path.drop_front(1);
    if (is_leaf || path.size() != 0) {
        below = Link::to(old);
    } else {
        below = static_cast<Extension*>(old)->child;
        whole_.release(old, {});
    }
}

TrieResult<void> SplitTrie::join() {
    auto& top = static_cast<Branch&>(*whole_.root_.node);
    for (uint8_t nibble = 0; nibble < kParts; ++nibble) {
        Trie& part = parts_[nibble];
        const bool was_emptied = part.root_.is_empty() && had_keys_[nibble];
        if (was_emptied || part.root_.is_changed) whole_.root_.note_change();
        top.children[nibble] = part.root_;
        std::ranges::move(part.vacated_, std::back_inserter(whole_.vacated_));
        part.vacated_.clear();
    }
    const size_t occupancy = top.occupancy();
    if (occupancy >= 2) return {};
    Node* only = nullptr;
    if (occupancy == 1) {
        const auto survivor = whole_.merge_survivor(top, nullptr, {});
        if (!survivor) return std::unexpected(survivor.error());
        only = *survivor;
    }
    whole_.release(&top, {});
    whole_.root_ = only != nullptr ? Link::to(only) : Link{};
    return {};
}

void SplitTrie::hash_parts(uint8_t first, uint8_t count) {
    if (whole_.root_.node == nullptr || whole_.root_.node->kind != NodeKind::branch) return;
    auto& top = static_cast<Branch&>(*whole_.root_.node);
    std::array<ChangedPart, kParts> parts;
    for (uint8_t i = 0; i < count; ++i) {
        const auto nibble = static_cast<uint8_t>(first + i);
        parts[i] = {.top = &top.children[nibble], .above = Path{{&nibble, 1}}, .owner = owner_, .changes = &changes_[nibble]};
    }
    list_changed_nodes(std::span{parts}.first(count), memories_[first]);
}

hash32 SplitTrie::finish(NodeChanges& changes) {
    std::vector<NodeChange> all;
    const ChangedPart rest{.top = &whole_.root_, .owner = owner_, .changes = &all};
    list_changed_nodes({&rest, 1}, *changes.memory);
    size_t count = all.size();
    for (const std::vector<NodeChange>& part : changes_) count += part.size();
    all.reserve(count);
    for (const std::vector<NodeChange>& part : changes_) std::ranges::copy(part, std::back_inserter(all));
    for (NodeMemory& memory : memories_) changes.memory->take_over(std::move(memory));
    whole_.list_vacated(owner_, all, *changes.memory);
    if (changes.changes.empty())
        changes.changes = std::move(all);
    else
        std::ranges::copy(all, std::back_inserter(changes.changes));
    return whole_.known_root();
}

}  // namespace weft::trie
