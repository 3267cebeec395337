// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_diff.hpp"
#include "weft/trie/memory_nodes.hpp"

#include <memory>
#include <string_view>

namespace weft::bench {

/// Tries in memory, and what a block changes in them.
struct RootWorkload {
    trie::MemoryNodes nodes;
    hash32 root;
    state::StateDiff diff;
};

/// The workload of that name; null: there is none.
///
///     transfers          balances of 2,860 among 5,000 accounts change
///     transfers-million  the same among a million accounts
///     large-storage      3,000 of 200,000 slots of one account change
///     small-storages     5 of 200 slots of each of 300 accounts change, among 1,000 such accounts
[[nodiscard]] std::unique_ptr<RootWorkload> make_root_workload(std::string_view name);

}  // namespace weft::bench
