// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/trie.hpp"

#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/trie/changed_nodes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::trie {

namespace {

std::unexpected<TrieError> malformed(const hash32& name) { return std::unexpected(TrieError{TrieError::Kind::malformed_node, name}); }

void note_changes(std::span<Link* const> links) {
    for (Link* link : links) link->note_change();
}

/// The items of the list that a node is; nullopt: it is none. Nearly all nodes have at least 56 bytes and fewer than 256.
std::optional<bytes_view> payload_of(bytes_view encoded) {
    if (encoded.size() >= 58 && encoded[0] == 0xf8 && encoded[1] == encoded.size() - 2) return encoded.subspan(2);
    rlp::Decoder outer{encoded};
    const auto list = outer.read_list();
    if (!list || !outer.at_end()) return std::nullopt;
    return list->rest();
}

/// Whether an item can name a child.
bool names_child(const rlp::Item& item) { return item.is_list ? item.encoded.size() < 32 : item.payload.size() == 32; }

}  // namespace

/// Where a node stands, and so what it may be.
struct Trie::Place {
    nibbles_view path;  ///< The nibbles of the key above the node.
    bool below_extension = false;

    [[nodiscard]] size_t depth() const noexcept { return path.size(); }
};

Trie Trie::from_witness(const hash32& root, const WitnessNodes& nodes, MissingSibling policy) {
    Trie trie = from_source(root, std::make_unique<WitnessSource>(nodes));
    trie.policy_ = policy;
    return trie;
}

Trie Trie::from_store(const hash32& root, const hash32& owner, NodeReader& reader) {
    Trie trie = from_source(root, std::make_unique<StoreSource>(owner, reader));
    trie.is_stored_ = true;
    return trie;
}

Trie Trie::from_source(const hash32& root, std::unique_ptr<NodeSource> source) {
    Trie trie;
    trie.source_ = std::move(source);
    if (root == kEmptyRoot) return trie;
    trie.root_.reference.set_hash(root);
    return trie;
}

TrieResult<Node*> Trie::load(Link& link, Place place) {
    if (link.node != nullptr) return link.node;
    const bytes_view item = link.item();
    bytes_view encoded = item;
    hash32 name;
    if (item[0] == 0xa0) {
        name = fixed_from<hash32>(item.subspan(1));
        const auto found = source_->node(name, place.path);
        if (!found) return std::unexpected(found.error());
        encoded = *found;
        // Only the root is named by its hash however short it is.
        if (encoded.size() < 32 && place.depth() != 0) return malformed(name);
    }
    return put_node(link, encoded, name, place);
}

/// Puts behind a link what its item names.
TrieResult<Node*> Trie::put_node(Link& link, bytes_view encoded, const hash32& name, Place place) {
    const auto node = decode(encoded, name, place);
    if (!node) return node;
    (*node)->is_kept = is_stored_ && link.item()[0] == 0xa0;
    link.node = *node;
    link.is_changed = false;
    return node;
}

TrieResult<Node*> Trie::load_root() { return load(root_, {}); }

void Trie::read_from(NodeReader& reader) noexcept {
    WEFT_ASSERT(is_stored_);
    static_cast<StoreSource&>(*source_).read_from(reader);
}

size_t Trie::size_in_bytes() const noexcept { return sizeof(Trie) + pool_.size_in_bytes(); }

TrieResult<void> Trie::read_roots(std::span<Trie* const> tries) {
    std::vector<Trie*> unread;
    std::vector<bytes_view> encodings;
    for (Trie* const trie : tries) {
        if (!trie->is_stored_ || trie->root_.node != nullptr || trie->root_.is_empty()) continue;
        const auto encoded = static_cast<StoreSource&>(*trie->source_).unchecked_node(trie->known_root(), {});
        if (!encoded) return std::unexpected(encoded.error());
        unread.push_back(trie);
        encodings.push_back(*encoded);
    }
    std::vector<hash32> digests(encodings.size());
    crypto::keccak256_batch(encodings, digests);
    for (size_t i = 0; i < unread.size(); ++i) {
        Trie& trie = *unread[i];
        const hash32 name = trie.known_root();
        if (digests[i] != name) return std::unexpected(TrieError{TrieError::Kind::another_root, name});
        if (const auto node = trie.put_node(trie.root_, encodings[i], name, {}); !node) return std::unexpected(node.error());
    }
    return {};
}

