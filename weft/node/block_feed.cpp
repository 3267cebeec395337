// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/node/block_feed.hpp"

#include <utility>

namespace weft::node {

BlockFeed::BlockFeed(BlockSource& source, const FeedLimits& limits) : source_(source), limits_(limits) {
    threads_.emplace_back([this] { read(); });
    for (unsigned i = 0; i < limits_.recoverers; ++i) threads_.emplace_back([this] { recover(); });
}

BlockFeed::~BlockFeed() {
    {
        const sync::LockGuard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (sync::Thread& thread : threads_) thread.join();
}

void BlockFeed::read() {
    while (true) {
        auto item = source_.next();
        if (item && *item) {
            if (!put(std::move(**item))) return;
            continue;
        }
        {
            const sync::LockGuard lock(mutex_);
            has_ended_ = true;
            if (!item) failure_ = item.error();
        }
        changed_.notify_all();
        return;
    }
}

bool BlockFeed::put(SourceItem item) {
    auto entry = std::make_shared<Entry>();
    entry->item = std::move(item);
    if (entry->item.block) entry->recovery.emplace(entry->item.block->block.transactions, entry->item.block->revision);
    {
        sync::UniqueLock lock(mutex_);
        const auto has_room = [&] { return ready_.empty() || (ready_.size() < limits_.blocks && bytes_ + entry->size() <= limits_.bytes); };
        changed_.wait(lock, [&] { return has_room() || stopping_; });
        if (stopping_) return false;
        bytes_ += entry->size();
        if (entry->recovery && !entry->recovery->senders().empty()) unrecovered_.push_back(entry);
        ready_.push_back(std::move(entry));
    }
    changed_.notify_all();
    return true;
}

void BlockFeed::recover() {
    sync::UniqueLock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return !unrecovered_.empty() || stopping_; });
        if (stopping_) return;
        const std::shared_ptr<Entry> entry = unrecovered_.front();
        lock.unlock();
        entry->recovery->work();
        lock.lock();
        // All senders have been taken, by this thread or others: nobody needs to come for more.
        if (!unrecovered_.empty() && unrecovered_.front() == entry) unrecovered_.pop_front();
    }
}

Result<std::optional<FedItem>> BlockFeed::next() {
    std::shared_ptr<Entry> entry;
    {
        sync::UniqueLock lock(mutex_);
        changed_.wait(lock, [&] { return !ready_.empty() || has_ended_; });
        if (ready_.empty()) {
            if (failure_) return std::unexpected(*failure_);
            return std::nullopt;
        }
        entry = std::move(ready_.front());
        ready_.pop_front();
        bytes_ -= entry->size();
    }
    changed_.notify_all();
    FedItem fed;
    if (entry->recovery) {
        const auto senders = entry->recovery->await_all();
        fed.senders = {.revision = entry->item.block->revision, .senders = {senders.begin(), senders.end()}};
    }
    fed.item = std::move(entry->item);
    return fed;
}

}  // namespace weft::node
