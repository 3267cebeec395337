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

    /// Keeps the memory, unless it is large.
    void clear() noexcept;
};

/// Accounts and slots at the head, with a cache before the tables.
///
/// Thread safety: any number of threads may read at any time. update() and replace() are called by one thread at a time.
/// Invariants: outside of an update, what the cache holds is what the tables hold. An update writes the tables first and takes over the
/// values next, which `generation_` counts as phases. Who reads puts what the tables said into the cache only if the phase, looked at under
/// the lock of the entry, is still that before the read, and not that of taking over: so it is there before an update begins, or in
/// time for being replaced if it is among the values that are taken over.
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
        Updating updating(*this);
        if (auto written = write(); !written) return written;
        updating.take_over();
        for (const auto& [addr, record] : updates.accounts) accounts_.put(addr, record);
        for (const auto& [key, value] : updates.slots) slots_.put(key, value);
        return {};
    }
    /// The same where it is not known what changes: nothing stays in the cache.
    template <typename Write>
    [[nodiscard]] Expected<void> replace(Write&& write) {
        const Updating updating(*this);
        return write();
    }

    [[nodiscard]] auto account_counts() const { return accounts_.counts(); }
    [[nodiscard]] auto slot_counts() const { return slots_.counts(); }

  private:
    /// What generation_ is, modulo their number.
    enum Phase : uint8_t { kAtRest, kWriting, kTakingOver, kPhases };

    /// From at rest to at rest. Where nothing is taken over, nothing stays in the cache: what was read meanwhile may be anything.
    class Updating {
      public:
        explicit Updating(FlatState& state) : state_(state) { ++state_.generation_; }
        Updating(const Updating&) = delete;
        Updating& operator=(const Updating&) = delete;
        ~Updating() {
            if (!is_taken_over_) {
                ++state_.generation_;
                state_.accounts_.clear();
                state_.slots_.clear();
            }
            ++state_.generation_;
        }
        void take_over() {
            ++state_.generation_;
            is_taken_over_ = true;
        }

      private:
        FlatState& state_;
        bool is_taken_over_ = false;
    };

    [[nodiscard]] auto unchanged_since(uint64_t generation) const {
        return [this, generation] { return generation % kPhases != kTakingOver && generation_ == generation; };
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