TrieResult<Node*> Trie::decode(bytes_view encoded, const hash32& name, Place place) {
    const auto list = payload_of(encoded);
    if (!list) return malformed(name);
    rlp::Decoder items{*list};
    const auto head = items.read_item();
    const auto tail = items.read_item();
    if (!head || !tail) return malformed(name);
    if (!items.at_end()) return decode_branch(*list, name, place);

    std::array<uint8_t, kMaxNibbles> nibbles;
    if (head->is_list) return malformed(name);
    const auto prefix = decode_hex_prefix(head->payload, std::span{nibbles}.first(kMaxNibbles - place.depth()));
    if (!prefix || place.below_extension) return malformed(name);
    const nibbles_view path{nibbles.data(), prefix->size};
    if (prefix->is_leaf) {
        if (tail->is_list || tail->payload.empty()) return malformed(name);
        return make_leaf(path, tail->payload);
    }
    if (!names_child(*tail) || path.empty()) return malformed(name);
    Link child;
    child.reference.set_item(tail->encoded);
    return make_extension(path, child);
}

/// `items`: of the branch, one behind the other. Nearly all are hashes or nothing, told by their first byte.
TrieResult<Node*> Trie::decode_branch(bytes_view items, const hash32& name, Place place) {
    constexpr size_t kHashItem = 33;
    std::array<bytes_view, 16> children;
    size_t occupancy = 0;
    for (bytes_view& child : children) {
        if (items.empty()) return malformed(name);
        if (items[0] == 0x80) {
            items = items.subspan(1);
            continue;
        }
        if (items[0] == 0xa0 && items.size() >= kHashItem) {
            child = items.first(kHashItem);
            items = items.subspan(kHashItem);
            ++occupancy;
            continue;
        }
        rlp::Decoder rest{items};
        const auto item = rest.read_item();
        if (!item || !names_child(*item)) return malformed(name);
        child = item->encoded;
        items = rest.rest();
        ++occupancy;
    }
    rlp::Decoder rest{items};
    const auto value = rest.read_string();
    if (!value || !rest.at_end()) return malformed(name);
    if (!value->empty()) ++occupancy;
    if (occupancy < 2 || place.depth() == kMaxNibbles) return malformed(name);
    Branch* branch = pool_.branches.make();
    for (size_t i = 0; i < children.size(); ++i)
        if (!children[i].empty()) branch->children[i].reference.set_item(children[i]);
    branch->value.assign(value->begin(), value->end());
    return branch;
}

TrieResult<void> Trie::locate(bytes_view bytes_of_key, Spot& spot) {
    spot.key_ = Path::of_key(bytes_of_key);
    spot.count_ = 0;
    const Path& key = spot.key_;
    WEFT_ASSERT(root_depth_ <= key.size());
    Link* link = &root_;
    Place place{.path = key.first(root_depth_)};
    for (;;) {
        const size_t depth = place.depth();
        spot.push(link, depth);
        if (link->is_empty()) return {};
        if (link->node == nullptr)
            if (const auto node = load(*link, place); !node) return std::unexpected(node.error());
        switch (link->node->kind) {
            case NodeKind::leaf:
                return {};
            case NodeKind::extension: {
                auto& extension = static_cast<Extension&>(*link->node);
                const nibbles_view path = extension.path.view();
                if (shared_length(path, key.from(depth)) != path.size()) return {};
                link = &extension.child;
                place = {.path = key.first(depth + path.size()), .below_extension = true};
                break;
            }
            case NodeKind::branch:
                if (depth == key.size()) return {};
                link = &static_cast<Branch&>(*link->node).children[key[depth]];
                place = {.path = key.first(depth + 1), .below_extension = false};
                break;
        }
    }
}

Leaf* Trie::Spot::leaf() const noexcept {
    Node* const node = last().node;
    if (node == nullptr || node->kind != NodeKind::leaf) return nullptr;
    auto* const leaf = static_cast<Leaf*>(node);
    return std::ranges::equal(leaf->path.view(), rest()) ? leaf : nullptr;
}

Branch* Trie::Spot::branch() const noexcept {
    Node* const node = last().node;
    return node != nullptr && node->kind == NodeKind::branch ? static_cast<Branch*>(node) : nullptr;
}

bytes_view Trie::Spot::value() const noexcept {
    if (const Leaf* found = leaf()) return found->value.view();
    if (const Branch* found = branch()) return found->value;
    return {};
}

TrieResult<std::optional<bytes>> Trie::get(bytes_view key) {
    Spot spot;
    if (const auto located = locate(key, spot); !located) return std::unexpected(located.error());
    const bytes_view value = spot.value();
    if (value.empty()) return std::nullopt;
    return bytes{value.begin(), value.end()};
}

TrieResult<void> Trie::put(bytes_view key, bytes_view value) {
    if (value.empty()) return erase(key);
    Spot spot;
    if (const auto located = locate(key, spot); !located) return located;
    put(spot, value);
    return {};
}

