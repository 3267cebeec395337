// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/chain/block_tree.hpp"
#include "weft/node/block_source.hpp"
#include "weft/types/sender_recovery.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace weft::node {

struct FeedLimits {
    /// Blocks that are read ahead, and the bytes of their encodings. One is read whatever its size.
    size_t blocks = 64;
    size_t bytes = size_t{32} << 20;
    /// Threads that recover senders, beside the one that reads and decodes.
    unsigned recoverers = 1;
};

/// An item with the senders of its block.
struct FedItem {
    SourceItem item;
    chain::RecoveredSenders senders;
};

/// Reads blocks and recovers their senders ahead of whoever takes them.
///
/// Thread safety: next() by one thread.
/// Invariants: what lies in `ready_` is within the limits; the block of an entry is moved away only when all its senders are recovered,
/// after which no recoverer looks at its transactions any more.
class BlockFeed {
  public:
    /// `source` outlives this, and is not touched by anybody else meanwhile.
    BlockFeed(BlockSource& source, const FeedLimits& limits);
    BlockFeed(const BlockFeed&) = delete;
    BlockFeed& operator=(const BlockFeed&) = delete;
    /// Stops reading.
    ~BlockFeed();

    /// As BlockSource::next().
    [[nodiscard]] Result<std::optional<FedItem>> next();

  private:
    struct Entry {
        SourceItem item;
        std::optional<types::SenderRecovery> recovery;

        [[nodiscard]] size_t size() const noexcept { return item.block ? item.block->encoded_size : 0; }
    };

    void read();
    /// False: there is nothing to put it in for any more.
    [[nodiscard]] bool put(SourceItem item);
    void recover();

    BlockSource& source_;
    const FeedLimits limits_;

    sync::Mutex mutex_;
    sync::ConditionVariable changed_;
    std::deque<std::shared_ptr<Entry>> ready_;        // guarded by mutex_
    std::deque<std::shared_ptr<Entry>> unrecovered_;  // guarded by mutex_; the oldest first
    size_t bytes_ = 0;                                // guarded by mutex_; of ready_
    bool has_ended_ = false;                          // guarded by mutex_; nothing is added to ready_ any more
    std::optional<Error> failure_;                    // guarded by mutex_; comes after ready_
    bool stopping_ = false;                           // guarded by mutex_
    std::vector<sync::Thread> threads_;
};

}  // namespace weft::node
