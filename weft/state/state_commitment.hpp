// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/crew.hpp"
#include "weft/base/thread_pool.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/state/trie_cache.hpp"
#include "weft/trie/node_source.hpp"
#include "weft/trie/node_store.hpp"

#include <utility>
#include <vector>

namespace weft::state {

/// What commits to a state after a difference, and what the store of its tries has to write.
struct StateCommitment {
    /// The state root (Yellow Paper, eq. 10).
    hash32 root;
    trie::NodeChanges nodes;
    /// Of the accounts that the difference names and that exist after it, in its order.
    std::vector<std::pair<address, hash32>> storage_roots;
};

/// The commitment to the state that `diff` makes of the one with that root, whose tries `nodes` reads. The cost follows what changes:
/// only the paths to changed accounts and slots are read and hashed. Whoever helps the crew takes part: storage tries side by side, the
/// trie of accounts and large storage tries in sixteen parts. The result is the same for any number of helpers.
///
/// With a cache, the tries that the commitment to the state with that root has left there are used, if they are, and left there again. What
/// `nodes` gives then lives as long as the memory that is passed to it, also without `nodes`.
///
/// Errors: the store fails, lacks a node or has another root; TrieError::malformed_node without a name: a leaf that is no account.
/// Throws std::bad_alloc.
[[nodiscard]] trie::TrieResult<StateCommitment> commit(const StateDiff& diff, const hash32& root, trie::NodeReader& nodes, Crew& crew,
                                                       TrieCache* cache = nullptr);

/// The same with that many threads of a pool.
[[nodiscard]] trie::TrieResult<StateCommitment> commit(const StateDiff& diff, const hash32& root, trie::NodeReader& nodes, ThreadPool& pool,
                                                       unsigned threads, TrieCache* cache = nullptr);

}  // namespace weft::state
