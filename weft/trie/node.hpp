// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/bytes.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/node_codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

/// The nodes of a mutable trie and the pool they live in: the inside of Trie, of no use without it.
namespace weft::trie {

/// Keys have at most this many nibbles: the 32 bytes of a hash.
inline constexpr size_t kMaxNibbles = 64;

/// A sequence of at most kMaxNibbles nibbles.
class Path {
  public:
    Path() = default;
    explicit Path(nibbles_view nibbles) noexcept {
        WEFT_ASSERT(nibbles.size() <= kMaxNibbles);
        std::ranges::copy(nibbles, nibbles_.begin());
        size_ = static_cast<uint8_t>(nibbles.size());
    }
    [[nodiscard]] static Path of_key(bytes_view key) noexcept {
        WEFT_ASSERT(2 * key.size() <= kMaxNibbles);
        Path path;
        unpack_nibbles(key, path.nibbles_.data());
        path.size_ = static_cast<uint8_t>(2 * key.size());
        return path;
    }

    [[nodiscard]] size_t size() const noexcept { return size_; }
    [[nodiscard]] nibbles_view view() const noexcept { return {nibbles_.data(), size_}; }
    [[nodiscard]] nibbles_view from(size_t start) const noexcept { return view().subspan(start); }
    [[nodiscard]] nibbles_view first(size_t count) const noexcept { return view().first(count); }
    uint8_t operator[](size_t i) const noexcept { return nibbles_[i]; }

    /// Puts `head` in front of the nibbles that are there.
    void prepend(nibbles_view head) noexcept {
        WEFT_ASSERT(head.size() + size_ <= kMaxNibbles);
        std::copy_backward(nibbles_.begin(), nibbles_.begin() + size_, nibbles_.begin() + size_ + head.size());
        std::ranges::copy(head, nibbles_.begin());
        size_ = static_cast<uint8_t>(size_ + head.size());
    }
    void append(nibbles_view tail) noexcept {
        WEFT_ASSERT(tail.size() + size_ <= kMaxNibbles);
        std::ranges::copy(tail, nibbles_.begin() + size_);
        size_ = static_cast<uint8_t>(size_ + tail.size());
    }
    void drop_back(size_t count) noexcept { size_ = static_cast<uint8_t>(size_ - count); }
    void drop_front(size_t count) noexcept {
        std::copy(nibbles_.begin() + count, nibbles_.begin() + size_, nibbles_.begin());
        size_ = static_cast<uint8_t>(size_ - count);
    }

  private:
    uint8_t size_ = 0;
    std::array<uint8_t, kMaxNibbles> nibbles_{};
};

[[nodiscard]] inline size_t shared_length(nibbles_view a, nibbles_view b) noexcept {
    return static_cast<size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

enum class NodeKind : uint8_t { leaf, extension, branch };

/// The part that all kinds of nodes share.
struct Node {
    explicit Node(NodeKind node_kind) noexcept : kind(node_kind) {}

    NodeKind kind;
    /// The store has a node of its own where this one lies: this one as it was, if it is changed.
    bool is_kept = false;
};

/// A place for a child: empty, or a child that is in the pool, once it was needed. What the parent has to know of it to be hashed is here,
/// so that nobody looks at children that have not changed.
struct Link {
    /// To a node that is new in this place.
    [[nodiscard]] static Link to(Node* node) noexcept { return {.node = node, .is_changed = true}; }

    [[nodiscard]] bool is_empty() const noexcept { return node == nullptr && !reference.is_known(); }
    /// The child has no reference yet.
    [[nodiscard]] bool is_stale() const noexcept { return node != nullptr && !reference.is_known(); }
    /// The encoded item that names the child; empty for no child. Not for stale links.
    [[nodiscard]] bytes_view item() const noexcept { return reference.item(); }
    /// The node or something below it is no longer what it was.
    void note_change() noexcept {
        reference.forget();
        is_changed = true;
    }

    Node* node = nullptr;
    Reference reference{};
    /// Since the node was read or last listed as changed.
    bool is_changed = false;
};

/// The value of a leaf. Accounts and words of storage lie in the node itself.
class LeafValue {
  public:
    [[nodiscard]] bytes_view view() const noexcept { return long_.empty() ? bytes_view{short_.data(), size_} : bytes_view{long_}; }
    void assign(bytes_view value) {
        if (value.size() > short_.size()) {
            long_.assign(value.begin(), value.end());
            return;
        }
        long_.clear();
        std::memcpy(short_.data(), value.data(), value.size());
        size_ = static_cast<uint8_t>(value.size());
    }

  private:
    bytes long_;  ///< Empty: the value is short.
    uint8_t size_ = 0;
    std::array<uint8_t, kLongestAccount> short_{};
};

struct Leaf : Node {
    Leaf() noexcept : Node(NodeKind::leaf) {}
    Path path;
    LeafValue value;
};

/// Its path is never empty and its child is always a branch.
struct Extension : Node {
    Extension() noexcept : Node(NodeKind::extension) {}
    Path path;
    Link child;
};

/// Children and value together are at least two.
struct Branch : Node {
    Branch() noexcept : Node(NodeKind::branch) {}
    std::array<Link, 16> children;
    bytes value;

    [[nodiscard]] size_t occupancy() const noexcept {
        const auto used = std::ranges::count_if(children, [](const Link& link) { return !link.is_empty(); });
        return static_cast<size_t>(used) + (value.empty() ? 0 : 1);
    }
};

/// Objects of one kind at stable addresses, in slabs that grow with their number.
template <typename T>
class Pool {
  public:
    T* make() {
        if (!free_.empty()) {
            T* reused = free_.back();
            free_.pop_back();
            return reused;
        }
        if (used_ == slab_size_) {
            slab_size_ = std::clamp<size_t>(2 * slab_size_, 4, 256);
            slabs_.push_back(std::make_unique_for_overwrite<T[]>(slab_size_));
            size_ += slab_size_;
            used_ = 0;
        }
        return &slabs_.back()[used_++];
    }
    void release(T* object) {
        *object = T{};
        free_.push_back(object);
    }
    [[nodiscard]] size_t size_in_bytes() const noexcept { return size_ * sizeof(T); }

  private:
    std::vector<std::unique_ptr<T[]>> slabs_;
    std::vector<T*> free_;
    size_t slab_size_ = 0;
    size_t used_ = 0;
    size_t size_ = 0;  ///< Of all slabs, in objects.
};

struct NodePool {
    Pool<Leaf> leaves;
    Pool<Extension> extensions;
    Pool<Branch> branches;

    [[nodiscard]] size_t size_in_bytes() const noexcept {
        return leaves.size_in_bytes() + extensions.size_in_bytes() + branches.size_in_bytes();
    }
};

}  // namespace weft::trie
