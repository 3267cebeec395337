// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/trie.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/decode.hpp"

#include <algorithm>
#include <utility>

namespace weft::trie {

namespace {

std::unexpected<TrieError> malformed(const hash32& name) { return std::unexpected(TrieError{TrieError::Kind::malformed_node, name}); }

/// Marks the nodes behind the first `count` links as changed.
void forget_references(std::span<Link* const> links) {
    for (Link* link : links)
        if (link->node != nullptr) link->node->reference.forget();
}

/// A list of at most 17 items.
struct NodeItems {
    std::array<rlp::Item, 17> items;
    size_t count = 0;
};

std::optional<NodeItems> read_items(bytes_view encoded) {
    rlp::Decoder outer{encoded};
    auto list = outer.read_list();
    if (!list || !outer.at_end()) return std::nullopt;
    NodeItems result;
    while (!list->at_end()) {
        const auto item = list->read_item();
        if (!item || result.count == result.items.size()) return std::nullopt;
        result.items[result.count++] = *item;
    }
    return result;
}

/// The link to a child that an item names; nullopt when no child can be named so.
std::optional<Link> stub_of(const rlp::Item& item) {
    const bool names_child = item.is_list ? item.encoded.size() < 32 : item.payload.size() == 32;
    if (!names_child) return std::nullopt;
    return Link{.node = nullptr, .stub = item.encoded.data()};
}

}  // namespace

/// Where a node stands, and so what it may be.
struct Trie::Place {
    size_t depth = 0;  ///< Nibbles of the key above the node.
    bool below_extension = false;
};

/// The links from the root to where a key is or would be. Every link but the last holds a branch or an extension that the
/// key agrees with. At most one link per nibble, and the root.
struct Trie::Walk {
    std::array<Link*, kMaxNibbles + 1> links{};
    std::array<uint8_t, kMaxNibbles + 1> depths{};
    size_t count = 0;

