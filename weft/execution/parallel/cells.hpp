// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/prefetch.hpp"
#include "weft/execution/parallel/counter.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"

#include <boost/container/small_vector.hpp>

#include <array>
#include <vector>

/// What MultiVersionMemory keeps, for its own sources and for who opens a version.
namespace weft::execution::parallel {

/// What one position changes in an account, or what several that follow each other change together. Fits a cache line.
struct MultiVersionMemory::AccountVersion {
    Position writer;                 ///< The last one.
    uint32_t incarnation;            ///< Of a single writer.
    Position wiped_by = kNobody;     ///< Who wiped the storage last.
    bool estimate : 1 = false;       ///< Of a single writer.
    bool exists : 1 = false;         ///< There is an account afterwards; otherwise `removed` or what was before decides.
    bool removed : 1 = false;        ///< The account went at some point: nothing from before shows through.
    bool storage_wiped : 1 = false;  ///< No storage from before shows through.
    bool stores : 1 = false;         ///< It has storage of its own.
    bool nonce_known : 1 = false;    ///< Otherwise it is as before.
    bool balance_known : 1 = false;  ///< Otherwise `balance` is to be added to what was before.
    uint64_t nonce = 0;
    const hash32* code_hash = nullptr;  ///< Null: as before. Lives in codes_.
    uint256 balance{};

    [[nodiscard]] bool is_balance_only() const noexcept { return !removed && !storage_wiped && !nonce_known && code_hash == nullptr; }
    /// Whether it may have changed one of `aspects`, of state::Observed.
    [[nodiscard]] bool concerns(uint8_t aspects) const noexcept;
    /// Afterwards this is what both change, `later` being of a single writer.
    void follow_by(const AccountVersion& later) noexcept;
    [[nodiscard]] std::optional<state::Account> over(const std::optional<state::Account>& base) const noexcept;
};

struct MultiVersionMemory::SlotVersion {
    Position writer;
    uint32_t incarnation : 30;
    bool early : 1;  ///< Of a writer that had not finished.
    bool estimate : 1;
    uint256 value;

    /// It never had a value.
    [[nodiscard]] bool is_mere_expectation() const noexcept { return estimate && incarnation == 0; }
};

/// What happens to credits to an account, or additions to a slot, by those who do not look at it.
enum class MultiVersionMemory::Sums : uint8_t {
    published,
    deferred,
    observed,  ///< They were deferred, until somebody looked at the balance, or the value.
};

/// The versions of settled writers are folded into one when the location is read, so that an account which every transaction of
/// the block writes is as quick to read as any other. Two cache lines for those who read what nobody writes, two more for the others.
struct alignas(64) MultiVersionMemory::AccountCell {
    address addr;
    sync::SpinLock lock;
    sync::Atomic<bool> has_base{false};   // set, under lock, once base is
    sync::Atomic<bool> is_listed{false};  // with what was written
    sync::Atomic<Sums> credits{Sums::published};
    sync::Atomic<uint32_t> changes{0};  // set, under lock, before what it counts
    uint32_t accepted_credits = kNone;  // number of the sum that is not published yet; the committer's
    std::optional<state::Account> base;
    SlotRun* changed = nullptr;  // guarded by lock; of use to diff() alone
    uint64_t hash = 0;
    boost::container::small_vector<AccountVersion, 1> versions;  // guarded by lock

    void begin(const address& address, uint64_t address_hash) {
        addr = address;
        hash = address_hash;
        // Relaxed: nobody else knows the cell yet.
        has_base.store(false, sync::kRelaxed);
        is_listed.store(false, sync::kRelaxed);
        credits.store(Sums::published, sync::kRelaxed);
        changed = nullptr;
        accepted_credits = kNone;
        changes.store(0, sync::kRelaxed);
        versions.clear();
        // Mostly it is written soon.
        prefetch_to_write(versions.data()->balance);
    }
    /// Folds what positions below `end_of_settled` wrote.
    void fold(Position end_of_settled) {
        if (versions.size() >= 2) fold_several(end_of_settled);
    }
    void fold_several(Position end_of_settled);
};

struct alignas(64) MultiVersionMemory::SlotCell {
    AccountCell* account = nullptr;
    uint256 slot;
    uint256 base;
    sync::SpinLock lock;
    sync::Atomic<bool> has_base{false};  // set, under lock, once base is
    sync::Atomic<Sums> additions{Sums::published};
    // While it is contended: how often a writer stores something, at most. 0: that is not known; or it is kNeverEarly.
    sync::Atomic<uint8_t> stores{0};
    sync::Atomic<uint8_t> fewer_stores{0};  // so many writers in a row stored less often
    sync::Atomic<Contention> contention{Contention{}};
    RelativeUses relative_uses;
    sync::Atomic<uint32_t> changes{0};  // set, under lock, before what it counts
    sync::Atomic<Position> last_writer{0};
    uint32_t accepted_additions = kNone;                      // number of the sum that is not published yet; the committer's
    Counter counter;                                          // guarded by lock; of use while the slot is contended
    boost::container::small_vector<SlotVersion, 1> versions;  // guarded by lock

    void begin(AccountCell& owner, const uint256& key) {
        account = &owner;
        slot = key;
        // Relaxed: nobody else knows the cell yet.
        has_base.store(false, sync::kRelaxed);
        additions.store(Sums::published, sync::kRelaxed);
        accepted_additions = kNone;
        stores.store(sync::limit(uint8_t{0}, uint8_t{1}), sync::kRelaxed);
        fewer_stores.store(0, sync::kRelaxed);
        contention.store({}, sync::kRelaxed);
        relative_uses.begin();
        changes.store(0, sync::kRelaxed);
        counter.begin();
        versions.clear();
    }
};

/// Cells are kept from block to block with their buffers.
class MultiVersionMemory::CellPool {
    friend class MultiVersionMemory;
    state::Pool<AccountCell> accounts_;
    state::Pool<SlotCell> slots_;
    // What was written by who takes cells here, each cell in one pool's list and once; a version of it need not have stayed.
    std::array<std::vector<WrittenAccount>, kDigits> written_accounts_;  // by the first hexadecimal digit of the address
    std::vector<SlotCell*> written_slots_;
};

/// Where the versions at and above `position` begin.
template <typename Versions>
auto lower_bound(Versions& versions, Position position) noexcept {
    // From the end: most readers and writers come after the others.
    auto at = versions.end();
    while (at != versions.begin() && (at - 1)->writer >= position) --at;
    return at;
}

/// Whoever reads the cell from now on learns something else; its lock is held. Returns the count before.
template <typename Cell>
uint32_t count_change(Cell& cell) noexcept {
    const uint32_t before = cell.changes.load(sync::kRelaxed);
    // Release: who sees the old count has not read what comes next. Nobody else writes.
    cell.changes.store(before + 1, sync::kRelease);
    return before;
}

}  // namespace weft::execution::parallel
