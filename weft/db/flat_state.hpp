// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/db/clock_cache.hpp"
#include "weft/db/records.hpp"
#include "weft/db/tables.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace weft::db {

/// Values of the flat state after a commit.
struct FlatUpdates {
    std::vector<std::pair<address, std::optional<AccountRecord>>> accounts;
    std::vector<std::pair<SlotKey, uint256>> slots;
};

/// Accounts and slots at the head, with a cache before the tables.
///
/// Thread safety: any number of threads may read at any time. update() and forget_all() are called by one thread at a time.
/// Invariants: outside of an update, what the cache holds is what the tables hold. A reader may have read the tables before an update and
/// put the value into the cache after it: it does so only if `generation_` is even and what it was before it read.
class FlatState {
  public:
    FlatState(const kv::Reader& reader, uint64_t cache_bytes);

    [[nodiscard]] Expected<std::optional<AccountRecord>> account(const address& addr);
    /// The value of a slot; zero where nothing is stored.
    [[nodiscard]] Expected<uint256> slot(const SlotKey& key);
    /// The same out of the cache alone; nullopt: it is not there.
    [[nodiscard]] std::optional<std::optional<AccountRecord>> cached_account(const address& addr) { return accounts_.peek(addr); }
    [[nodiscard]] std::optional<uint256> cached_slot(const SlotKey& key) { return slots_.peek(key); }

    /// Calls `write`, which writes the tables, and takes over the values if it succeeds.
    template <typename Write>
    [[nodiscard]] Expected<void> update(const FlatUpdates& updates, Write&& write) {
        const Updating updating(generation_);
        if (auto written = write(); !written) return written;
        for (const auto& [addr, record] : updates.accounts) accounts_.put(addr, record);
        for (const auto& [key, value] : updates.slots) slots_.put(key, value);
        return {};
    }
    /// The same where it is not known what changes: nothing stays in the cache.
    template <typename Write>
    [[nodiscard]] Expected<void> replace(Write&& write) {
        const Updating updating(generation_);
        auto written = write();
        accounts_.clear();
        slots_.clear();
        return written;
    }

    [[nodiscard]] auto account_counts() const { return accounts_.counts(); }
    [[nodiscard]] auto slot_counts() const { return slots_.counts(); }

  private:
    struct Updating {
        explicit Updating(sync::Atomic<uint64_t>& of) : generation(of) { ++generation; }
        Updating(const Updating&) = delete;
        Updating& operator=(const Updating&) = delete;
        ~Updating() { ++generation; }
        sync::Atomic<uint64_t>& generation;
    };

    [[nodiscard]] auto unchanged_since(uint64_t generation) const {
        return [this, generation] { return generation % 2 == 0 && generation_ == generation; };
    }

    TableReader tables_;
    ClockCache<address, std::optional<AccountRecord>> accounts_;
    ClockCache<SlotKey, uint256> slots_;
    sync::Atomic<uint64_t> generation_{0};
};

/// Reads of a value in the tables, whatever stands before them.
[[nodiscard]] Expected<std::optional<AccountRecord>> read_account(const TableReader& tables, const address& addr);
[[nodiscard]] Expected<uint256> read_slot(const TableReader& tables, const SlotKey& key);

}  // namespace weft::db
