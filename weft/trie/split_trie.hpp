// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/trie/trie.hpp"

#include <array>

namespace weft::trie {

/// A kept trie in sixteen parts, by the first nibble of keys, so that threads can change it at the same time: read and change the parts,
/// join() them, hash them, finish(). With reopen() it begins again.
///
/// Thread safety: different threads may use different parts at once, through part() and hash_parts(); all else is for one thread at a time.
class SplitTrie {
  public:
    static constexpr uint8_t kParts = 16;

    /// The trie with that root that is kept for `owner`; `reader` outlives it. Keys have 32 bytes. The root is read at once.
    [[nodiscard]] static TrieResult<SplitTrie> open(const hash32& root, const hash32& owner, NodeReader& reader);

    /// Holds the keys that begin with `nibble`. Only what gets, puts, erases and locates is of use.
    [[nodiscard]] Trie& part(uint8_t nibble) noexcept { return parts_[nibble]; }

    /// Puts the parts together. On an error the trie is of no more use.
    TrieResult<void> join();
    /// After join(): hashes what changed in `count` parts, nodes of all of them together.
    void hash_parts(uint8_t first, uint8_t count);
    /// After the parts were hashed: the root hash. Appends to `changes` what a store has to write, sorted by path.
    [[nodiscard]] hash32 finish(NodeChanges& changes);
    /// After finish(), when the store has what changed: goes on with a reader of that. False: the trie has become too small to have parts,
    /// and is of no more use.
    [[nodiscard]] bool reopen(NodeReader& reader);
    [[nodiscard]] size_t size_in_bytes() const noexcept;

  private:
    explicit SplitTrie(const hash32& owner) noexcept : owner_(owner) {}
    void unfold_root();
    void take_apart();

    hash32 owner_;
    /// After join() its nodes lie in the memory of parts too.
    std::array<Trie, kParts> parts_;
    std::array<bool, kParts> had_keys_{};
    std::array<std::vector<NodeChange>, kParts> changes_;
    /// What changes lie in: of parts that were hashed together, that of the first.
    std::array<NodeMemory, kParts> memories_;
    Trie whole_;
};

}  // namespace weft::trie
