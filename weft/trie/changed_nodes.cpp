// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/changed_nodes.hpp"

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

/// Calls visit(node, path, level) for a node and those below it that `is_wanted` lets pass, each before its children. Recursion is bounded
/// by the length of keys: every level takes a nibble.
template <typename IsWanted, typename Visit>
void visit_nodes(const Link& link, Path& path, size_t level, const IsWanted& is_wanted, const Visit& visit) {
    if (!is_wanted(link)) return;
    visit(*link.node, path, level);
    if (link.node->kind == NodeKind::extension) {
        const auto& extension = static_cast<const Extension&>(*link.node);
        path.append(extension.path.view());
        visit_nodes(extension.child, path, level + 1, is_wanted, visit);
        path.drop_back(extension.path.size());
    } else if (link.node->kind == NodeKind::branch) {
        const auto& branch = static_cast<const Branch&>(*link.node);
        for (uint8_t nibble = 0; nibble < 16; ++nibble) {
            if (!is_wanted(branch.children[nibble])) continue;
            path.append({&nibble, 1});
            visit_nodes(branch.children[nibble], path, level + 1, is_wanted, visit);
            path.drop_back(1);
        }
    }
}

/// Nodes that need a reference, parents before their children.
class Pending {
  public:
    void add(Node& node, size_t level) {
        nodes_.push_back(&node);
        levels_.push_back(static_cast<uint8_t>(level));
        ++starts_[level];
    }
    [[nodiscard]] std::span<Node* const> nodes() const noexcept { return nodes_; }

    /// Makes all references. `take(i, encoding)` is called for the node that was added as the i-th.
    template <typename Take>
    void make_all(const Take& take) {
        if (nodes_.empty()) return;
        const std::vector<uint32_t> order = deepest_first();
        size_t begin = 0;
        while (begin < order.size()) {
            const uint8_t level = levels_[order[begin]];
            size_t end = begin;
            while (end < order.size() && end - begin < kBatch && levels_[order[end]] == level) ++end;
            make_batch(std::span{order}.subspan(begin, end - begin), take);
            begin = end;
        }
    }

  private:
    /// Small enough for its encodings to stay in the nearest caches.
    static constexpr size_t kBatch = 64;

    [[nodiscard]] std::vector<uint32_t> deepest_first() {
        uint32_t start = 0;
        for (size_t level = starts_.size(); level-- > 0;) {
            const uint32_t count = starts_[level];
            starts_[level] = start;
            start += count;
        }
        std::vector<uint32_t> order(nodes_.size());
        for (uint32_t i = 0; i < nodes_.size(); ++i) order[starts_[levels_[i]]++] = i;
        return order;
    }

    template <typename Take>
    void make_batch(std::span<const uint32_t> batch, const Take& take) {
        buffer_.clear();
        std::array<size_t, kBatch + 1> offsets{};
        for (size_t i = 0; i < batch.size(); ++i) {
            append_node(buffer_, *nodes_[batch[i]]);
            offsets[i + 1] = buffer_.size();
        }
        std::array<bytes_view, kBatch> encodings;
        std::array<Reference, kBatch> references;
        for (size_t i = 0; i < batch.size(); ++i) encodings[i] = bytes_view{buffer_}.subspan(offsets[i], offsets[i + 1] - offsets[i]);
        make_references(std::span{encodings}.first(batch.size()), std::span{references}.first(batch.size()));
        for (size_t i = 0; i < batch.size(); ++i) {
            nodes_[batch[i]]->reference = references[i];
            take(batch[i], encodings[i]);
        }
    }

    std::vector<Node*> nodes_;
    std::vector<uint8_t> levels_;
    std::array<uint32_t, kMaxNibbles + 2> starts_{};
    bytes buffer_;
};

}  // namespace

void refresh_references(Link& top) {
    Pending pending;
    Path path;
    visit_nodes(
        top, path, 0, [](const Link& link) { return link.is_stale(); },
        [&](Node& node, const Path& /*path*/, size_t level) { pending.add(node, level); });
    pending.make_all([](size_t /*i*/, bytes_view /*encoding*/) {});
}

void list_changed_nodes(std::span<const ChangedPart> parts) {
    Pending pending;
    std::vector<NodeChange> all;
    std::vector<size_t> ends;
    for (const ChangedPart& part : parts) {
        Path path = part.above;
        visit_nodes(
            *part.top, path, 0, [](const Link& link) { return link.is_changed(); },
            [&](Node& node, const Path& place, size_t level) {
                pending.add(node, level);
                all.push_back({.owner = part.owner, .path = {place.view().begin(), place.view().end()}, .encoded = {}});
            });
        ends.push_back(all.size());
    }
    const auto is_own_node = [](bytes_view encoding, const NodeChange& change) { return encoding.size() >= 32 || change.path.empty(); };
    pending.make_all([&](size_t i, bytes_view encoding) {
        if (is_own_node(encoding, all[i])) all[i].encoded.assign(encoding.begin(), encoding.end());
    });
    size_t i = 0;
    for (size_t part = 0; part < parts.size(); ++part) {
        std::vector<NodeChange>& changes = *parts[part].changes;
        changes.reserve(changes.size() + ends[part] - i);
        for (; i < ends[part]; ++i) {
            Node& node = *pending.nodes()[i];
            const bool was_kept = node.is_kept;
            node.is_changed = false;
            node.is_kept = !all[i].encoded.empty();
            if (was_kept || node.is_kept) changes.push_back(std::move(all[i]));
        }
    }
}

}  // namespace weft::trie
