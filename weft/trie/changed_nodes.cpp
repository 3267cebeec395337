// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/changed_nodes.hpp"

#include "weft/base/prefetch.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace weft::trie {

namespace {

/// The encoding of a node whose children have references.
void append_node(bytes& buffer, const Node& node) {
    switch (node.kind) {
        case NodeKind::leaf: {
            const auto& leaf = static_cast<const Leaf&>(node);
            return append_leaf(buffer, leaf.path.view(), leaf.value.view());
        }
        case NodeKind::extension: {
            const auto& extension = static_cast<const Extension&>(node);
            return append_extension(buffer, extension.path.view(), extension.child.item());
        }
        case NodeKind::branch: {
            const auto& branch = static_cast<const Branch&>(node);
            BranchItems items;
            for (size_t i = 0; i < 16; ++i) items.children[i] = branch.children[i].item();
            items.value = branch.value;
            return append_branch(buffer, items);
        }
    }
}

/// Links that need a reference.
class Pending {
  public:
    /// Adds a link and those below it that `is_wanted` lets pass, which have nodes, and calls visit(path) for each, before those below it.
    /// Gives one more than the height of the node; zero: it is not wanted. Recursion is bounded by the length of keys: every level takes
    /// a nibble.
    template <typename IsWanted, typename Visit>
    size_t add(Link& link, Path& path, const IsWanted& is_wanted, const Visit& visit) {
        if (!is_wanted(link)) return 0;
        const size_t index = links_.size();
        links_.push_back(&link);
        heights_.push_back(0);
        visit(path);
        size_t height = 0;
        if (link.node->kind == NodeKind::extension) {
            auto& extension = static_cast<Extension&>(*link.node);
            path.append(extension.path.view());
            height = add(extension.child, path, is_wanted, visit);
            path.drop_back(extension.path.size());
        } else if (link.node->kind == NodeKind::branch) {
            auto& branch = static_cast<Branch&>(*link.node);
            for (const Link& child : branch.children)
                if (is_wanted(child)) prefetch(*child.node);
            for (uint8_t nibble = 0; nibble < 16; ++nibble) {
                if (!is_wanted(branch.children[nibble])) continue;
                path.append({&nibble, 1});
                height = std::max(height, add(branch.children[nibble], path, is_wanted, visit));
                path.drop_back(1);
            }
        }
        heights_[index] = static_cast<uint8_t>(height);
        ++ends_[height];
        return height + 1;
    }
    /// In the order in which they were added.
    [[nodiscard]] std::span<Link* const> links() const noexcept { return links_; }

    /// Makes all references. `take(i, encoding)` is called for the node of the link that was added as the i-th.
    template <typename Take>
    void make_all(const Take& take) {
        const std::vector<uint32_t> order = lowest_first();
        size_t begin = 0;
        for (const uint32_t end_of_height : ends_) {
            while (begin < end_of_height) {
                const size_t count = std::min<size_t>(kBatch, end_of_height - begin);
                make_batch(std::span{order}.subspan(begin, count), take);
                begin += count;
            }
        }
    }

  private:
    /// Small enough for its encodings to stay in the nearest caches.
    static constexpr size_t kBatch = 64;
    static constexpr size_t kAhead = 4;

    /// The links by the heights of their nodes, and in `ends_` where each height ends.
    [[nodiscard]] std::vector<uint32_t> lowest_first() {
        std::array<uint32_t, kMaxNibbles + 2> next{};
        for (size_t height = 1; height < ends_.size(); ++height) {
            next[height] = ends_[height - 1];
            ends_[height] += ends_[height - 1];
        }
        std::vector<uint32_t> order(links_.size());
        for (uint32_t i = 0; i < links_.size(); ++i) order[next[heights_[i]]++] = i;
        return order;
    }

    template <typename Take>
    void make_batch(std::span<const uint32_t> batch, const Take& take) {
        buffer_.clear();
        for (size_t i = 0; i < batch.size(); ++i) {
            Link& link = *links_[batch[i]];
            if (i + kAhead < batch.size()) prefetch(links_[batch[i + kAhead]]->node, sizeof(Leaf));
            append_node(buffer_, *link.node);
            references_[i] = &link.reference;
            sizes_[i] = buffer_.size();
        }
        for (size_t i = 0, start = 0; i < batch.size(); start = sizes_[i++])
            encodings_[i] = bytes_view{buffer_}.subspan(start, sizes_[i] - start);
        make_references(std::span{encodings_}.first(batch.size()), std::span{references_}.first(batch.size()));
        for (size_t i = 0; i < batch.size(); ++i) take(batch[i], encodings_[i]);
    }

    std::vector<Link*> links_;
    std::vector<uint8_t> heights_;
    /// First how many nodes there are of each height.
    std::array<uint32_t, kMaxNibbles + 2> ends_{};
    // Of a batch: the nodes one behind the other, and where each ends.
    bytes buffer_;
    std::array<size_t, kBatch> sizes_{};
    std::array<bytes_view, kBatch> encodings_;
    std::array<Reference*, kBatch> references_{};
};

}  // namespace

void refresh_references(Link& top) {
    Pending pending;
    Path path;
    pending.add(top, path, [](const Link& link) { return link.is_stale(); }, [](const Path& /*path*/) {});
    pending.make_all([](size_t /*i*/, bytes_view /*encoding*/) {});
}

void list_changed_nodes(std::span<const ChangedPart> parts, NodeMemory& memory) {
    Pending pending;
    std::vector<size_t> begins;
    for (const ChangedPart& part : parts) {
        begins.push_back(part.changes->size());
        Path path = part.above;
        pending.add(
            *part.top, path, [](const Link& link) { return link.is_changed; },
            [&](const Path& place) { part.changes->push_back({.owner = part.owner, .path = memory.copy(place.view()), .encoded = {}}); });
    }
    std::vector<NodeChange*> changes;
    changes.reserve(pending.links().size());
    for (size_t i = 0; i < parts.size(); ++i)
        for (NodeChange& change : std::span{*parts[i].changes}.subspan(begins[i])) changes.push_back(&change);
    pending.make_all([&](size_t i, bytes_view encoding) {
        const bool is_own_node = encoding.size() >= 32 || changes[i]->path.empty();
        if (is_own_node) changes[i]->encoded = memory.copy(encoding);
    });
    auto next = pending.links().begin();
    for (size_t i = 0; i < parts.size(); ++i) {
        std::vector<NodeChange>& listed = *parts[i].changes;
        size_t end = begins[i];
        for (size_t at = begins[i]; at < listed.size(); ++at) {
            Link& link = **next++;
            link.is_changed = false;
            Node& node = *link.node;
            const bool was_kept = node.is_kept;
            node.is_kept = !listed[at].encoded.empty();
            if (!was_kept && !node.is_kept) continue;
            listed[end] = listed[at];
            ++end;
        }
        listed.resize(end);
    }
}

}  // namespace weft::trie