void Trie::put(const Spot& spot, bytes_view value) {
    WEFT_ASSERT(!value.empty());
    Link& place = spot.last();
    if (place.node == nullptr) {
        place = Link::to(make_leaf(spot.rest(), value));
    } else if (Leaf* leaf = spot.leaf()) {
        if (std::ranges::equal(leaf->value.view(), value)) return;
        leaf->value.assign(value);
    } else if (Branch* branch = spot.branch()) {
        if (std::ranges::equal(branch->value, value)) return;
        branch->value.assign(value.begin(), value.end());
    } else {
        split(place, spot.key_, spot.depth(), value);
    }
    note_changes(spot.first(spot.count_));
}

/// Puts a branch where the path of a leaf or an extension parts from `key`, of which `depth` nibbles lie above.
void Trie::split(Link& link, const Path& key, size_t depth, bytes_view value) {
    Node* old = link.node;
    const bool is_leaf = old->kind == NodeKind::leaf;
    Path& path = is_leaf ? static_cast<Leaf*>(old)->path : static_cast<Extension*>(old)->path;
    const Path whole = path;
    const size_t shared = shared_length(whole.view(), key.from(depth));
    Branch* branch = pool_.branches.make();

    vacate(*old, key.first(depth));
    if (shared == whole.size()) {
        const bytes_view above = static_cast<Leaf*>(old)->value.view();
        branch->value.assign(above.begin(), above.end());
        release(old, key.first(depth));
    } else if (Link& below = branch->children[whole[shared]]; is_leaf || shared + 1 < whole.size()) {
        path.drop_front(shared + 1);
        below = Link::to(old);
    } else {
        below = static_cast<Extension*>(old)->child;
        release(old, key.first(depth));
    }

    const size_t fork = depth + shared;
    if (fork == key.size())
        branch->value.assign(value.begin(), value.end());
    else
        branch->children[key[fork]] = Link::to(make_leaf(key.from(fork + 1), value));

    Node* top = branch;
    if (shared != 0) top = make_extension(whole.view().first(shared), Link::to(branch));
    link = Link::to(top);
}

TrieResult<void> Trie::erase(bytes_view key) {
    Spot spot;
    if (const auto located = locate(key, spot); !located) return located;
    const Path& path = spot.key_;
    Link& place = spot.last();
    if (place.node == nullptr || place.node->kind == NodeKind::extension) return {};

    if (place.node->kind == NodeKind::branch) {
        auto& branch = static_cast<Branch&>(*place.node);
        if (branch.value.empty()) return {};
        if (branch.occupancy() == 2) return collapse(spot, spot.count_ - 1, nullptr);
        branch.value.clear();
        note_changes(spot.first(spot.count_));
        return {};
    }

    if (spot.leaf() == nullptr) return {};
    // The parent of a leaf is a branch: an extension leads to nothing else.
    const size_t parent_at = spot.count_ - 2;
    if (spot.count_ > 1 && static_cast<Branch*>(spot.links_[parent_at]->node)->occupancy() == 2) return collapse(spot, parent_at, &place);
    release(place.node, path.first(spot.depth()));
    place = Link{};
    note_changes(spot.first(spot.count_ - 1));
    return {};
}

/// Removes from the branch behind link `branch_at` on the way to a spot one of its two occupants, the child `removed` (null: the
/// branch's own value), and puts a single node in the place of the branch and of an extension above it.
TrieResult<void> Trie::collapse(const Spot& spot, size_t branch_at, const Link* removed) {
    const Path& key = spot.key_;
    auto& branch = static_cast<Branch&>(*spot.links_[branch_at]->node);
    const nibbles_view above_branch = key.first(spot.depths_[branch_at]);
    const auto survivor = merge_survivor(branch, removed, above_branch);
    if (!survivor) return std::unexpected(survivor.error());
    if (removed != nullptr) release(removed->node, key.first(above_branch.size() + 1));
    release(&branch, above_branch);

    size_t at = branch_at;
    if (at > 0 && spot.links_[at - 1]->node->kind == NodeKind::extension) {
        --at;
        auto& above = static_cast<Extension&>(*spot.links_[at]->node);
        Path& path = (*survivor)->kind == NodeKind::leaf ? static_cast<Leaf*>(*survivor)->path : static_cast<Extension*>(*survivor)->path;
        path.prepend(above.path.view());
        release(&above, key.first(spot.depths_[at]));
    }
    *spot.links_[at] = Link::to(*survivor);
    note_changes(spot.first(at));
    return {};
}

