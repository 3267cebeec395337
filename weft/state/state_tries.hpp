// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/node_source.hpp"
#include "weft/trie/node_store.hpp"
#include "weft/trie/trie.hpp"
#include "weft/trie/witness.hpp"

#include <functional>
#include <optional>
#include <span>
#include <unordered_map>

namespace weft::state {

/// The trie of accounts and the storage tries of a state, which stay open while one difference after the other is applied: for the
/// intermediate state roots that receipts hold before Byzantium (EIP-658). Nodes are read when a difference first leads to them, and a
/// root hashes only what changed since the last one. The root after a whole block, on several threads and with what a store has to write,
/// is that of commit(), and the same.
///
/// Errors: as trie::Trie; TrieError::malformed_node without a name: a leaf that is no account or no word. After one that apply() gives,
/// nothing is known of the state. Throws std::bad_alloc.
///
/// Thread safety: none; also reads decode nodes and root() caches hashes.
class StateTries {
  public:
    /// Those of the empty state.
    StateTries() = default;
    /// Those of the state with that root; `nodes` outlives this.
    [[nodiscard]] static StateTries from_witness(const hash32& root, const trie::WitnessNodes& nodes,
                                                 trie::MissingSibling policy = trie::MissingSibling::error);
    /// Those of the state with that root whose tries `reader` reads; it outlives this.
    [[nodiscard]] static StateTries from_store(const hash32& root, trie::NodeReader& reader);

    /// nullopt: there is none.
    [[nodiscard]] trie::TrieResult<std::optional<trie::TrieAccount>> account(const address& addr);
    [[nodiscard]] trie::TrieResult<uint256> storage(const address& addr, const uint256& slot);

    [[nodiscard]] trie::TrieResult<void> apply(const StateDiff& diff);
    /// The state root (Yellow Paper, eq. 10).
    [[nodiscard]] hash32 root() { return accounts_.root(); }

    /// How many deletions relied on MissingSibling::assume_branch.
    [[nodiscard]] size_t assumed_siblings() const noexcept;

  private:
    /// The trie with that root of an owner (trie::kAccountTrie).
    using OpenTrie = std::function<trie::Trie(const hash32& root, const hash32& owner)>;

    StateTries(const hash32& root, OpenTrie open);

    [[nodiscard]] trie::Trie& storage_trie(const hash32& owner, const hash32& root);
    void drop_storage(const hash32& owner);
    [[nodiscard]] trie::TrieResult<void> put_account(const hash32& key, const AccountDiff& change, std::span<const hash32> slot_keys);

    OpenTrie open_ = [](const hash32&, const hash32&) { return trie::Trie{}; };
    trie::Trie accounts_;
    /// By owner: those that were looked into. Of others the leaf of the account names the root that they have in the source.
    std::unordered_map<hash32, trie::Trie> storages_;
    /// Of storage tries that are gone.
    size_t dropped_assumed_siblings_ = 0;
};

}  // namespace weft::state