    void push(Link* link, size_t depth) noexcept {
        WEFT_ASSERT(count < links.size());
        depths[count] = static_cast<uint8_t>(depth);
        links[count++] = link;
    }
    [[nodiscard]] Link& last() const noexcept { return *links[count - 1]; }
    [[nodiscard]] size_t depth() const noexcept { return depths[count - 1]; }
    [[nodiscard]] std::span<Link* const> first(size_t n) const noexcept { return {links.data(), n}; }
};

Trie Trie::from_witness(const hash32& root, const WitnessNodes& nodes, MissingSibling policy) {
    Trie trie;
    trie.witness_ = &nodes;
    trie.policy_ = policy;
    if (root == kEmptyRoot) return trie;
    trie.root_item_ = std::make_unique<std::array<uint8_t, 33>>();
    (*trie.root_item_)[0] = 0xa0;
    std::ranges::copy(root, trie.root_item_->begin() + 1);
    trie.root_.stub = trie.root_item_->data();
    return trie;
}

TrieResult<Node*> Trie::load(Link& link, Place place) {
    if (link.node != nullptr) return link.node;
    const bytes_view item = link.item();
    bytes_view encoded = item;
    hash32 name;
    if (item[0] == 0xa0) {
        name = fixed_from<hash32>(item.subspan(1));
        const auto found = witness_->find(name);
        if (!found) return std::unexpected(TrieError{TrieError::Kind::missing_node, name});
        encoded = *found;
        // Only the root is named by its hash however short it is.
        if (encoded.size() < 32 && place.depth != 0) return malformed(name);
    }
    const auto node = decode(encoded, name, place);
    if (!node) return node;
    (*node)->reference.set_item(item);
    link.node = *node;
    return node;
}

TrieResult<Node*> Trie::decode(bytes_view encoded, const hash32& name, Place place) {
    const auto list = read_items(encoded);
    if (!list) return malformed(name);
    const auto& items = list->items;
    const size_t room = kMaxNibbles - place.depth;

    if (list->count == 2) {
        std::array<uint8_t, kMaxNibbles> nibbles;
        if (items[0].is_list) return malformed(name);
        const auto prefix = decode_hex_prefix(items[0].payload, std::span{nibbles}.first(room));
        if (!prefix || place.below_extension) return malformed(name);
        const nibbles_view path{nibbles.data(), prefix->size};
        if (prefix->is_leaf) {
            if (items[1].is_list || items[1].payload.empty()) return malformed(name);
            return make_leaf(path, items[1].payload);
        }
        const auto child = stub_of(items[1]);
        if (!child || path.empty()) return malformed(name);
        return make_extension(path, *child);
    }

    if (list->count != 17 || room == 0 || items[16].is_list) return malformed(name);
    std::array<Link, 16> children;
    size_t occupancy = items[16].payload.empty() ? 0 : 1;
    for (size_t i = 0; i < 16; ++i) {
        if (!items[i].is_list && items[i].payload.empty()) continue;
        const auto child = stub_of(items[i]);
        if (!child) return malformed(name);
        children[i] = *child;
        ++occupancy;
    }
    if (occupancy < 2) return malformed(name);
    Branch* branch = pool_.branches.make();
    branch->children = children;
    branch->value.assign(items[16].payload.begin(), items[16].payload.end());
    return branch;
}

TrieResult<void> Trie::walk(const Path& key, Walk& route) {
    Link* link = &root_;
    Place place;
    for (;;) {
        route.push(link, place.depth);
        if (link->is_empty()) return {};
        const auto node = load(*link, place);
        if (!node) return std::unexpected(node.error());
        switch ((*node)->kind) {
            case NodeKind::leaf:
                return {};
            case NodeKind::extension: {
                auto& extension = static_cast<Extension&>(**node);
                const nibbles_view path = extension.path.view();
                if (shared_length(path, key.from(place.depth)) != path.size()) return {};
                link = &extension.child;
                place = {.depth = place.depth + path.size(), .below_extension = true};
                break;
            }
            case NodeKind::branch:
                if (place.depth == key.size()) return {};
                link = &static_cast<Branch&>(**node).children[key[place.depth]];
                place = {.depth = place.depth + 1, .below_extension = false};
                break;
        }
    }
}

TrieResult<std::optional<bytes>> Trie::get(bytes_view key) {
    const Path path = Path::of_key(key);
    Walk route;
    if (const auto walked = walk(path, route); !walked) return std::unexpected(walked.error());
    const Node* node = route.last().node;
    if (node == nullptr) return std::nullopt;
    if (node->kind == NodeKind::leaf) {
        const auto& leaf = static_cast<const Leaf&>(*node);
        if (std::ranges::equal(leaf.path.view(), path.from(route.depth()))) return leaf.value;
    }
    if (node->kind == NodeKind::branch) {
        const auto& branch = static_cast<const Branch&>(*node);
        if (!branch.value.empty()) return branch.value;
    }
    return std::nullopt;
}

TrieResult<void> Trie::put(bytes_view key, bytes_view value) {
    if (value.empty()) return erase(key);
    const Path path = Path::of_key(key);
    Walk route;
    if (const auto walked = walk(path, route); !walked) return walked;
    Link& place = route.last();
    const nibbles_view rest = path.from(route.depth());
    bytes* present = nullptr;
    if (place.node != nullptr && place.node->kind == NodeKind::branch) present = &static_cast<Branch*>(place.node)->value;
    if (place.node != nullptr && place.node->kind == NodeKind::leaf) {
        auto& leaf = static_cast<Leaf&>(*place.node);
        if (std::ranges::equal(leaf.path.view(), rest)) present = &leaf.value;
    }

    if (place.node == nullptr) {
        place.node = make_leaf(rest, value);
    } else if (present == nullptr) {
        split(place, path, route.depth(), value);
    } else {
        if (std::ranges::equal(*present, value)) return {};
        present->assign(value.begin(), value.end());
    }
    forget_references(route.first(route.count));
    return {};
}

/// Puts a branch where the path of a leaf or an extension parts from `key`, of which `depth` nibbles lie above.
void Trie::split(Link& link, const Path& key, size_t depth, bytes_view value) {
    Node* old = link.node;
    const bool is_leaf = old->kind == NodeKind::leaf;
    Path& path = is_leaf ? static_cast<Leaf*>(old)->path : static_cast<Extension*>(old)->path;
    const Path whole = path;
    const size_t shared = shared_length(whole.view(), key.from(depth));
    Branch* branch = pool_.branches.make();

    old->reference.forget();
    if (shared == whole.size()) {
        branch->value = std::move(static_cast<Leaf*>(old)->value);
        release(old);
    } else if (Link& below = branch->children[whole[shared]]; is_leaf || shared + 1 < whole.size()) {
        path.drop_front(shared + 1);
        below.node = old;
    } else {
        below = static_cast<Extension*>(old)->child;
        release(old);
    }

    const size_t fork = depth + shared;
    if (fork == key.size())
        branch->value.assign(value.begin(), value.end());
    else
        branch->children[key[fork]].node = make_leaf(key.from(fork + 1), value);

    Node* top = branch;
    if (shared != 0) top = make_extension(whole.view().first(shared), Link{.node = branch});
    link = Link{.node = top};
}

TrieResult<void> Trie::erase(bytes_view key) {
    const Path path = Path::of_key(key);
    Walk route;
    if (const auto walked = walk(path, route); !walked) return walked;
    Link& place = route.last();
    if (place.node == nullptr || place.node->kind == NodeKind::extension) return {};

    if (place.node->kind == NodeKind::branch) {
        auto& branch = static_cast<Branch&>(*place.node);
        if (branch.value.empty()) return {};
        if (branch.occupancy() == 2) return collapse(route, route.count - 1, nullptr);
        branch.value.clear();
        forget_references(route.first(route.count));
        return {};
    }

    if (!std::ranges::equal(static_cast<Leaf*>(place.node)->path.view(), path.from(route.depth()))) return {};
    // The parent of a leaf is a branch: an extension leads to nothing else.
    const size_t parent_at = route.count - 2;
    if (route.count > 1 && static_cast<Branch*>(route.links[parent_at]->node)->occupancy() == 2) return collapse(route, parent_at, &place);
    release(place.node);
    place = Link{};
    forget_references(route.first(route.count - 1));
    return {};
}

/// Removes from the branch behind link `branch_at` one of its two occupants, the child `removed` (null: the branch's own
/// value), and puts a single node in the place of the branch and of an extension above it.
TrieResult<void> Trie::collapse(const Walk& route, size_t branch_at, const Link* removed) {
    auto& branch = static_cast<Branch&>(*route.links[branch_at]->node);
    const auto survivor = merge_survivor(branch, removed, route.depths[branch_at]);
    if (!survivor) return std::unexpected(survivor.error());
    if (removed != nullptr) release(removed->node);
    release(&branch);

    size_t at = branch_at;
    if (at > 0 && route.links[at - 1]->node->kind == NodeKind::extension) {
        --at;
        auto& above = static_cast<Extension&>(*route.links[at]->node);
        Path& path = (*survivor)->kind == NodeKind::leaf ? static_cast<Leaf*>(*survivor)->path : static_cast<Extension*>(*survivor)->path;
        path.prepend(above.path.view());
        release(&above);
    }
    *route.links[at] = Link{.node = *survivor};
    forget_references(route.first(at));
    return {};
}

/// The leaf or extension that replaces `branch`, whose nibbles above are `depth`, once `removed` is gone. On an error
/// nothing has changed.
TrieResult<Node*> Trie::merge_survivor(Branch& branch, const Link* removed, size_t depth) {
    const auto found = std::ranges::find_if(branch.children, [removed](const Link& link) { return &link != removed && !link.is_empty(); });
    if (found == branch.children.end()) return make_leaf({}, branch.value);

    const auto nibble = static_cast<uint8_t>(found - branch.children.begin());
    const nibbles_view step{&nibble, 1};
    const auto node = load(*found, {.depth = depth + 1});
    if (!node) {
        if (node.error().kind != TrieError::Kind::missing_node || policy_ == MissingSibling::error) return node;
        ++assumed_siblings_;
        return make_extension(step, *found);
    }
    if ((*node)->kind == NodeKind::branch) return make_extension(step, *found);
    Path& path = (*node)->kind == NodeKind::leaf ? static_cast<Leaf*>(*node)->path : static_cast<Extension*>(*node)->path;
    path.prepend(step);
    (*node)->reference.forget();
    return node;
}

Leaf* Trie::make_leaf(nibbles_view path, bytes_view value) {
    Leaf* leaf = pool_.leaves.make();
    leaf->path = Path{path};
    leaf->value.assign(value.begin(), value.end());
    return leaf;
}

Extension* Trie::make_extension(nibbles_view path, Link child) {
    Extension* extension = pool_.extensions.make();
    extension->path = Path{path};
    extension->child = child;
    return extension;
}

void Trie::release(Node* node) {
    switch (node->kind) {
        case NodeKind::leaf:
            return pool_.leaves.release(static_cast<Leaf*>(node));
        case NodeKind::extension:
            return pool_.extensions.release(static_cast<Extension*>(node));
        case NodeKind::branch:
            return pool_.branches.release(static_cast<Branch*>(node));
    }
}

hash32 Trie::root() {
    if (root_.is_empty()) return kEmptyRoot;
    if (root_.is_stale()) {
        bytes buffer;
        refresh(buffer, {&root_, 1});
    }
    const bytes_view item = root_.item();
    return item.size() == 33 ? fixed_from<hash32>(item.subspan(1)) : crypto::keccak256(item);
}

/// Appends the encoding of a node. Recursion is bounded by the length of keys: every level takes a nibble.
void Trie::append_node(bytes& buffer, Node& node) {
    switch (node.kind) {
        case NodeKind::leaf: {
            const auto& leaf = static_cast<const Leaf&>(node);
            return append_leaf(buffer, leaf.path.view(), leaf.value);
        }
        case NodeKind::extension: {
            auto& extension = static_cast<Extension&>(node);
            refresh(buffer, {&extension.child, 1});
            return append_extension(buffer, extension.path.view(), extension.child.item());
        }
        case NodeKind::branch: {
            auto& branch = static_cast<Branch&>(node);
            refresh(buffer, branch.children);
            BranchItems items;
            for (size_t i = 0; i < 16; ++i) items.children[i] = branch.children[i].item();
            items.value = branch.value;
            return append_branch(buffer, items);
        }
    }
}

/// Computes the references of the stale ones among at most 16 links, all together. `buffer` is left as it was.
void Trie::refresh(bytes& buffer, std::span<Link> links) {
    const size_t start = buffer.size();
    std::array<Node*, 16> stale{};
    std::array<size_t, 17> offsets{};
    size_t count = 0;
    offsets[0] = start;
    for (const Link& link : links) {
        if (!link.is_stale()) continue;
        append_node(buffer, *link.node);
        stale[count++] = link.node;
        offsets[count] = buffer.size();
    }
    std::array<bytes_view, 16> encodings;
    std::array<Reference, 16> references;
    for (size_t i = 0; i < count; ++i) encodings[i] = bytes_view{buffer}.subspan(offsets[i], offsets[i + 1] - offsets[i]);
    make_references(std::span{encodings}.first(count), std::span{references}.first(count));
    for (size_t i = 0; i < count; ++i) stale[i]->reference = references[i];
    buffer.resize(start);
}

}  // namespace weft::trie
