// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/slow_view.hpp"

#include <thread>

namespace weft::workloads {

void SlowView::forget() {
    for (Shard& shard : shards_) shard.known.clear();
}

uint64_t SlowView::cold_reads() const {
    uint64_t reads = 0;
    for (const Shard& shard : shards_) reads += shard.known.size();
    return reads;
}

void SlowView::pass_time(const Location& location) {
    Shard& shard = shards_[hash_value(location) % shards_.size()];
    {
        const sync::LockGuard lock(shard.lock);
        if (!shard.known.insert(location).second) return;
    }
    // Not one thread waiting for another, but a device at work.
    std::this_thread::sleep_for(latency_);
}

state::ReadResult<std::optional<state::Account>> SlowView::account(const address& addr) {
    pass_time({.kind = Location::Kind::account, .addr = addr, .word = {}});
    return base_.account(addr);
}

state::ReadResult<uint256> SlowView::storage(const address& addr, const uint256& slot) {
    pass_time({.kind = Location::Kind::slot, .addr = addr, .word = slot});
    return base_.storage(addr, slot);
}

state::ReadResult<const state::Code*> SlowView::code(const hash32& code_hash) {
    pass_time({.kind = Location::Kind::code, .addr = {}, .word = to_uint256(code_hash)});
    return base_.code(code_hash);
}

}  // namespace weft::workloads
