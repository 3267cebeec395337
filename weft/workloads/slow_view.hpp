// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/state/state_view.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <array>
#include <chrono>

namespace weft::workloads {

/// Another view's answers as from a slow store with a cache: the first question about each account, slot and code takes a given time,
/// in which the asking thread sleeps; later ones come at once. Hashes of blocks come at once.
///
/// Thread safety: any thread may ask; forget() while nobody does.
/// Invariants: a location is in the set of its shard from its first question on.
class SlowView final : public state::StateView {
  public:
    /// `base` outlives this.
    SlowView(state::StateView& base, std::chrono::microseconds latency) : base_(base), latency_(latency) {}

    /// Empties the cache.
    void forget();
    /// How many questions took their time since.
    [[nodiscard]] uint64_t cold_reads() const;

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override;
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override;
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override { return base_.block_hash(number); }
    void wait(const state::ReadError& error) override { base_.wait(error); }

  private:
    /// An account, a slot of an account, or the hash of a code.
    struct Location {
        enum class Kind : uint8_t { account, slot, code } kind;
        address addr;
        uint256 word;

        friend bool operator==(const Location&, const Location&) noexcept = default;
        friend size_t hash_value(const Location& location) noexcept {
            return weft::hash_value(location.addr) ^ weft::hash_value(location.word) ^ static_cast<size_t>(location.kind);
        }
    };
    struct alignas(sync::kCacheLine) Shard {
        sync::SpinLock lock;
        boost::unordered_flat_set<Location> known;  // guarded by lock
    };

    void pass_time(const Location& location);

    state::StateView& base_;
    std::chrono::microseconds latency_;
    std::array<Shard, 64> shards_;
};

}  // namespace weft::workloads