/// The leaf or extension that replaces `branch`, which lies at `above`, once `removed` is gone. On an error nothing has changed.
TrieResult<Node*> Trie::merge_survivor(Branch& branch, const Link* removed, nibbles_view above) {
    const auto found = std::ranges::find_if(branch.children, [removed](const Link& link) { return &link != removed && !link.is_empty(); });
    if (found == branch.children.end()) return make_leaf({}, branch.value);

    const auto nibble = static_cast<uint8_t>(found - branch.children.begin());
    const nibbles_view step{&nibble, 1};
    Path place{above};
    place.append(step);
    const auto node = load(*found, {.path = place.view()});
    if (!node) {
        if (node.error().kind != TrieError::Kind::missing_node || policy_ == MissingSibling::error) return node;
        ++assumed_siblings_;
        return make_extension(step, *found);
    }
    if ((*node)->kind == NodeKind::branch) return make_extension(step, *found);
    vacate(**node, place.view());
    Path& path = (*node)->kind == NodeKind::leaf ? static_cast<Leaf*>(*node)->path : static_cast<Extension*>(*node)->path;
    path.prepend(step);
    return node;
}

Leaf* Trie::make_leaf(nibbles_view path, bytes_view value) {
    Leaf* leaf = pool_.leaves.make();
    leaf->path = Path{path};
    leaf->value.assign(value);
    return leaf;
}

Extension* Trie::make_extension(nibbles_view path, Link child) {
    Extension* extension = pool_.extensions.make();
    extension->path = Path{path};
    extension->child = child;
    return extension;
}

/// Notes that what the store has at `place` for the node is not to stay there.
void Trie::vacate(Node& node, nibbles_view place) {
    if (!node.is_kept) return;
    vacated_.emplace_back(place.begin(), place.end());
    node.is_kept = false;
}

void Trie::release(Node* node, nibbles_view place) {
    vacate(*node, place);
    switch (node->kind) {
        case NodeKind::leaf:
            return pool_.leaves.release(static_cast<Leaf*>(node));
        case NodeKind::extension:
            return pool_.extensions.release(static_cast<Extension*>(node));
        case NodeKind::branch:
            return pool_.branches.release(static_cast<Branch*>(node));
    }
}

hash32 Trie::known_root() const noexcept {
    if (root_.is_empty()) return kEmptyRoot;
    const bytes_view item = root_.item();
    return item.size() == 33 ? fixed_from<hash32>(item.subspan(1)) : crypto::keccak256(item);
}

hash32 Trie::root() {
    refresh_references(root_);
    return known_root();
}

hash32 Trie::list_changes(const hash32& owner, NodeChanges& changes) {
    Listing alone{.trie = this, .owner = owner, .changes = &changes.changes};
    list_changes({&alone, 1}, *changes.memory);
    return alone.root;
}

void Trie::list_changes(std::span<Listing> tries, NodeMemory& memory) {
    std::vector<std::vector<NodeChange>> changes(tries.size());
    std::vector<ChangedPart> parts;
    parts.reserve(tries.size());
    for (size_t i = 0; i < tries.size(); ++i)
        parts.push_back({.top = &tries[i].trie->root_, .owner = tries[i].owner, .changes = &changes[i]});
    list_changed_nodes(parts, memory);
    for (size_t i = 0; i < tries.size(); ++i) {
        tries[i].trie->list_vacated(tries[i].owner, changes[i], memory);
        tries[i].root = tries[i].trie->known_root();
        if (tries[i].changes->empty())
            *tries[i].changes = std::move(changes[i]);
        else
            std::ranges::copy(changes[i], std::back_inserter(*tries[i].changes));
    }
}

/// Adds to sorted changes those of places that were left and where no other node has come.
void Trie::list_vacated(const hash32& owner, std::vector<NodeChange>& changes, NodeMemory& memory) {
    if (vacated_.empty()) return;
    std::ranges::sort(vacated_);
    const auto repeated = std::ranges::unique(vacated_);
    vacated_.erase(repeated.begin(), repeated.end());
    const auto is_less = [](const NodeChange& a, const NodeChange& b) { return std::ranges::lexicographical_compare(a.path, b.path); };
    std::vector<NodeChange> gone;
    for (const bytes& path : vacated_) {
        const NodeChange change{.owner = owner, .path = path, .encoded = {}};
        if (std::ranges::binary_search(changes, change, is_less)) continue;
        gone.push_back({.owner = owner, .path = memory.copy(path), .encoded = {}});
    }
    vacated_.clear();
    std::vector<NodeChange> all;
    all.reserve(changes.size() + gone.size());
    std::ranges::merge(changes, gone, std::back_inserter(all), is_less);
    changes = std::move(all);
}

}  // namespace weft::trie
